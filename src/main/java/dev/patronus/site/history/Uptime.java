package dev.patronus.site.history;

import java.util.OptionalDouble;

/// How long a path was up, degraded and down, as far as its status is known.
///
/// Immutable. Time that no sample accounts for is in none of the three.
///
/// @param samples how many samples of the status lie in the time
/// @param upSeconds with the status up
/// @param degradedSeconds with the status degraded: the path is used
/// @param downSeconds with the status down, or with one that nobody knows
public record Uptime(long samples, long upSeconds, long degradedSeconds, long downSeconds) {
  /// Nothing is known.
  public static final Uptime UNKNOWN = new Uptime(0, 0, 0, 0);

  private static final double PERCENT = 100;

  public Uptime {
    if (samples < 0 || upSeconds < 0 || degradedSeconds < 0 || downSeconds < 0) {
      throw new IllegalArgumentException(
          "must not be negative: "
              + samples
              + ", "
              + upSeconds
              + ", "
              + degradedSeconds
              + ", "
              + downSeconds);
    }
  }

  /// The seconds in which the status is known.
  public long observedSeconds() {
    return upSeconds + degradedSeconds + downSeconds;
  }

  /// The part of the observed time in which the path could be used (up or degraded), 0 to 100;
  /// empty if none was observed.
  public OptionalDouble percent() {
    long observed = observedSeconds();
    return observed == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(PERCENT * (upSeconds + degradedSeconds) / observed);
  }

  Uptime plus(Uptime other) {
    return new Uptime(
        samples + other.samples,
        upSeconds + other.upSeconds,
        degradedSeconds + other.degradedSeconds,
        downSeconds + other.downSeconds);
  }
}
