package dev.patronus.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class CounterTest {
  private static final int THREADS = 4;
  private static final int ROUNDS = 200;
  private static final int INCREMENTS = 1_000;

  /// Four threads, 200 rounds of 4,000 increments that begin together.
  @Test
  void no_increment_is_lost_and_no_reader_sees_a_count_go_back_or_ahead() throws Exception {
    Counter counter = new Counter();
    CyclicBarrier round = new CyclicBarrier(THREADS);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread[] threads = new Thread[THREADS];
    for (int i = 0; i < THREADS; i++) {
      threads[i] = Thread.ofPlatform().start(() -> count(counter, round, failure));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(null, failure.get());
    assertEquals((long) ROUNDS * THREADS * INCREMENTS, counter.value());
  }

  private static void count(
      Counter counter, CyclicBarrier round, AtomicReference<Throwable> failure) {
    try {
      for (int i = 1; i <= ROUNDS; i++) {
        round.await();
        long before = counter.value();
        for (int j = 0; j < INCREMENTS; j++) {
          counter.increment();
        }
        long after = counter.value();
        assertTrue(after - before >= INCREMENTS, "a thread sees its own increments");
        assertTrue(after <= (long) i * THREADS * INCREMENTS, "a count of what was not counted");
        round.await();
      }
    } catch (Exception | AssertionError e) {
      failure.compareAndSet(null, e);
      round.reset();
    }
  }
}
