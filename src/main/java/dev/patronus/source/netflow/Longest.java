package dev.patronus.source.netflow;

/// The longest of recent durations: those of the last ten to twenty minutes.
///
/// Written by one thread, read by any.
final class Longest {
  static final long WINDOW_MILLIS = 600_000;

  private volatile long beforeMillis;
  private volatile long currentMillis;
  private long windowEnd = Long.MIN_VALUE;

  /// Takes note of a duration.
  void take(long millis, Moment now) {
    if (now.steadyMillis() >= windowEnd) {
      beforeMillis = currentMillis;
      currentMillis = 0;
      windowEnd = now.steadyMillis() + WINDOW_MILLIS;
    }
    if (millis > currentMillis) {
      currentMillis = millis;
    }
  }

  long millis() {
    return Math.max(beforeMillis, currentMillis);
  }
}
