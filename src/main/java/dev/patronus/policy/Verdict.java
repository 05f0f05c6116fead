package dev.patronus.policy;

import dev.patronus.policy.rule.Invalid;
import dev.patronus.policy.rule.MatchRules;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/// The verdict of one policy on one flow.
///
/// Immutable.
///
/// @param mismatches the conditions that the flow does not fit
/// @param remedies what would have to be true of this policy for it to take the flow, as clauses
///   that follow "if"; none if it takes the flow already or if its rules cannot be read
/// @param distance how far the conditions are from fitting, to compare verdicts by; 0 where all fit
public record Verdict(
    Policy policy,
    Outcome outcome,
    List<Mismatch> mismatches,
    List<String> remedies,
    int distance) {

  /// How it ended for the policy.
  public enum Outcome {
    /// It takes the flow.
    TAKES,
    /// The flow fits, but a policy that is asked before takes it.
    LATER,
    /// The flow does not fit.
    DIFFERS,
    /// It is not asked, because it is disabled.
    DISABLED,
    /// It is not asked, because its rules cannot be read.
    UNREADABLE
  }

  public Verdict {
    Objects.requireNonNull(policy, "policy");
    Objects.requireNonNull(outcome, "outcome");
    mismatches = List.copyOf(mismatches);
    remedies = List.copyOf(remedies);
  }

  /// The verdict in words that follow the policy's name.
  public String reason() {
    return switch (outcome) {
      case TAKES -> "takes it";
      case LATER -> "would fit, but is asked later";
      case DIFFERS -> mismatches.stream().map(Mismatch::reason).collect(Collectors.joining("; "));
      case DISABLED -> "is disabled";
      case UNREADABLE -> "cannot be read: " + problem();
    };
  }

  private String problem() {
    return switch (policy.rules()) {
      case MatchRules _ -> "";
      case Invalid(String problem) -> problem;
    };
  }

  /// What would make the policy take the flow, as a sentence: `policy 'bulk' would take it if its
  /// port range reached 8443`. Empty text where there are no remedies.
  public String change() {
    return remedies.isEmpty()
        ? ""
        : "policy '" + policy.name() + "' would take it if " + String.join(" and ", remedies);
  }
}
