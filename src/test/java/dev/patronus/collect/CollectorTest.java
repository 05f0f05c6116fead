package dev.patronus.collect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.FlowSink;
import dev.patronus.flow.IpAddress;
import dev.patronus.metrics.Metrics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CollectorTest {
  @TempDir Path folder;
  private final Metrics metrics = new Metrics();
  private PolicyCounters counters;
  private TrafficAccounting accounting;
  private Collector collector;
  private Thread thread;

  @BeforeEach
  void open() throws IOException {
    counters =
        PolicyCounters.open(folder.resolve("counters"), "database", Optional.empty(), metrics);
    accounting =
        new TrafficAccounting(TrafficAccounting.Settings.DEFAULT, counters, 42, 0, metrics);
    collector = new Collector(accounting, () -> 0, metrics);
    thread = new Thread(collector, "collector");
  }

  @AfterEach
  void close() throws Exception {
    collector.stop();
    thread.join();
    counters.close();
  }

  private static FlowRecord record(int n) {
    FlowKey key = FlowKey.of(IpAddress.v4(n), 1, IpAddress.v4(2), 443, FlowKey.TCP);
    return FlowRecord.at(1_000, key, 1, 100);
  }

  private long packets() {
    return accounting.snapshot(Instant.EPOCH).unmatched().packets();
  }

  @Test
  void what_several_sources_submit_is_counted_once() throws Exception {
    thread.start();
    List<Thread> sources = new ArrayList<>();
    for (int source = 0; source < 4; source++) {
      sources.add(Thread.ofPlatform().start(() -> send(50_001)));
    }
    for (Thread source : sources) {
      source.join();
    }
    collector.stop();
    thread.join();
    assertEquals(200_004, packets());
    assertEquals(200_004, metrics.count("records_counted"));
    assertEquals(0, metrics.total("records_lost"));
  }

  private void send(int records) {
    FlowSink sink = collector.sink("source " + Thread.currentThread().threadId());
    for (int n = 0; n < records; n++) {
      sink.accept(record(n % 1_000));
    }
    sink.flush();
  }

  @Test
  void what_was_handed_over_before_the_stop_is_counted() throws Exception {
    send(1_000);
    collector.stop();
    thread.start();
    thread.join();
    assertEquals(1_000, packets());
  }

  @Test
  void a_question_sees_what_was_handed_over_before_it() {
    thread.start();
    send(1_000);
    while (collector.call(a -> a.snapshot(Instant.EPOCH).unmatched().packets()) < 1_000) {
      Thread.onSpinWait();
    }
    long seen = collector.call(a -> a.snapshot(Instant.EPOCH).unmatched().packets());
    assertEquals(1_000, seen);
  }

  @Test
  void questions_are_answered_on_the_collectors_thread() {
    thread.start();
    assertEquals("collector", collector.call(_ -> Thread.currentThread().getName()));
    String nested = collector.call(_ -> collector.call(_ -> Thread.currentThread().getName()));
    assertEquals("collector", nested);
  }

  @Test
  void what_a_question_throws_comes_out_where_it_was_asked_and_the_collector_goes_on() {
    thread.start();
    var thrown =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                collector.call(_ -> {
                  throw new IllegalArgumentException("no such policy");
                }));
    assertEquals("no such policy", thrown.getMessage());
    assertEquals("answer", collector.call(_ -> "answer"));
  }

  @Test
  void a_question_after_the_end_is_refused() throws Exception {
    thread.start();
    collector.stop();
    thread.join();
    var refused = assertThrows(IllegalStateException.class, () -> collector.call(_ -> 7));
    assertEquals("the collector has ended", refused.getMessage());
  }

  @Test
  void what_comes_after_the_end_is_counted_as_lost() throws Exception {
    thread.start();
    collector.stop();
    thread.join();
    send(100);
    assertEquals(100, metrics.total("records_lost"));
  }

  @Test
  void a_collector_that_dies_refuses_questions_and_what_comes_is_counted_as_lost()
      throws Exception {
    Collector dying =
        new Collector(
            accounting,
            () -> {
              throw new IllegalStateException("for the test");
            },
            metrics);
    List<Throwable> deaths = new ArrayList<>();
    Thread mortal =
        Thread.ofPlatform().uncaughtExceptionHandler((_, e) -> deaths.add(e)).start(dying);
    mortal.join();
    assertEquals("for the test", deaths.getFirst().getMessage());
    assertThrows(IllegalStateException.class, () -> dying.call(_ -> 7));
    FlowSink sink = dying.sink("source");
    sink.accept(record(1));
    sink.flush();
    assertEquals(1, metrics.total("records_lost"));
  }

  @Test
  void a_source_waits_when_the_queue_is_full_even_if_it_is_interrupted() throws Exception {
    int more = 70_000;
    Thread source = Thread.ofPlatform().start(() -> send(more));
    while (metrics.count("collector_source_waits") == 0) {
      Thread.onSpinWait();
    }
    source.interrupt();
    assertTrue(source.isAlive());
    thread.start();
    source.join();
    collector.stop();
    thread.join();
    assertEquals(more, packets());
  }

  @Test
  void a_slow_question_keeps_no_record_from_being_counted() throws Exception {
    thread.start();
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Thread asker =
        Thread.ofPlatform()
            .start(() ->
                collector.call(_ -> {
                  asked.countDown();
                  awaitQuietly(go);
                  return 0;
                }));
    asked.await();
    send(4_000);
    go.countDown();
    asker.join();
    collector.stop();
    thread.join();
    assertEquals(4_000, packets());
    assertFalse(thread.isAlive());
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void a_source_that_settles_waits_until_its_records_are_counted() {
    thread.start();
    FlowSink sink = collector.sink("source " + Thread.currentThread().threadId());
    for (int round = 1; round <= 50; round++) {
      for (int n = 0; n < 77; n++) {
        sink.accept(record(n));
      }
      sink.settle();
      assertEquals(77L * round, sink.counted());
    }
    assertEquals(50 * 77, (long) collector.call(_ -> packets()));
  }

  @Test
  void a_source_that_settles_does_not_wait_for_a_collector_that_has_ended() throws Exception {
    collector.stop();
    thread.start();
    thread.join();
    FlowSink sink = collector.sink("source " + Thread.currentThread().threadId());
    sink.accept(record(1));
    sink.settle();
    assertEquals(0, sink.counted());
    assertEquals(1, metrics.total("records_lost"));
  }
}
