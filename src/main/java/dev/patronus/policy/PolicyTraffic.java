package dev.patronus.policy;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A policy and what it has carried since its counters began.
///
/// Immutable.
///
/// @param policyId unsigned 64-bit
/// @param packets packets matched, cumulative
/// @param bytes IP bytes matched, cumulative
/// @param activeFlows flows seen within the flow timeout when it was counted
/// @param lastUpdated when its last packet was counted, or the time of its newest snapshot, by
///   where it was asked ([TrafficNow.Source]); null if there is none
public record PolicyTraffic(
    long policyId,
    String name,
    long priority,
    boolean enabled,
    long packets,
    long bytes,
    long activeFlows,
    @Nullable Instant lastUpdated) {

  public PolicyTraffic {
    Objects.requireNonNull(name, "name");
  }

  /// The traffic that no policy matched.
  ///
  /// @param lastUpdated null where it is not known
  public static PolicyTraffic unmatched(
      long packets, long bytes, long activeFlows, @Nullable Instant lastUpdated) {
    return new PolicyTraffic(0, "(unmatched)", 0, true, packets, bytes, activeFlows, lastUpdated);
  }

  /// The same traffic under another name.
  public PolicyTraffic named(String other) {
    return new PolicyTraffic(
        policyId, other, priority, enabled, packets, bytes, activeFlows, lastUpdated);
  }
}
