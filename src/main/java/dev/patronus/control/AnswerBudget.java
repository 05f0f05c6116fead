package dev.patronus.control;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// A limit in bytes for the answers that are made and written at one time.
///
/// An answer reserves its estimated size before it is made and gives it back when it is written or
/// its client is cut off. Small answers ([#FREE]) reserve nothing: as many of them as there can be
/// connections are little. Safe from any thread.
final class AnswerBudget {
  /// Answers of at most this many bytes reserve nothing.
  static final long FREE = 64 << 10;

  private static final int UNIT = 1 << 10;

  private final int units;
  private final Semaphore left;
  private final Duration wait;

  /// @param bytes the limit; an answer that is larger than all of it is made when no other is
  /// @param wait how long an answer waits for its turn
  AnswerBudget(long bytes, Duration wait) {
    this.units = Math.toIntExact(Math.max(1, bytes / UNIT));
    this.left = new Semaphore(units, true);
    this.wait = wait;
  }

  /// Reserves room for an answer of so many bytes.
  ///
  /// @return what [#release] gives back; -1 if there was no room in time
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
