package dev.patronus.site.history;

import dev.patronus.history.Bucket;
import java.util.Objects;

/// What a path was like in one step of time.
///
/// Immutable. A step that nothing was measured in has empty distributions, not zeros.
///
/// @param latency milliseconds
/// @param jitter milliseconds
/// @param loss per cent
public record PathPoint(
    Bucket bucket, Distribution latency, Distribution jitter, Distribution loss, Uptime uptime) {

  public PathPoint {
    Objects.requireNonNull(bucket, "bucket");
    Objects.requireNonNull(latency, "latency");
    Objects.requireNonNull(jitter, "jitter");
    Objects.requireNonNull(loss, "loss");
    Objects.requireNonNull(uptime, "uptime");
  }

  /// How many measurements the three distributions are of.
  public long samples() {
    return latency.samples();
  }

  static PathPoint empty(Bucket bucket) {
    Distribution none = Distribution.of();
    return new PathPoint(bucket, none, none, none, Uptime.UNKNOWN);
  }
}
