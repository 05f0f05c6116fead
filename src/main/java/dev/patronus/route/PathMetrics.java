package dev.patronus.route;

import java.time.Instant;
import java.util.Objects;

/// What the platform measured on a path, once: a row of `sdwan_path_metrics`.
///
/// Immutable. The figures are whatever was stored, sane or not; [Metric] says what is made of them.
///
/// @param packetLossPct 0 to 100
/// @param mtu bytes
/// @param score the platform's own score, 0 to 100; it is shown and decides nothing
public record PathMetrics(
    long pathId,
    Instant measuredAt,
    double latencyMs,
    double jitterMs,
    double packetLossPct,
    double bandwidthMbps,
    long mtu,
    long score) {

  public PathMetrics {
    Objects.requireNonNull(measuredAt, "measuredAt");
  }
}
