package dev.patronus.policy.rule;

import dev.patronus.json.Json;
import dev.patronus.json.UnreadableJson;
import dev.patronus.policy.rule.PathPreference.Custom;
import dev.patronus.policy.rule.PathPreference.Single;
import java.util.List;
import java.util.Set;

/// Reads the JSON of `path_preference`: a name, or `{"Custom": {weights}}`.
final class PreferenceReader {
  private static final String CUSTOM = "Custom";
  private static final List<String> WEIGHTS =
      List.of("latency_weight", "jitter_weight", "loss_weight", "bandwidth_weight", "cost_weight");

  private PreferenceReader() {}

  static Preference read(String text) {
    try {
      return preference(Json.parse(text, RulesReader.LENGTH_MAX));
    } catch (UnreadableJson | IllegalArgumentException e) {
      return new Invalid(String.valueOf(e.getMessage()));
    }
  }

  private static PathPreference preference(Json json) {
    return switch (json) {
      case Json.Text(String name) -> single(name);
      case Json.Obj object when object.members().keySet().equals(Set.of(CUSTOM)) ->
          custom(object.object(CUSTOM));
      case Json.Obj _, Json.Arr _, Json.Num _, Json.Bool _, Json.Null _ ->
          throw new UnreadableJson(
              "must be a name or {\"Custom\": {weights}}, is " + Excerpt.excerpt(json));
    };
  }

  private static Single single(String name) {
    for (Single known : Single.values()) {
      if (known.toString().equals(name)) {
        return known;
      }
    }
    throw new UnreadableJson(
        "unknown preference '"
            + Excerpt.cut(name)
            + "'; try LowestLatency, HighestBandwidth, LowestPacketLoss, LowestCost or Custom");
  }

  private static Custom custom(Json.Obj weights) {
    for (String name : weights.members().keySet()) {
      if (!WEIGHTS.contains(name)) {
        throw new UnreadableJson(
            "unknown weight '" + Excerpt.cut(name) + "'; there are " + String.join(", ", WEIGHTS));
      }
    }
    return new Custom(
        weights.number("latency_weight").toDouble(),
        weights.number("jitter_weight").toDouble(),
        weights.number("loss_weight").toDouble(),
        weights.number("bandwidth_weight").toDouble(),
        weights.number("cost_weight").toDouble());
  }
}
