package dev.patronus.policy;

import java.time.Instant;
import java.util.Objects;

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
    Instant lastUpdated) {

  public PolicyTraffic {
    Objects.requireNonNull(name, "name");
  }
}
