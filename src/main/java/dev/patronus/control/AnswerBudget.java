package dev.patronus.control;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// A byte limit for the replies that are created and written at the same time.
///
/// A reply reserves its estimated size before it is created and releases it when it is written or
/// its client is disconnected. Small replies ([#FREE]) reserve nothing, because even one per
/// connection is little. Safe from any thread.
final class AnswerBudget {
  /// Replies of at most this many bytes reserve nothing.
  static final long FREE = 64 << 10;

  private static final int UNIT = 1 << 10;

  private final int units;
  private final Semaphore left;
  private final Duration wait;

  /// @param bytes the limit; a reply that is larger than all of it is created when no other is
  /// @param wait how long a reply waits for its turn
  AnswerBudget(long bytes, Duration wait) {
    this.units = Math.toIntExact(Math.max(1, bytes / UNIT));
    this.left = new Semaphore(units, true);
    this.wait = wait;
  }

  /// Reserves the bytes of a reply.
  ///
  /// @return the argument for [#release]; -1 if the bytes were not available in time
  int reserve(long bytes) {
    if (bytes <= FREE) {
      return 0;
    }
    int wanted = (int) Math.min(units, bytes / UNIT + 1);
    try {
      return left.tryAcquire(wanted, wait.toMillis(), TimeUnit.MILLISECONDS) ? wanted : -1;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return -1;
    }
  }

  void release(int reserved) {
    left.release(reserved);
  }
}
