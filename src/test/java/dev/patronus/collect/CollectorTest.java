package dev.patronus.collect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.FlowSink;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.filter.FlowFilter;
import dev.patronus.metrics.Metrics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
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
    FlowSink sink = collector.sink("source " + Thread.currentThread().threadId(), 0);
    for (int n = 0; n < records; n++) {
      sink.accept(record(n % 1_000));
    }
    sink.flush();
  }

  @Test
  void records_are_counted_when_the_source_has_flushed_them() {
    thread.start();
    send(1_000);
    assertEquals(1_000, (long) collector.call(_ -> packets()));
  }

  @Test
  void what_was_not_flushed_is_counted_before_a_request_and_before_the_end() throws Exception {
    thread.start();
    FlowSink sink = collector.sink("source", 0);
    for (int n = 0; n < 128; n++) {
      sink.accept(record(n));
    }
    assertEquals(128, (long) collector.call(_ -> packets()));
    for (int n = 0; n < 64; n++) {
      sink.accept(record(n));
    }
    assertEquals(128, packets());
    collector.stop();
    thread.join();
    assertEquals(192, packets());
  }

  @Test
  void records_of_several_batches_and_their_number_are_one_commit() throws IOException {
    FlowSink sink = collector.sink("source", 0);
    sink.accept(record(1));
    sink.flush();
    long before = commits();
    for (int n = 0; n < 1_000; n++) {
      sink.accept(record(n));
    }
    assertEquals(before, commits());
    sink.flush();
    assertEquals(before + 1, commits());
    assertEquals(1_001, sink.counted());
  }

  private long commits() throws IOException {
    byte[] file = Files.readAllBytes(folder.resolve("counters"));
    ByteBuffer words = ByteBuffer.wrap(file).order(ByteOrder.nativeOrder());
    return words.getLong(CounterLayout.LOG_SEQUENCE_AT);
  }

  @Test
  void records_are_counted_without_the_collectors_thread() {
    send(1_000);
    assertEquals(1_000, packets());
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
    FlowSink sink = dying.sink("source", 0);
    sink.accept(record(1));
    sink.flush();
    assertEquals(1, metrics.total("records_lost"));
  }

  @Test
  void a_source_waits_for_a_slow_request_even_if_it_is_interrupted() throws Exception {
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
    Thread source = Thread.ofPlatform().start(() -> send(4_000));
    while (metrics.count("collector_source_waits") == 0) {
      Thread.onSpinWait();
    }
    source.interrupt();
    assertTrue(source.isAlive());
    go.countDown();
    source.join();
    asker.join();
    assertEquals(4_000, packets());
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void a_source_sees_how_many_of_its_records_are_counted() {
    thread.start();
    FlowSink sink = collector.sink("source", 0);
    assertEquals(0, sink.counted());
    for (int round = 1; round <= 50; round++) {
      for (int n = 0; n < 77; n++) {
        sink.accept(record(n));
      }
      sink.flush();
      assertEquals(77L * round, sink.counted());
    }
    assertEquals(50 * 77, (long) collector.call(_ -> packets()));
  }

  @Test
  void nothing_is_counted_after_a_fault_in_the_accounting() throws Exception {
    thread.start();
    FlowSink sink = collector.sink("source", 0);
    FlowRecord none = null;
    sink.accept(none);
    assertThrows(NullPointerException.class, sink::flush);
    thread.join();
    send(100);
    assertEquals(100, metrics.total("records_lost"));
    assertThrows(IllegalStateException.class, () -> collector.call(_ -> 7));
  }

  @Test
  void a_source_without_a_pause_lets_a_request_in_with_its_next_batch() throws Exception {
    CountDownLatch counting = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger batches = new AtomicInteger();
    collector =
        new Collector(
            accounting,
            () -> {
              boolean isSource = Thread.currentThread().getName().equals("busy");
              if (isSource && batches.incrementAndGet() == 3) {
                counting.countDown();
                awaitQuietly(go);
              }
              return 0;
            },
            metrics);
    thread = new Thread(collector, "collector");
    thread.start();
    Thread source = Thread.ofPlatform().name("busy").start(() -> send(100_000));
    counting.await();
    AtomicInteger before = new AtomicInteger();
    Thread asker =
        Thread.ofPlatform()
            .start(() ->
                collector.call(_ -> {
                  before.set(batches.get());
                  return 0;
                }));
    while (!isInLockAll(thread) || thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    go.countDown();
    asker.join();
    source.join();
    assertEquals(3, before.get());
  }

  private static boolean isInLockAll(Thread collector) {
    return Arrays.stream(collector.getStackTrace())
        .anyMatch(frame -> frame.getMethodName().equals("lockAll"));
  }

  @Test
  void a_source_is_counted_while_there_are_always_requests() throws Exception {
    thread.start();
    AtomicBoolean over = new AtomicBoolean();
    List<Thread> askers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      askers.add(
          Thread.ofPlatform()
              .start(() -> {
                while (!over.get()) {
                  collector.call(_ -> packets());
                }
              }));
    }
    send(100_000);
    over.set(true);
    for (Thread asker : askers) {
      asker.join();
    }
    assertEquals(100_000, packets());
  }

  /// Three threads that count into two flow tables, with requests in between.
  @Test
  void with_several_flow_tables_the_totals_are_those_of_one() throws Exception {
    TrafficAccounting.Settings settings =
        new TrafficAccounting.Settings(Duration.ofMinutes(5), 10_000, false, 2);
    accounting = new TrafficAccounting(settings, counters, 42, 0, metrics);
    collector = new Collector(accounting, () -> 0, metrics);
    thread = new Thread(collector, "collector");
    thread.start();
    List<Thread> sources = new ArrayList<>();
    for (int receiver = 0; receiver < 3; receiver++) {
      int number = receiver;
      FlowSink sink = collector.sink("receiver " + receiver, receiver);
      sources.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int n = 0; n < 100_000; n++) {
                  sink.accept(record(1_000 * number + n % 1_000));
                }
                sink.flush();
              }));
    }
    long before = 0;
    for (int i = 0; i < 100; i++) {
      long now = collector.call(_ -> packets());
      assertTrue(now >= before);
      before = now;
    }
    for (Thread source : sources) {
      source.join();
    }
    assertEquals(300_000, (long) collector.call(_ -> packets()));
    assertEquals(3_000, accounting.liveFlows());
    TopFlows top = new TopFlows(ActiveFlow.Order.PACKETS, FlowFilter.ALL, 5_000);
    while (collector.call(each -> top.step(each, 0))) {}
    assertEquals(3_000, top.flows().stream().map(ActiveFlow::key).distinct().count());
    assertTrue(top.flows().stream().allMatch(flow -> flow.volume().packets() == 100));
  }
}
