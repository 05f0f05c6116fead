package dev.patronus.source.netflow.exporter;

import dev.patronus.source.netflow.wire.Timestamps;

/// The longest of recent durations: those of the last ten to twenty minutes.
///
/// Written by one thread, read by any.
public final class WindowedMax {
  static final long WINDOW_MILLIS = 600_000;

  private volatile long beforeMillis;
  private volatile long currentMillis;
  private long windowEnd = Long.MIN_VALUE;

  /// Records a duration.
  public void take(long millis, Timestamps now) {
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
