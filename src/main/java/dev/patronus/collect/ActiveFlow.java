package dev.patronus.collect;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.Volume;
import dev.patronus.policy.Policy;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/// A flow that was seen within the flow timeout.
///
/// Immutable.
///
/// @param policy the policy that it is counted to; empty if none matches, or if it is a tunnel
/// @param tunnel whether it is a tunnel of the platform and left out
/// @param reply whether it is counted to the policy of the flow that it answers
/// @param estimated whether any of its volume was scaled up from a sample
/// @param exporter who reported it last; empty if its source has no exporters
/// @param firstSeen its start time as reported by the sources
public record ActiveFlow(
    FlowKey key,
    Optional<Policy> policy,
    boolean tunnel,
    boolean reply,
    Volume volume,
    boolean estimated,
    Optional<IpAddress> exporter,
    Instant firstSeen,
    Instant lastSeen) {

  /// The sort order of flows, descending.
  public enum Order {
    BYTES,
    PACKETS,
    /// Oldest first.
    AGE,
    /// Average bytes per second.
    RATE,
    /// The number of flows; of a group.
    FLOWS
  }

  public ActiveFlow {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(policy, "policy");
    Objects.requireNonNull(volume, "volume");
    Objects.requireNonNull(exporter, "exporter");
    Objects.requireNonNull(firstSeen, "firstSeen");
    Objects.requireNonNull(lastSeen, "lastSeen");
  }
}
