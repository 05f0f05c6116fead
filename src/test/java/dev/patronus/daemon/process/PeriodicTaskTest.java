package dev.patronus.daemon.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.metrics.Metrics;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PeriodicTaskTest {
  private final Metrics metrics = new Metrics();

  @Test
  void work_that_throws_is_done_again() throws Exception {
    CountDownLatch third = new CountDownLatch(3);
    PeriodicTask pulse =
        new PeriodicTask(
            "worker",
            metrics,
            () -> {
              third.countDown();
              if (third.getCount() > 0) {
                throw new IllegalStateException("not yet");
              }
            });
    pulse.start();
    third.await();
    assertTrue(pulse.stop());
    assertEquals(2, metrics.counter("thread_failures", "thread", "worker").value());
  }

  @Test
  void a_tick_counts_only_once_the_work_is_done() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    PeriodicTask pulse =
        new PeriodicTask(
            "worker",
            metrics,
            () -> {
              begun.countDown();
              try {
                release.await();
              } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
              }
            });
    pulse.start();
    begun.await();
    long before = System.nanoTime();
    assertTrue(pulse.tickNanos() - before < 0, "a tick that has not ended");
    release.countDown();
    pulse.submit(() -> true).get();
    assertTrue(pulse.tickNanos() - before > 0, "the tick has ended");
    assertTrue(pulse.stop());
  }

  @Test
  void what_was_handed_to_it_before_the_stop_is_done_and_nothing_after_it() throws Exception {
    AtomicInteger done = new AtomicInteger();
    PeriodicTask pulse = new PeriodicTask("worker", metrics, () -> {});
    var _ = pulse.submit(done::incrementAndGet);
    pulse.start();
    var _ = pulse.submit(done::incrementAndGet);
    assertTrue(pulse.stop());
    assertEquals(2, done.get());
    assertThrows(RejectedExecutionException.class, () -> pulse.submit(done::incrementAndGet));
  }
}
