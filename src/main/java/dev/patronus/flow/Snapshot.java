package dev.patronus.flow;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The cumulative totals of all policies at one instant.
///
/// Immutable.
///
/// @param taken the instant that the totals belong to, on the whole minute for regular snapshots
/// @param policies one entry for each policy, in order of matching
/// @param unmatched what no policy matched
/// @param estimated whether any volume in it was scaled up from a sample
public record Snapshot(
    Instant taken, List<PolicyTotal> policies, PolicyTotal unmatched, boolean estimated) {

  /// Stands where a policy's id would, for traffic that matches none.
  public static final long UNMATCHED = 0;

  public Snapshot {
    Objects.requireNonNull(taken, "taken");
    policies = List.copyOf(policies);
    Objects.requireNonNull(unmatched, "unmatched");
  }

  /// What one policy carried since its counters began.
  ///
  /// @param policyId unsigned 64-bit
  /// @param lastSeen when it last carried a packet; null if it never did
  public record PolicyTotal(
      long policyId, long packets, long bytes, long activeFlows, @Nullable Instant lastSeen) {}
}
