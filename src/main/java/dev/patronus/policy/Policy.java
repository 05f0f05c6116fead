package dev.patronus.policy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.patronus.policy.rule.MatchRules;
import dev.patronus.policy.rule.Preference;
import dev.patronus.policy.rule.Rules;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Objects;

/// A row of `sdwan_policies`: which flows it takes, and how their path is chosen.
///
/// Immutable.
///
/// @param id unsigned 64-bit; [PolicyId] writes it
/// @param priority higher comes first
public record Policy(
    long id, String name, long priority, boolean enabled, Rules rules, Preference preference) {

  /// The order in which policies are asked: higher priority first, then name (by code points, as
  /// SQLite orders text), then unsigned id.
  ///
  /// Written out: no start-up cache holds what [Comparator#comparing] makes.
  public static final Comparator<Policy> ORDER = Policy::compare;

  public Policy {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(rules, "rules");
    Objects.requireNonNull(preference, "preference");
  }

  private static int compare(Policy a, Policy b) {
    if (a.priority != b.priority) {
      return Long.compare(b.priority, a.priority);
    }
    int byName = Arrays.compareUnsigned(a.name.getBytes(UTF_8), b.name.getBytes(UTF_8));
    return byName != 0 ? byName : Long.compareUnsigned(a.id, b.id);
  }

  /// Whether it takes flows at all: it is enabled and its rules can be read.
  public boolean isEffective() {
    return enabled && rules instanceof MatchRules;
  }
}
