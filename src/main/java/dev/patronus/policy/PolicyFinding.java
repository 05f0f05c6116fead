package dev.patronus.policy;

import dev.patronus.policy.rule.Invalid;
import dev.patronus.policy.rule.MatchRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What is wrong with a policy that is enabled.
///
/// Immutable.
///
/// @param message what it is, in words that follow the policy's name
/// @param next what to do about it
public record PolicyFinding(Policy policy, Fault fault, String message, String next) {

  /// What can be wrong.
  public enum Fault {
    /// Its rules cannot be read: it matches nothing.
    INVALID_RULE,
    /// Its preference cannot be read: its flows get no path.
    INVALID_PREFERENCE,
    /// Its conditions exclude each other: it matches nothing.
    CONTRADICTION,
    /// A policy that is asked before takes all that it matches.
    SHADOWED;

    /// Whether the policy does not do what it was made for; else it is only useless.
    public boolean isError() {
      return this == INVALID_RULE || this == INVALID_PREFERENCE;
    }
  }

  public PolicyFinding {
    Objects.requireNonNull(policy, "policy");
    Objects.requireNonNull(fault, "fault");
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(next, "next");
  }

  /// What is wrong with these policies, in the order in which they are given.
  public static List<PolicyFinding> of(List<Policy> policies) {
    Map<Long, Policy> shadows = Shadowing.of(policies);
    List<PolicyFinding> findings = new ArrayList<>();
    for (Policy policy : policies) {
      if (policy.enabled()) {
        add(policy, shadows.get(policy.id()), findings);
      }
    }
    return findings;
  }

  private static void add(Policy policy, @Nullable Policy shadow, List<PolicyFinding> findings) {
    if (policy.rules() instanceof Invalid(String problem)) {
      findings.add(
          new PolicyFinding(
              policy,
              Fault.INVALID_RULE,
              "matches nothing: " + problem,
              "correct the rule on the dashboard; until then the policy matches nothing"));
    }
    if (policy.rules() instanceof MatchRules rules) {
      rules
          .contradiction()
          .ifPresent(why ->
              findings.add(
                  new PolicyFinding(
                      policy,
                      Fault.CONTRADICTION,
                      "never matches: " + why,
                      "correct the rule on the dashboard, or delete the policy")));
    }
    if (policy.preference() instanceof Invalid(String problem)) {
      findings.add(
          new PolicyFinding(
              policy,
              Fault.INVALID_PREFERENCE,
              "selects no path: " + problem,
              "correct the path preference on the dashboard"));
    }
    if (shadow != null) {
      findings.add(
          new PolicyFinding(
              policy, Fault.SHADOWED, shadowedBy(shadow), "raise its priority, or delete it"));
    }
  }

  /// That a policy is shadowed, in words that follow its name.
  public static String shadowedBy(Policy shadow) {
    return "never matches: '"
        + shadow.name()
        + "' (priority "
        + shadow.priority()
        + ") comes first and matches all of its traffic";
  }
}
