package dev.patronus.site.failover;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/// Something that happened to a failover policy: a row of `sdwan_failover_events`.
///
/// Immutable.
///
/// @param policyId unsigned 64-bit
/// @param type `triggered`, `completed`, `failed`, `policy_enabled`, `policy_disabled`, or a word
///   that this version does not know
public record FailoverEvent(
    long id,
    long policyId,
    String type,
    Optional<String> fromPathId,
    Optional<String> toPathId,
    String reason,
    Instant at) {

  public FailoverEvent {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(fromPathId, "fromPathId");
    Objects.requireNonNull(toPathId, "toPathId");
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(at, "at");
  }

  /// The path that carries the traffic after it: the new one, or the old one if the switch failed;
  /// empty if the event names none.
  public Optional<String> activePathId() {
    return switch (type) {
      case "triggered", "completed" -> toPathId;
      case "failed" -> fromPathId;
      case String _ -> Optional.empty();
    };
  }
}
