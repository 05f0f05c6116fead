package dev.patronus.shell;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Ends a wait for a line that nobody types: interrupts the waiting thread when no key has come for
/// so long.
///
/// [#touch()] is safe from any thread; one lock around all.
final class IdleWatch {
  private final long limitNanos;
  private @Nullable Thread waiting;
  private long lastKey;
  private boolean expired;

  /// @param limit how long nothing may come; zero for ever
  IdleWatch(Duration limit) {
    this.limitNanos = limit.toNanos();
  }

  void start() {
    if (limitNanos > 0) {
      Thread.ofVirtual().name("idle watch").start(this::watch);
    }
  }

  /// The calling thread waits for a line from now on.
  synchronized void begin() {
    waiting = Thread.currentThread();
    lastKey = System.nanoTime();
  }

  /// A key has come.
  synchronized void touch() {
    lastKey = System.nanoTime();
  }

  /// The line has come.
  synchronized void end() {
    waiting = null;
  }

  /// Whether it has ended a wait.
  synchronized boolean expired() {
    return expired;
  }

  private void watch() {
    try {
      while (!expired()) {
        Thread.sleep(Duration.ofNanos(Math.max(1_000_000, look())));
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Gives the nanoseconds until the next look.
  private synchronized long look() {
    if (waiting == null) {
      return limitNanos;
    }
    long left = limitNanos - (System.nanoTime() - lastKey);
    if (left <= 0) {
      expired = true;
      waiting.interrupt();
    }
    return left;
  }
}
