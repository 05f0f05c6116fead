package dev.patronus.policy;

import dev.patronus.flow.FlowKey;
import dev.patronus.policy.Verdict.Outcome;
import dev.patronus.policy.rule.ApplicationClass;
import dev.patronus.policy.rule.Invalid;
import dev.patronus.policy.rule.MatchRules;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// The explanation of a policy match: each policy's verdict on a flow, and what would change it.
///
/// Immutable. It is the plain reading of the rules, one policy after the other;
/// [Matcher][dev.patronus.policy.match.Matcher] gives the same taker.
///
/// @param application the flow's class, by protocol and destination port
/// @param verdicts one for each policy, in order of evaluation
public record Explanation(FlowKey flow, ApplicationClass application, List<Verdict> verdicts) {
  public Explanation {
    Objects.requireNonNull(flow, "flow");
    Objects.requireNonNull(application, "application");
    verdicts = List.copyOf(verdicts);
  }

  /// Asks all policies, given in any order, about the flow.
  public static Explanation of(FlowKey flow, Collection<Policy> policies) {
    List<Verdict> verdicts = new ArrayList<>(policies.size());
    Optional<Policy> taker = Optional.empty();
    for (Policy policy : policies.stream().sorted(Policy.ORDER).toList()) {
      Verdict verdict = verdict(flow, policy, taker);
      verdicts.add(verdict);
      if (verdict.outcome() == Outcome.TAKES) {
        taker = Optional.of(policy);
      }
    }
    return new Explanation(flow, ApplicationClass.of(flow), verdicts);
  }

  private static Verdict verdict(FlowKey flow, Policy policy, Optional<Policy> taker) {
    return switch (policy.rules()) {
      case Invalid _ -> new Verdict(policy, Outcome.UNREADABLE, List.of(), List.of(), 0);
      case MatchRules rules -> {
        List<Mismatch> mismatches = Mismatch.between(flow, rules);
        Outcome outcome = outcome(policy, mismatches, taker);
        yield new Verdict(
            policy,
            outcome,
            mismatches,
            remedies(policy, mismatches, taker),
            Mismatch.distance(flow, rules));
      }
    };
  }

  private static Outcome outcome(Policy policy, List<Mismatch> mismatches, Optional<Policy> taker) {
    if (!policy.enabled()) {
      return Outcome.DISABLED;
    }
    if (!mismatches.isEmpty()) {
      return Outcome.DIFFERS;
    }
    return taker.isPresent() ? Outcome.LATER : Outcome.TAKES;
  }

  private static List<String> remedies(
      Policy policy, List<Mismatch> mismatches, Optional<Policy> taker) {
    List<String> remedies = new ArrayList<>();
    if (!policy.enabled()) {
      remedies.add("it were enabled");
    }
    mismatches.forEach(mismatch -> remedies.add(mismatch.remedy()));
    taker.ifPresent(earlier ->
        remedies.add(
            "its priority were above " + earlier.priority() + " ('" + earlier.name() + "')"));
    return remedies;
  }

  /// The policy that takes the flow; empty if none does.
  public Optional<Policy> taker() {
    return verdicts.stream()
        .filter(verdict -> verdict.outcome() == Outcome.TAKES)
        .map(Verdict::policy)
        .findFirst();
  }

  /// The verdicts of the policies that were asked before the flow was taken; all of them if it was
  /// not.
  public List<Verdict> before() {
    return verdicts.stream().takeWhile(v -> v.outcome() != Outcome.TAKES).toList();
  }

  /// The policies that are nearest to taking the flow from its taker: those that need the fewest
  /// changes first, and of these those that need the smallest; at most `most` of them.
  public List<Verdict> nearest(int most) {
    return verdicts.stream()
        .filter(verdict -> !verdict.remedies().isEmpty())
        .sorted(
            Comparator.comparingInt((Verdict verdict) -> verdict.remedies().size())
                .thenComparingInt(Verdict::distance))
        .limit(most)
        .toList();
  }
}
