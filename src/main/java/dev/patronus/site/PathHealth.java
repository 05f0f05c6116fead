package dev.patronus.site;

import java.time.Instant;
import java.util.Objects;

/// How well a path was at an instant: a row of `sdwan_path_health`.
///
/// Immutable. The numbers are what was stored, sane or not.
///
/// @param lossPercent 0 to 100
/// @param score the platform's own, 0 to 100
public record PathHealth(
    Instant at,
    double latencyMillis,
    double lossPercent,
    double jitterMillis,
    double score,
    PathStatus status) {

  public PathHealth {
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(status, "status");
  }
}
