package dev.patronus.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class SourceThreadTest {
  private final SourceThread thread = new SourceThread("source of this test");

  @Test
  void work_that_returns_has_ended() throws Exception {
    thread.start(() -> {});
    assertEquals(new Health.Ended(), thread.awaitEnd());
  }

  @Test
  void work_that_throws_has_failed_for_a_reason() throws Exception {
    thread.start(() -> {
      throw new IOException("port in use");
    });
    assertEquals(new Health.Failed("port in use"), thread.awaitEnd());
  }

  @Test
  void an_input_that_is_cut_off_has_ended_with_a_remark() throws Exception {
    thread.start(() -> {
      throw new EndedEarly("cut off in packet 7");
    });
    assertEquals(new Health.Ended("cut off in packet 7"), thread.awaitEnd());
  }

  @Test
  void a_defect_is_a_failure_too() throws Exception {
    thread.start(() -> {
      throw new IllegalStateException();
    });
    assertEquals(new Health.Failed("IllegalStateException"), thread.awaitEnd());
  }

  @Test
  void what_was_stopped_is_idle_and_can_be_started_again() throws Exception {
    CountDownLatch stop = new CountDownLatch(1);
    thread.start(stop::await);
    assertEquals(new Health.Running(), thread.health());
    assertThrows(IllegalStateException.class, () -> thread.start(() -> {}));
    thread.stop(stop::countDown);
    assertEquals(new Health.Idle(), thread.health());
    thread.start(() -> {});
    assertEquals(new Health.Ended(), thread.awaitEnd());
  }

  @Test
  void stopping_what_never_ran_does_nothing() {
    thread.stop(() -> {
      throw new AssertionError("there is nothing to stop");
    });
    assertEquals(new Health.Idle(), thread.health());
  }
}
