package dev.patronus.daemon;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// A thread that does its work each second, and in between what others hand to it.
///
/// Safe from any thread. Who makes it stops it.
final class Pulse {
  /// How long anybody waits for what the thread does.
  static final Duration PATIENCE = Duration.ofSeconds(12);

  private static final Duration EVERY = Duration.ofSeconds(1);

  private final Runnable work;
  private final ScheduledExecutorService thread;

  /// @param name the thread's role
  /// @param work catches what it throws; otherwise it would not be done again
  Pulse(String name, Runnable work) {
    this.work = work;
    thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name(name).daemon().factory());
  }

  void start() {
    Future<?> _ = // it ends with the thread
        thread.scheduleWithFixedDelay(
            work, EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
  }

  <T> Future<T> submit(Callable<T> call) {
    return thread.submit(call);
  }

  /// Ends the thread after what it does now.
  void stop() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
