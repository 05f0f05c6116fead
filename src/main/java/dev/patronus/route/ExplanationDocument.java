package dev.patronus.route;

import dev.patronus.flow.FlowKey;
import dev.patronus.json.Json;
import dev.patronus.policy.Explanation;
import dev.patronus.policy.Mismatch;
import dev.patronus.policy.Policy;
import dev.patronus.policy.PolicyId;
import dev.patronus.policy.Verdict;
import dev.patronus.policy.rule.Invalid;
import dev.patronus.policy.rule.MatchRules;
import dev.patronus.policy.rule.ProtocolName;
import dev.patronus.site.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/// A [PathExplanation] as JSON: what programs read, what the daemon answers, and what the text for
/// people is made of. Of candidates, unusable paths and policies it has [PathExplanation#MOST]
/// each, with their numbers in all.
///
/// Pure.
public final class ExplanationDocument {
  /// How many policies are named among what would change the answer.
  private static final int NEAREST = 3;

  /// What a path that was never measured has empty.
  private static final List<String> UNMEASURED =
      List.of("measured_at", "latency_ms", "jitter_ms", "packet_loss_pct", "bandwidth_mbps");

  private ExplanationDocument() {}

  public static Json.Obj of(PathExplanation explanation) {
    RoutingDecision decision = explanation.answer().value();
    Json.Builder json =
        Json.object()
            .put("flow", flow(explanation))
            .put("decision", word(decision))
            .put("reason", reason(decision, explanation))
            .put("cached", explanation.answer().cached())
            .put("age_seconds", explanation.answer().age().toMillis() / 1000.0)
            .put("up_to_date", explanation.upToDate());
    put(json, "policy", decision.policy().map(ExplanationDocument::policy));
    put(json, "path", decision.chosen().map(ExplanationDocument::score));
    return json.put("changes", texts(changes(explanation)))
        .put("cut_off_sites", texts(List.copyOf(explanation.cutOffSites())))
        .put(
            "candidates",
            explanation.candidates().stream().map(ExplanationDocument::score).toList())
        .put("candidates_total", explanation.ranking().total())
        .put(
            "unusable",
            explanation.unusable().stream()
                .limit(PathExplanation.MOST)
                .map(p -> path(p).build())
                .toList())
        .put("unusable_total", explanation.unusable().size())
        .put("policies", policies(explanation.policies()))
        .put("policies_total", explanation.policies().verdicts().size())
        .put("policies_before", explanation.policies().before().size())
        .build();
  }

  /// The policies in order of evaluation; of many, the taker and those that are nearest to it.
  private static List<Json> policies(Explanation explanation) {
    List<Verdict> all = explanation.verdicts();
    Set<Verdict> nearest = Collections.newSetFromMap(new IdentityHashMap<>());
    nearest.addAll(explanation.nearest(PathExplanation.MOST - 1));
    return all.stream()
        .filter(verdict ->
            all.size() <= PathExplanation.MOST
                || verdict.outcome() == Verdict.Outcome.TAKES
                || nearest.contains(verdict))
        .map(ExplanationDocument::verdict)
        .toList();
  }

  private static void put(Json.Builder json, String name, Optional<? extends Json> value) {
    value.ifPresentOrElse(present -> json.put(name, present), () -> json.putNull(name));
  }

  private static List<Json.Text> texts(List<String> texts) {
    return texts.stream().map(Json.Text::new).toList();
  }

  private static Json flow(PathExplanation explanation) {
    FlowKey flow = explanation.policies().flow();
    Json.Builder json =
        Json.object()
            .put("src_ip", flow.src().toString())
            .put("src_port", flow.srcPort())
            .put("dst_ip", flow.dst().toString())
            .put("dst_port", flow.dstPort())
            .put("protocol", ProtocolName.of(flow.protocol()))
            .put("application_class", explanation.policies().application().toString());
    put(json, "from_site_id", explanation.scope().fromSiteId().map(Json.Text::new));
    put(json, "to_site_id", explanation.scope().toSiteId().map(Json.Text::new));
    return json.build();
  }

  private static String word(RoutingDecision decision) {
    return switch (decision) {
      case RoutingDecision.Routed _ -> "routed";
      case RoutingDecision.Unmatched _ -> "unmatched";
      case RoutingDecision.PreferenceUnreadable _ -> "preference_unreadable";
      case RoutingDecision.NoPath _ -> "no_path";
    };
  }

  private static String reason(RoutingDecision decision, PathExplanation explanation) {
    return switch (decision) {
      case RoutingDecision.Routed _ -> best(explanation.ranking());
      case RoutingDecision.Unmatched _ -> "no policy matches; no path selected";
      case RoutingDecision.PreferenceUnreadable(_, String problem) ->
          "the policy does not say readably which path it prefers: " + problem;
      case RoutingDecision.NoPath(_, int paths) -> noPath(paths, explanation.scope());
    };
  }

  private static String noPath(int paths, PathScope scope) {
    if (paths == 0) {
      return scope.equals(PathScope.ALL) ? "there is no path" : "no path goes there from there";
    }
    return paths == 1
        ? "the only path is down"
        : "none of the " + paths + " paths is up or degraded";
  }

  private static String best(PathSelection.Ranking ranking) {
    return ranking.total() == 1
        ? "it is the only path that is up or degraded"
        : ranking.equallyGood() > 1
            ? "lowest id among " + ranking.equallyGood() + " paths with equal score"
            : "it scores best of " + ranking.total();
  }

  private static Json policy(Policy policy) {
    return Json.object()
        .put("policy_id", PolicyId.format(policy.id()))
        .put("name", policy.name())
        .put("priority", policy.priority())
        .put("matches", matches(policy))
        .put("prefers", prefers(policy))
        .build();
  }

  private static String matches(Policy policy) {
    return switch (policy.rules()) {
      case MatchRules rules -> rules.describe();
      case Invalid(String problem) -> "cannot be read: " + problem;
    };
  }

  private static String prefers(Policy policy) {
    return policy.preference() instanceof Invalid(String problem)
        ? "cannot be read: " + problem
        : policy.preference().toString();
  }

  private static Json verdict(Verdict verdict) {
    return Json.object()
        .put("policy_id", PolicyId.format(verdict.policy().id()))
        .put("name", verdict.policy().name())
        .put("priority", verdict.policy().priority())
        .put("outcome", verdict.outcome().name().toLowerCase(Locale.ROOT))
        .put("reason", verdict.reason())
        .put(
            "mismatches", verdict.mismatches().stream().map(ExplanationDocument::mismatch).toList())
        .put("change", verdict.change())
        .put("distance", verdict.distance())
        .build();
  }

  private static Json mismatch(Mismatch mismatch) {
    return Json.object()
        .put("field", mismatch.field().toString())
        .put("flow", mismatch.flowValue())
        .put("rule", mismatch.ruleValue())
        .put("reason", mismatch.reason())
        .build();
  }

  private static Json.Builder path(Path path) {
    Json.Builder json =
        Json.object()
            .put("path_id", Long.toString(path.id()))
            .put("src_site_id", path.srcSiteId())
            .put("dst_site_id", path.dstSiteId())
            .put("src_endpoint", path.srcEndpoint())
            .put("dst_endpoint", path.dstEndpoint())
            .put("status", path.status().text());
    put(json, "wg_interface", path.wgInterface().map(Json.Text::new));
    return json;
  }

  private static Json score(PathScore score) {
    Json.Builder json = path(score.path()).put("score", score.score());
    score
        .metrics()
        .ifPresentOrElse(metrics -> put(json, metrics), () -> UNMEASURED.forEach(json::putNull));
    put(json, "cost_per_gb", score.costPerGb());
    return json.put("parts", score.parts().stream().map(ExplanationDocument::part).toList())
        .build();
  }

  private static void put(Json.Builder json, PathMetrics metrics) {
    json.put("measured_at", metrics.measuredAt().toString());
    put(json, "latency_ms", OptionalDouble.of(metrics.latencyMs()));
    put(json, "jitter_ms", OptionalDouble.of(metrics.jitterMs()));
    put(json, "packet_loss_pct", OptionalDouble.of(metrics.packetLossPct()));
    put(json, "bandwidth_mbps", OptionalDouble.of(metrics.bandwidthMbps()));
  }

  /// Adds a number; null where it is unknown, or infinite, which JSON cannot say.
  private static void put(Json.Builder json, String name, OptionalDouble value) {
    if (value.isPresent() && Double.isFinite(value.getAsDouble())) {
      json.put(name, value.getAsDouble());
    } else {
      json.putNull(name);
    }
  }

  private static Json part(ScoreComponent part) {
    Json.Builder json =
        Json.object().put("figure", part.figure().word()).put("unit", part.figure().unit());
    put(json, "value", part.value());
    return json.put("score", part.score()).put("weight", part.weight()).build();
  }

  /// What would lead to another answer, as sentences without their end: first the path, then the
  /// policies that are nearest to taking the flow.
  private static List<String> changes(PathExplanation explanation) {
    List<String> changes = new ArrayList<>();
    if (!explanation.upToDate()) {
      changes.add("the next decision, made of newer metrics, takes " + target(explanation.fresh()));
    }
    if (explanation.fresh() instanceof RoutingDecision.Routed(_, PathScore best)) {
      changes.add(withoutBest(best, explanation.candidates()));
    }
    if (explanation.fresh() instanceof RoutingDecision.NoPath(Policy taker, int paths)
        && paths > 0) {
      changes.add("policy '" + taker.name() + "' would have a path if one of them were up");
    }
    if (explanation.fresh() instanceof RoutingDecision.PreferenceUnreadable(Policy taker, _)) {
      changes.add(
          "policy '" + taker.name() + "' would choose a path if its preference could be read");
    }
    explanation.policies().nearest(NEAREST).forEach(verdict -> changes.add(verdict.change()));
    return changes;
  }

  private static String target(RoutingDecision decision) {
    return decision.chosen().map(score -> "path " + score.path().id()).orElse("no path");
  }

  private static String withoutBest(PathScore best, List<PathScore> candidates) {
    String fallen = "if path " + best.path().id() + " went down, ";
    return candidates.size() < 2
        ? fallen + "nothing would carry it"
        : fallen + "path " + candidates.get(1).path().id() + " would carry it";
  }
}
