package dev.patronus.daemon.snapshot;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/// When work that recurs is due, and how much of it is done with one tick.
///
/// Confined to the database worker's thread.
final class RoundTimer {
  /// How long after a failure the work is tried again.
  static final Duration RETRY = Duration.ofSeconds(10);

  private static final Duration A_TICK = Duration.ofMillis(100);

  private boolean waits;
  private long nextNanos;

  /// Whether nothing is waited for any more.
  ///
  /// @param nanos of the monotonic clock
  boolean isDue(long nanos) {
    return !waits || nanos - nextNanos >= 0;
  }

  /// Makes the work due at once.
  void restart() {
    waits = false;
  }

  /// Makes the work due after a time.
  ///
  /// @param nanos the present, of the monotonic clock
  void waitFor(Duration time, long nanos) {
    waits = true;
    nextNanos = nanos + time.toNanos();
  }

  /// Performs steps for the time of one tick.
  ///
  /// @param step performs one, and says whether there may be more
  /// @return whether there may be more
  static boolean someSteps(BooleanSupplier step) {
    long began = System.nanoTime();
    boolean more = true;
    while (more && System.nanoTime() - began < A_TICK.toNanos()) {
      more = step.getAsBoolean();
    }
    return more;
  }
}
