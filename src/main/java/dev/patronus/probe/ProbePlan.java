package dev.patronus.probe;

import java.time.Duration;

/// How many requests are sent, how far apart, and how long each may be answered.
///
/// Immutable.
///
/// @param count 1 to [#COUNT_MAX]
/// @param interval between two requests, [#INTERVAL_MIN] to [#INTERVAL_MAX]
/// @param timeout after which a request counts as lost, 1 ms to [#TIMEOUT_MAX]
public record ProbePlan(int count, Duration interval, Duration timeout) {
  /// The maximum number of requests.
  public static final int COUNT_MAX = 10_000;

  /// The least time between two requests: a hundred small packets a second.
  public static final Duration INTERVAL_MIN = Duration.ofMillis(10);

  public static final Duration INTERVAL_MAX = Duration.ofMinutes(1);
  public static final Duration TIMEOUT_MAX = Duration.ofMinutes(1);

  public ProbePlan {
    if (count < 1 || count > COUNT_MAX) {
      throw new IllegalArgumentException("count must be 1.." + COUNT_MAX + ", was " + count);
    }
    if (interval.compareTo(INTERVAL_MIN) < 0 || interval.compareTo(INTERVAL_MAX) > 0) {
      throw new IllegalArgumentException(
          "interval must be 10ms..1m, was " + interval.toMillis() + "ms");
    }
    if (timeout.toMillis() < 1 || timeout.compareTo(TIMEOUT_MAX) > 0) {
      throw new IllegalArgumentException(
          "timeout must be 1ms..1m, was " + timeout.toMillis() + "ms");
    }
  }
}
