package dev.patronus.history.plan;

import java.util.List;
import java.util.Objects;

/// The sum of the histories of several policies, and what each of them carried.
///
/// Immutable.
///
/// @param policies those that have a reading, in the order in which policies are shown
public record HistorySummary(HistorySums sums, List<PolicySummary> policies) {
  public HistorySummary {
    Objects.requireNonNull(sums, "sums");
    policies = List.copyOf(policies);
  }
}
