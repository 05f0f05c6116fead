package dev.patronus.route;

import dev.patronus.policy.Explanation;
import dev.patronus.policy.Policy;
import dev.patronus.policy.Verdict;
import dev.patronus.policy.rule.Invalid;
import dev.patronus.policy.rule.MatchRules;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/// The parts of a [PathExplanation] that are shown, in words where words are shown.
///
/// Pure.
public final class ExplanationSummary {
  /// How many policies are named among what would change the answer.
  private static final int NEAREST = 3;

  private ExplanationSummary() {}

  public static ExplanationDocument of(PathExplanation explanation) {
    RoutingDecision decision = explanation.answer().value();
    return new ExplanationDocument(
        explanation.policies().flow(),
        explanation.scope(),
        word(decision),
        reason(decision, explanation),
        explanation.answer().cached(),
        explanation.answer().age().toMillis() / 1000.0,
        explanation.upToDate(),
        decision.policy().map(ExplanationSummary::taker),
        decision.chosen().map(ExplanationSummary::candidate),
        changes(explanation),
        List.copyOf(explanation.cutOffSites()),
        explanation.candidates().stream().map(ExplanationSummary::candidate).toList(),
        explanation.ranking().total(),
        explanation.unusable().stream().limit(PathExplanation.MOST).toList(),
        explanation.unusable().size(),
        policies(explanation.policies()),
        explanation.policies().verdicts().size(),
        explanation.policies().before().size());
  }

  /// The policies in order of evaluation; of many, the taker and those that are nearest to it.
  private static List<ExplanationDocument.Considered> policies(Explanation explanation) {
    List<Verdict> all = explanation.verdicts();
    Set<Verdict> nearest = Collections.newSetFromMap(new IdentityHashMap<>());
    nearest.addAll(explanation.nearest(PathExplanation.MOST - 1));
    return all.stream()
        .filter(verdict ->
            all.size() <= PathExplanation.MOST
                || verdict.outcome() == Verdict.Outcome.TAKES
                || nearest.contains(verdict))
        .map(ExplanationDocument.Considered::of)
        .toList();
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
            ? "lowest id among the " + ranking.equallyGood() + " candidates that score best"
            : "it scores best of " + ranking.total();
  }

  private static ExplanationDocument.Taker taker(Policy policy) {
    return new ExplanationDocument.Taker(
        policy.id(), policy.name(), policy.priority(), matches(policy), prefers(policy));
  }

  private static ExplanationDocument.Candidate candidate(PathScore score) {
    return new ExplanationDocument.Candidate(
        score.path(), score.score(), score.metrics(), score.costPerGb(), score.parts());
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
