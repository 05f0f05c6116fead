package dev.patronus.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.FlowSink;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.Volume;
import dev.patronus.source.TotalsJournal.Left;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TotalsJournalTest {
  private static final String TABLE = "boot net:[1]";

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("totals");
  }

  private TotalsJournal journal() {
    return new TotalsJournal(Optional.of(file()), TABLE);
  }

  private static FlowRecord record(long flow, long packets) {
    FlowKey key = FlowKey.of(IpAddress.v4((int) flow), 1, IpAddress.v4(2), 3, FlowKey.UDP);
    return FlowRecord.at(1_000, key, packets, 100 * packets);
  }

  private static Volume total(long packets) {
    return new Volume(packets, 100 * packets);
  }

  /// A sink that counts what it was given when it is flushed, until its process is killed.
  private static final class Counts implements FlowSink {
    private final Queue<FlowRecord> accepted = new ArrayDeque<>();
    private final Map<Long, Long> packets = new HashMap<>();
    private long counted;
    private long killedAt = Long.MAX_VALUE;

    @Override
    public void accept(FlowRecord record) {
      accepted.add(record);
    }

    @Override
    public void flush() {
      while (!accepted.isEmpty() && counted < killedAt) {
        FlowRecord record = accepted.remove();
        packets.merge(record.key().srcLow() & 0xffff, record.packets(), Long::sum);
        counted++;
      }
    }

    @Override
    public long counted() {
      return counted;
    }

    /// Begins a process that is killed when it has counted so many records.
    void begin(long records) {
      accepted.clear();
      killedAt = counted + records;
    }
  }

  /// A machine with flows that carry and end, a program that is told their totals and is killed at
  /// any moment, with records on their way and a last chunk that is half written: what is counted
  /// in the end is what was carried.
  @Test
  void whenever_the_program_is_killed_each_growth_is_counted_once() throws IOException {
    long seed = Long.getLong("seed", new Random().nextLong());
    Random random = new Random(seed);
    Map<Long, Long> carried = new HashMap<>();
    Counts sink = new Counts();
    for (int run = 0; run < 60; run++) {
      sink.begin(random.nextInt(120));
      TotalsJournal journal = journal();
      Left left = journal.restore(sink.counted());
      Map<Long, Volume> seen = new HashMap<>(left.totals());
      journal.to(new Counts(), sink);
      journal.keep(seen::forEach);
      for (int reading = random.nextInt(8); reading > 0; reading--) {
        carry(random, carried);
        read(random, carried, seen, journal);
        if (random.nextInt(4) == 0) {
          journal.keep(seen::forEach);
        }
      }
      halfAChunk(random);
    }
    sink.begin(Long.MAX_VALUE / 2);
    TotalsJournal journal = journal();
    Map<Long, Volume> seen = new HashMap<>(journal.restore(sink.counted()).totals());
    journal.to(new Counts(), sink);
    read(random, carried, seen, journal);
    assertEquals(carried, sink.packets, "seed " + seed);
  }

  private static void carry(Random random, Map<Long, Long> carried) {
    for (int i = random.nextInt(30); i > 0; i--) {
      carried.merge((long) random.nextInt(40), 1L + random.nextInt(9), Long::sum);
    }
  }

  private static void read(
      Random random, Map<Long, Long> carried, Map<Long, Volume> seen, TotalsJournal journal) {
    carried.forEach((flow, packets) -> {
      long before = seen.getOrDefault(flow, Volume.ZERO).packets();
      if (packets > before) {
        journal.grown(flow, total(packets), record(flow, packets - before));
        seen.put(flow, total(packets));
      }
      if (random.nextInt(20) == 0) {
        journal.accept(record(flow, 0)); // of a flow without totals: it has another sink
      }
    });
    journal.flush();
  }

  private void halfAChunk(Random random) throws IOException {
    byte[] whole = Files.readAllBytes(file());
    byte[] more = Arrays.copyOf(whole, whole.length + random.nextInt(100));
    for (int i = whole.length; i < more.length; i++) {
      more[i] = (byte) random.nextInt();
    }
    Files.write(file(), more);
  }

  /// A journal of 3 flows at the beginning and one record after it.
  private byte[] written(Counts sink) throws IOException {
    try (TotalsJournal journal = journal()) {
      journal.to(sink, sink);
      Map<Long, Volume> all = Map.of(1L, total(1), 2L, total(2), 3L, total(3));
      journal.keep(all::forEach);
      journal.looked(77);
      journal.grown(2, total(9), record(2, 7));
      journal.gone(3);
      journal.flush();
    }
    return Files.readAllBytes(file());
  }

  @Test
  void a_growth_that_was_counted_is_restored_and_one_that_was_not_is_not() throws IOException {
    Counts sink = new Counts();
    written(sink);
    assertEquals(Map.of(1L, total(1), 2L, total(2)), journal().restore(0).totals());
    Left left = journal().restore(sink.counted());
    assertEquals(Map.of(1L, total(1), 2L, total(9)), left.totals());
    assertEquals(77, left.lookedSeconds());
    assertTrue(left.whole());
  }

  @Test
  void a_journal_of_another_table_is_as_good_as_none() throws IOException {
    written(new Counts());
    Left left = new TotalsJournal(Optional.of(file()), "boot 2").restore(0);
    assertEquals(Map.of(), left.totals());
    assertFalse(left.whole());
  }

  @Test
  void a_total_below_zero_is_none() throws IOException {
    ByteBuffer line = ByteBuffer.allocate(64);
    line.putLong(0).putLong(7).putLong(-10).putLong(1500).putLong(-2).putLong(0);
    CRC32 crc = new CRC32();
    crc.update(line.array());
    byte[] head = Arrays.copyOf(written(new Counts()), 8 + 2 + TABLE.length());
    ByteBuffer file = ByteBuffer.allocate(head.length + 8 + 8 + 64).put(head).putLong(0);
    Files.write(file(), file.putInt(2).putInt((int) crc.getValue()).put(line.array()).array());
    try (TotalsJournal journal = journal()) {
      assertEquals(Map.of(), journal.restore(0).totals());
    }
  }

  @Test
  void where_the_file_lacks_a_growth_that_was_counted_that_is_said() throws IOException {
    byte[] whole = written(new Counts());
    for (int at = 0; at < whole.length; at++) {
      Files.write(file(), Arrays.copyOf(whole, at));
      assertFalse(journal().restore(1).whole(), "cut at " + at);
      byte[] changed = whole.clone();
      changed[at] ^= 0x10;
      Files.write(file(), changed);
      boolean ofNumber = at >= 8 + 2 + TABLE.length() && at < 8 + 2 + TABLE.length() + 8;
      assertTrue(ofNumber || !journal().restore(1).whole(), "changed at " + at);
    }
  }

  @Test
  void totals_of_counters_that_were_lost_are_not_counted_again() throws IOException {
    Counts sink = new Counts();
    written(sink);
    written(sink);
    Left left = journal().restore(0);
    assertEquals(Map.of(1L, total(1), 2L, total(9)), left.totals());
    assertTrue(left.whole());
  }

  @Test
  void a_file_that_cannot_be_written_is_removed_and_begun_again_later() throws IOException {
    Counts sink = new Counts();
    written(sink);
    try (TotalsJournal journal = journal()) {
      journal.to(sink, sink);
      Files.delete(folder.resolve("totals"));
      Files.createDirectory(folder.resolve("totals"));
      journal.keep(_ -> {});
      assertEquals(1, journal.takeFailures());
      assertTrue(journal.isTooLong(0));
      journal.grown(1, total(1), record(1, 1));
      journal.flush();
      assertEquals(2, sink.counted());
      Files.delete(folder.resolve("totals"));
      journal.keep(Map.of(1L, total(1))::forEach);
      assertEquals(0, journal.takeFailures());
    }
    assertEquals(Map.of(1L, total(1)), journal().restore(2).totals());
  }

  @Test
  void a_file_that_is_long_is_begun_anew() throws IOException {
    Counts sink = new Counts();
    try (TotalsJournal journal = journal()) {
      journal.to(sink, sink);
      journal.keep(_ -> {});
      int readings = 0;
      for (; !journal.isTooLong(1); readings++) {
        journal.grown(1, total(readings), record(1, 1));
        journal.flush();
      }
      assertTrue(readings > TotalsJournal.LINES_MORE - 10);
      long before = Files.size(file());
      journal.keep(Map.of(1L, total(readings))::forEach);
      assertTrue(Files.size(file()) < before / 1000);
    }
  }

  @Test
  void without_a_file_records_are_only_handed_on() throws IOException {
    Counts sink = new Counts();
    try (TotalsJournal journal = new TotalsJournal(Optional.empty(), "")) {
      assertEquals(Left.NOTHING, journal.restore(0));
      journal.to(sink, sink);
      journal.keep(_ -> {});
      for (int i = 0; i < 10_000; i++) {
        journal.grown(1, total(i), record(1, 1));
      }
      journal.flush();
    }
    assertEquals(10_000, sink.counted());
  }
}
