package dev.patronus.cli.deletion;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// How many active flows the things that are to be deleted have.
///
/// Immutable.
///
/// @param byId the flows by id; nothing where it is not known
/// @param snapshot when they were counted; empty for this moment
public record ActiveFlows(Map<String, Long> byId, Optional<Instant> snapshot) {
  static final ActiveFlows UNKNOWN = new ActiveFlows(Map.of(), Optional.empty());

  public ActiveFlows {
    byId = Map.copyOf(byId);
    Objects.requireNonNull(snapshot, "snapshot");
  }
}
