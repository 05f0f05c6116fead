package dev.patronus.store.table;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.Volume;
import java.time.Instant;
import java.util.Objects;

/// A row of `sdwan_flows`: both directions of a flow, under the key of the one that began it.
///
/// Immutable.
///
/// @param pathId the path that its policy chooses
/// @param sent what went in the key's direction
/// @param received what came back; nothing where the other direction was not seen
public record PlatformFlow(
    FlowKey key,
    long pathId,
    long policyId,
    Instant startedAt,
    Instant lastSeenAt,
    Volume sent,
    Volume received) {
  public PlatformFlow {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(startedAt, "startedAt");
    Objects.requireNonNull(lastSeenAt, "lastSeenAt");
    Objects.requireNonNull(sent, "sent");
    Objects.requireNonNull(received, "received");
  }
}
