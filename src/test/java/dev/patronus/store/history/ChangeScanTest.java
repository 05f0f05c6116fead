package dev.patronus.store.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.history.CounterMode;
import dev.patronus.output.row.Batch;
import dev.patronus.store.Database;
import dev.patronus.store.history.PolicyValues.Names;
import dev.patronus.store.scan.ExportColumn;
import dev.patronus.store.scan.ExportQuery;
import dev.patronus.store.scan.ExportTable;
import dev.patronus.store.scan.RowScan;
import dev.patronus.store.scan.RowSlices.SliceReader;
import dev.patronus.store.scan.TableScanner;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.time.TimeRange;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Changes in the order in which rows were written, against the same rows sorted policy by policy.
class ChangeScanTest {
  private static final int POLICIES = 5;
  private static final long BEGIN = 1_795_000_000L;
  private static final List<String> COLUMNS =
      List.of("stat_id", "policy_id", "timestamp", "packets_matched", "elapsed_seconds", "reset");
  private static final List<ExportColumn> FIELDS = ExportTable.STATS.own();

  private final long seed = Long.getLong("seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final List<Row> rows = new ArrayList<>();

  @TempDir Path folder;
  private PlatformDatabase platform;

  /// A row of the table; a negative count is none that can be.
  private record Row(long key, long policy, long second, long packets) {}

  @BeforeEach
  void create() throws SQLException, IOException {
    platform = PlatformDatabase.create(folder, Age.NEWEST);
    platform.run("PRAGMA foreign_keys = OFF");
  }

  @AfterEach
  void close() throws SQLException {
    platform.close();
  }

  // ---- tables ----------------------------------------------------------------------------------

  private void snapshots(long key, long second, int count) throws SQLException {
    platform.inOneTransaction(() -> {
      long next = key;
      for (int i = 0; i < count; i++) {
        for (int policy = 0; policy < POLICIES; policy++) {
          row(next++, policy == 0 ? -2 : policy, second + 60L * i, packets(i));
        }
      }
    });
  }

  /// Counters that grow, are reset at times, and now and then cannot be true.
  private long packets(int snapshot) {
    return random.nextInt(40) == 0 ? -1 : snapshot % 97 * 10L + random.nextInt(10);
  }

  private void row(long key, long policy, long second, long packets) throws SQLException {
    rows.add(new Row(key, policy, second, packets));
    platform.run(
        "INSERT INTO sdwan_policy_stats VALUES (?, ?, ?, ?, ?, 0)",
        key,
        policy,
        second,
        packets < 0 && random.nextBoolean() ? "many" : packets,
        packets);
  }

  private void shuffled(int count) throws SQLException {
    platform.inOneTransaction(() -> {
      long key = 1;
      for (int i = 0; i < count; i++) {
        key += 1 + random.nextInt(3);
        row(key, random.nextInt(POLICIES), BEGIN + random.nextInt(count), packets(i));
      }
    });
  }

  // ---- what it must be -------------------------------------------------------------------------

  private Map<Long, String> expected(TimeRange range, Set<Long> byArrival) {
    Map<Long, String> expected = new TreeMap<>();
    for (long policy : rows.stream().map(Row::policy).distinct().toList()) {
      Comparator<Row> order = Comparator.comparingLong(Row::key);
      if (!byArrival.contains(policy)) {
        order = Comparator.comparingLong(Row::second).thenComparing(order);
      }
      Optional<Row> before = Optional.empty();
      for (Row row : rows.stream().filter(r -> r.policy() == policy).sorted(order).toList()) {
        if (contains(range, row.second())) {
          expected.put(row.key(), text(before, row));
        }
        before = row.packets() < 0 ? before : Optional.of(row);
      }
    }
    return expected;
  }

  private static boolean contains(TimeRange range, long second) {
    return range.firstSecond() <= second && (range.until().isEmpty() || second < range.endSecond());
  }

  private static String text(Optional<Row> before, Row row) {
    if (row.packets() < 0 || before.isEmpty()) {
      return row.policy() + " " + row.second() + " none";
    }
    boolean reset = row.packets() < before.get().packets();
    long packets = reset ? row.packets() : row.packets() - before.get().packets();
    long elapsed = row.second() - before.get().second();
    return row.policy() + " " + row.second() + " " + packets + " " + elapsed + " " + reset;
  }

  // ---- what it is ------------------------------------------------------------------------------

  private RowScan open(Database database, TimeRange range, Set<Long> byArrival) {
    TableScanner scanner = new TableScanner(database, ExportTable.STATS);
    ExportQuery selection =
        new ExportQuery(ExportTable.STATS, FIELDS, List.of(), range, scanner.keys());
    return new PolicyValues(CounterMode.DELTA, Optional.empty())
        .openAsWritten(database, scanner, selection, byArrival, COLUMNS, Names.of(Map.of()));
  }

  /// The rows of a batch by their keys, each of which is greater than those before.
  private static void put(Batch batch, Map<Long, String> into) {
    for (int row = 0; row < batch.rows(); row++) {
      String change =
          batch.isWhole(row, 3)
              ? batch.whole(row, 3) + " " + batch.whole(row, 4) + " " + (batch.whole(row, 5) != 0)
              : "none";
      into.put(batch.whole(row, 0), batch.whole(row, 1) + " " + batch.whole(row, 2) + " " + change);
    }
  }

  private Map<Long, String> byOne(TimeRange range, Set<Long> byArrival) {
    Map<Long, String> found = new TreeMap<>();
    Batch batch = new Batch(COLUMNS.size());
    long last = Long.MIN_VALUE;
    try (Database database = Database.openReadOnly(platform.file());
        RowScan scan = open(database, range, byArrival)) {
      while (scan.fill(batch)) {
        for (int row = 0; row < batch.rows(); row++) {
          assertTrue(batch.whole(row, 0) > last, "not in the order of keys");
          last = batch.whole(row, 0);
        }
        put(batch, found);
        batch.clear();
      }
    }
    return found;
  }

  private Map<Long, String> byTwo(TimeRange range, Set<Long> byArrival)
      throws InterruptedException {
    Map<Long, String> found = new ConcurrentSkipListMap<>();
    try (Database database = Database.openReadOnly(platform.file());
        RowScan scan = open(database, range, byArrival)) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        SliceReader reader = scan.slices().orElseThrow().reader().orElseThrow();
        threads.add(Thread.ofPlatform().start(() -> readAll(reader, found)));
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
    return found;
  }

  private static void readAll(SliceReader reader, Map<Long, String> found) {
    Batch batch = new Batch(COLUMNS.size());
    try (reader) {
      while (reader.next() >= 0) {
        while (reader.fill(batch)) {
          put(batch, found);
          batch.clear();
        }
      }
    }
  }

  private void check() {
    long newest = rows.stream().mapToLong(Row::second).max().orElse(BEGIN);
    long since = random.nextLong(BEGIN - 100, newest + 100);
    long until = random.nextLong(since, newest + 200);
    List<TimeRange> ranges =
        List.of(
            TimeRange.ALL,
            TimeRange.since(Instant.ofEpochSecond(since)),
            TimeRange.of(Instant.ofEpochSecond(since), Instant.ofEpochSecond(until)));
    for (TimeRange range : ranges) {
      for (Set<Long> byArrival : List.of(Set.<Long>of(), Set.of(-2L, 3L))) {
        assertEquals(
            expected(range, byArrival),
            byOne(range, byArrival),
            () -> range + " " + byArrival + ", repeat with -Dseed=" + seed);
      }
    }
  }

  @Test
  void rows_in_order_of_time_are_compared_with_the_one_before() throws SQLException {
    snapshots(1, BEGIN, 2_000);
    check();
  }

  @Test
  void rows_of_a_clock_that_was_set_back_are_compared_in_order_of_time() throws SQLException {
    snapshots(1, BEGIN, 1_200);
    snapshots(6_001, BEGIN + 60L * 1_100 + 7, 1_200);
    check();
  }

  @Test
  void rows_of_another_database_that_were_added_behind_are_compared_in_order_of_time()
      throws SQLException {
    snapshots(1, BEGIN + 1_000_000, 1_000);
    snapshots(5_001, BEGIN, 1_000);
    check();
  }

  @Test
  void rows_that_came_back_under_their_old_keys_are_compared_in_order_of_time()
      throws SQLException {
    snapshots(5_001, BEGIN + 60_000, 1_000);
    snapshots(1, BEGIN, 900);
    check();
  }

  @Test
  void rows_in_any_order_are_compared_in_order_of_time() throws SQLException {
    shuffled(6_000);
    check();
  }

  @Test
  void a_policy_or_a_time_that_is_no_number_is_left_out() throws SQLException {
    snapshots(1, BEGIN, 30);
    platform.run("INSERT INTO sdwan_policy_stats VALUES (500, 1, 'noon', 1, 1, 0)");
    platform.run("INSERT INTO sdwan_policy_stats VALUES (501, 'web', 5, 1, 1, 0)");
    check();
  }

  @Test
  void there_may_be_no_row() {
    check();
  }

  @Test
  void two_threads_find_what_one_finds() throws SQLException, InterruptedException {
    snapshots(1, BEGIN, 8_000);
    snapshots(50_000, BEGIN + 60L * 7_900 + 7, 8_000);
    for (Set<Long> byArrival : List.of(Set.<Long>of(), Set.of(-2L, 3L))) {
      assertEquals(
          expected(TimeRange.ALL, byArrival),
          byTwo(TimeRange.ALL, byArrival),
          () -> "repeat with -Dseed=" + seed);
    }
  }
}
