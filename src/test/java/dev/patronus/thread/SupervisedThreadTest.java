package dev.patronus.thread;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.metrics.Metrics;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SupervisedThreadTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final Metrics metrics = new Metrics();

  @Test
  void work_that_fails_with_an_exception_is_begun_again_and_counted() {
    AtomicInteger runs = new AtomicInteger();
    SupervisedThread thread =
        SupervisedThread.startVirtual(
            "worker",
            metrics,
            () -> {
              if (runs.incrementAndGet() == 1) {
                throw new IllegalStateException("the first time it fails");
              }
            });
    assertTrue(thread.join(LONG));
    assertEquals(2, runs.get());
    assertEquals(1, metrics.counter("thread_failures", "thread", "worker").value());
  }

  @Test
  void work_that_returns_is_not_begun_again() {
    AtomicInteger runs = new AtomicInteger();
    SupervisedThread thread =
        SupervisedThread.startPlatform("worker", metrics, runs::incrementAndGet);
    assertTrue(thread.join(LONG));
    assertEquals(1, runs.get());
  }

  @Test
  void a_stop_ends_work_that_waits_and_work_that_is_about_to_begin_again() throws Exception {
    CountDownLatch failed = new CountDownLatch(1);
    SupervisedThread failing =
        SupervisedThread.startVirtual(
            "failing",
            metrics,
            () -> {
              failed.countDown();
              throw new IllegalStateException("always");
            });
    failed.await();
    failing.stop();
    assertTrue(failing.join(LONG));
    SupervisedThread waiting =
        SupervisedThread.startVirtual("waiting", metrics, () -> new CountDownLatch(1).await());
    assertFalse(waiting.join(Duration.ofMillis(1)));
    waiting.stop();
    assertTrue(waiting.join(LONG));
  }
}
