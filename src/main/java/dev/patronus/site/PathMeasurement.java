package dev.patronus.site;

import java.time.Instant;
import java.util.Objects;

/// What a path was like at an instant: a row of `sdwan_path_metrics`.
///
/// Immutable. The numbers are what was stored, sane or not.
///
/// @param lossPercent 0 to 100
/// @param mtu bytes
/// @param score the platform's own, 0 to 100
public record PathMeasurement(
    Instant at,
    double latencyMillis,
    double jitterMillis,
    double lossPercent,
    double bandwidthMbps,
    long mtu,
    long score) {

  public PathMeasurement {
    Objects.requireNonNull(at, "at");
  }
}
