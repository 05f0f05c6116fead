package dev.patronus.policy.rule;

import dev.patronus.flow.IpPrefix;
import dev.patronus.json.Json;
import dev.patronus.json.UnreadableJson;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Reads the JSON of `match_rules` and collects what is wrong with it, field by field.
///
/// A name that is not known is refused, too: it may be a condition that the platform learned after
/// us, and a rule read without one of its conditions would take flows that are not its own.
final class RulesReader {
  /// The most characters of rules or a preference.
  static final int LENGTH_MAX = 64 << 10;

  private static final List<String> KNOWN =
      Arrays.stream(RuleField.values()).map(RuleField::toString).toList();

  private final Json.Obj object;
  private final List<String> problems = new ArrayList<>();

  private RulesReader(Json.Obj object) {
    this.object = object;
  }

  static Rules read(String text) {
    try {
      if (Json.parse(text, LENGTH_MAX) instanceof Json.Obj object) {
        return new RulesReader(object).rules();
      }
      return new Invalid("must be an object, is " + Excerpt.cut(text.strip()));
    } catch (UnreadableJson e) {
      return new Invalid("not JSON: " + e.getMessage());
    }
  }

  private Rules rules() {
    refuseUnknownNames();
    MatchRules rules =
        new MatchRules(
            field(RuleField.SRC_IP, RulesReader::block),
            field(RuleField.DST_IP, RulesReader::block),
            toInt(field(RuleField.SRC_PORT, RulesReader::port)),
            field(RuleField.DST_PORT_RANGE, RulesReader::ports),
            toInt(field(RuleField.PROTOCOL, RulesReader::protocol)),
            field(RuleField.APPLICATION_CLASS, RulesReader::application));
    return problems.isEmpty() ? rules : new Invalid(String.join("; ", problems));
  }

  private void refuseUnknownNames() {
    for (String name : object.members().keySet()) {
      if (!KNOWN.contains(name) && object.find(name).isPresent()) {
        problems.add(
            "unknown field '" + Excerpt.cut(name) + "'; known are " + String.join(", ", KNOWN));
      }
    }
  }

  /// The field's value; empty if it is absent, null or wrong.
  private <T> Optional<T> field(RuleField field, Function<Json, T> reading) {
    Optional<Json> given = object.find(field.toString());
    try {
      return given.map(reading);
    } catch (UnreadableJson | IllegalArgumentException e) {
      problems.add(field + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  private static OptionalInt toInt(Optional<Integer> value) {
    return value.isPresent() ? OptionalInt.of(value.get()) : OptionalInt.empty();
  }

  private static IpPrefix block(Json json) {
    if (json instanceof Json.Text(String text)) {
      return IpPrefix.parse(text);
    }
    throw mustBe("an address or CIDR block as text", json);
  }

  private static int port(Json json) {
    return number(json, PortRange.PORT_MAX, "a port from 0 to 65535");
  }

  private static PortRange ports(Json json) {
    if (!(json instanceof Json.Arr(List<Json> ends)) || ends.size() != 2) {
      throw mustBe("a list of two ports [low, high]", json);
    }
    int low = port(ends.get(0));
    int high = port(ends.get(1));
    if (low > high) {
      throw new UnreadableJson("low " + low + " is above high " + high);
    }
    return new PortRange(low, high);
  }

  private static int protocol(Json json) {
    return number(json, 255, "a protocol number from 0 to 255 (6 is tcp, 17 udp, 1 icmp)");
  }

  private static ApplicationClass application(Json json) {
    if (!(json instanceof Json.Text(String name))) {
      throw mustBe("the name of a class", json);
    }
    return ApplicationClass.named(name).orElseThrow(() -> unknownClass(name));
  }

  private static UnreadableJson unknownClass(String name) {
    String known =
        Arrays.stream(ApplicationClass.values())
            .map(ApplicationClass::toString)
            .collect(Collectors.joining(", "));
    return new UnreadableJson("unknown class '" + Excerpt.cut(name) + "'; known are " + known);
  }

  private static int number(Json json, int most, String words) {
    if (json instanceof Json.Num number && number.isInteger()) {
      double value = number.toDouble();
      if (value >= 0 && value <= most) {
        return (int) value;
      }
    }
    throw mustBe(words, json);
  }

  private static UnreadableJson mustBe(String words, Json json) {
    return new UnreadableJson("must be " + words + ", is " + Excerpt.excerpt(json));
  }
}
