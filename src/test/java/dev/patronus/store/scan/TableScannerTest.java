package dev.patronus.store.scan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.output.row.Batch;
import dev.patronus.output.row.CsvWriter;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Heading;
import dev.patronus.store.Database;
import dev.patronus.store.scan.ExportQuery.KeyRange;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.time.TimeRange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a scan gives against what plain SQL gives.
class TableScannerTest {
  private static final String TABLE = "sdwan_policy_stats";
  private static final String ROW =
      "SELECT stat_id || ',' || printf('%llu', policy_id) || ',' || timestamp || ',' ||"
          + " packets_matched FROM sdwan_policy_stats ";
  private static final List<String> COLUMNS =
      List.of("stat_id", "policy_id", "timestamp", "packets_matched");

  @TempDir Path folder;
  private PlatformDatabase platform;

  @BeforeEach
  void create() throws SQLException, IOException {
    platform = PlatformDatabase.create(folder, Age.NEWEST);
    platform.run("PRAGMA foreign_keys = OFF");
  }

  @AfterEach
  void close() throws SQLException {
    platform.close();
  }

  private static ExportQuery select(List<Long> groups, TimeRange range, KeyRange keys) {
    List<ExportColumn> fields = COLUMNS.stream().map(ExportTable.STATS::field).toList();
    return new ExportQuery(ExportTable.STATS, fields, groups, range, keys);
  }

  private static List<String> rows(RowScan scan) throws IOException {
    return rows(scan, COLUMNS.size());
  }

  private static List<String> rows(RowScan scan, int columns) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CsvWriter csv = new CsvWriter(out, false, false);
    csv.begin(COLUMNS.stream().map(name -> Heading.of(name, Kind.ID)).toList());
    Batch batch = new Batch(columns);
    while (scan.fill(batch)) {
      batch.writeTo(csv);
      batch.clear();
    }
    csv.finish();
    scan.close();
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  /// Rows with gaps in their keys, late ones, several of a policy in one second.
  private long fill(Random random, int rows) throws SQLException {
    long[] policies = {5, 7, -3, Long.MIN_VALUE, Long.MAX_VALUE};
    platform.inOneTransaction(() -> {
      long key = 1;
      for (int i = 0; i < rows; i++) {
        key += random.nextInt(10) == 0 ? random.nextInt(200_000) : 1;
        long late = random.nextInt(20) == 0 ? random.nextInt(5_000) : 0;
        platform.run(
            "INSERT INTO sdwan_policy_stats VALUES (?, ?, ?, ?, ?, ?)",
            key,
            policies[random.nextInt(policies.length)],
            1_000_000 + i - late,
            random.nextInt(1000),
            0,
            0);
      }
    });
    return platform.number("SELECT max(stat_id) FROM " + TABLE);
  }

  @Test
  void every_way_of_scanning_gives_the_rows_that_sql_gives_in_its_order()
      throws SQLException, IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    fill(random, 6_000);
    try (Database database = Database.openReadOnly(platform.file())) {
      TableScanner extraction = new TableScanner(database, ExportTable.STATS);
      for (int i = 0; i < 8; i++) {
        long since = 995_000L + random.nextInt(9_000);
        TimeRange range =
            switch (random.nextInt(4)) {
              case 0 -> TimeRange.ALL;
              case 1 -> TimeRange.since(Instant.ofEpochSecond(since));
              case 2 -> TimeRange.until(Instant.ofEpochSecond(since));
              default ->
                  TimeRange.of(
                      Instant.ofEpochSecond(since),
                      Instant.ofEpochSecond(since + random.nextInt(3_000)));
            };
        String where =
            " WHERE timestamp >= "
                + Math.max(0, range.firstSecond())
                + " AND timestamp < "
                + range.endSecond();
        assertEquals(
            platform.rows(ROW + where + " ORDER BY stat_id"),
            rows(extraction.asWritten(select(List.of(), range, extraction.keys()))),
            "seed " + seed);
        String byPolicy = " ORDER BY policy_id < 0, policy_id, timestamp, stat_id";
        assertEquals(
            platform.rows(ROW + where + byPolicy),
            rows(extraction.byGroup(select(List.of(), range, extraction.keys()), false)),
            "seed " + seed);
        assertEquals(
            platform.rows(ROW + where + " AND policy_id IN (7, -3)" + byPolicy),
            rows(extraction.byGroup(select(List.of(-3L, 7L, 7L), range, extraction.keys()), false)),
            "seed " + seed);
        KeyRange since2 = KeyRange.after(random.nextInt(1_000_000), extraction.lastKey());
        assertEquals(
            platform.rows(
                ROW
                    + where
                    + " AND policy_id = 5 AND stat_id >= "
                    + since2.first()
                    + " ORDER BY stat_id"),
            rows(extraction.asWritten(select(List.of(5L), range, since2))),
            "seed " + seed);
      }
    }
  }

  @Test
  void rows_that_are_written_meanwhile_are_left_to_the_next_scan()
      throws SQLException, IOException {
    platform.stat(1, 100, 1, 1, 1);
    try (Database database = Database.openReadOnly(platform.file())) {
      TableScanner extraction = new TableScanner(database, ExportTable.STATS);
      KeyRange keys = extraction.keys();
      platform.stat(1, 50, 2, 2, 2);
      TimeRange all = TimeRange.ALL;
      assertEquals(List.of("1,1,100,1"), rows(extraction.asWritten(select(List.of(), all, keys))));
      assertEquals(
          List.of("1,1,100,1"), rows(extraction.byGroup(select(List.of(), all, keys), false)));
      KeyRange rest = KeyRange.after(keys.last(), extraction.lastKey());
      assertEquals(List.of("2,1,50,2"), rows(extraction.asWritten(select(List.of(), all, rest))));
    }
  }

  @Test
  void a_value_of_another_type_than_its_column_is_exported_as_it_is()
      throws SQLException, IOException {
    platform.run("INSERT INTO sdwan_policy_stats VALUES (1, 2, 3, 'many', 1.5, x'ff')");
    List<String> names = List.of("packets_matched", "bytes_matched", "active_flows");
    List<ExportColumn> fields = names.stream().map(ExportTable.STATS::field).toList();
    try (Database database = Database.openReadOnly(platform.file())) {
      TableScanner extraction = new TableScanner(database, ExportTable.STATS);
      ExportQuery all =
          new ExportQuery(ExportTable.STATS, fields, List.of(), TimeRange.ALL, extraction.keys());
      assertEquals(List.of("many,1.5,/w=="), rows(extraction.asWritten(all), 3));
    }
  }

  @Test
  void between_two_pages_a_writer_commits_at_once_and_the_log_is_checkpointed()
      throws SQLException, IOException {
    platform.run("PRAGMA journal_mode = WAL");
    fill(new Random(1), 3 * Batch.ROWS);
    platform.run("PRAGMA busy_timeout = 0");
    try (Database database = Database.openReadOnly(platform.file())) {
      TableScanner extraction = new TableScanner(database, ExportTable.STATS);
      for (RowScan scan : bothScans(extraction)) {
        Batch batch = new Batch(COLUMNS.size());
        assertTrue(scan.fill(batch) && batch.full(), "the scan is in the middle");
        platform.stat(5, 1, 1, 1, 1);
        assertEquals(List.of("0|0|0"), platform.rows("PRAGMA wal_checkpoint(TRUNCATE)"));
        batch.clear();
        assertTrue(scan.fill(batch), "and it goes on");
        scan.close();
      }
    }
  }

  @Test
  void between_two_pages_a_writer_of_a_rollback_journal_commits_at_once()
      throws SQLException, IOException {
    fill(new Random(1), 3 * Batch.ROWS);
    platform.run("PRAGMA busy_timeout = 0");
    try (Database database = Database.openReadOnly(platform.file())) {
      TableScanner extraction = new TableScanner(database, ExportTable.STATS);
      for (RowScan scan : bothScans(extraction)) {
        Batch batch = new Batch(COLUMNS.size());
        assertTrue(scan.fill(batch) && batch.full(), "the scan is in the middle");
        platform.stat(5, 1, 1, 1, 1);
        scan.close();
      }
    }
  }

  private static List<RowScan> bothScans(TableScanner extraction) {
    ExportQuery all = select(List.of(), TimeRange.ALL, extraction.keys());
    return List.of(extraction.asWritten(all), extraction.byGroup(all, false));
  }

  @Test
  void no_scan_sorts_and_none_looks_at_rows_that_are_not_wanted() throws SQLException {
    List<String> plans = new ArrayList<>();
    for (String sql :
        List.of(
            "SELECT * FROM sdwan_policy_stats t WHERE t.stat_id >= 1 AND t.stat_id <= 9"
                + " ORDER BY t.stat_id LIMIT 5",
            "SELECT * FROM sdwan_policy_stats t WHERE t.policy_id = 1 AND t.timestamp >= 1"
                + " AND t.timestamp <= 2 AND (t.timestamp > 1 OR t.stat_id > 3) AND t.stat_id <= 9"
                + " ORDER BY t.timestamp, t.stat_id LIMIT 5",
            "SELECT * FROM sdwan_policy_stats t WHERE t.policy_id = 1 AND t.timestamp < 2"
                + " AND t.stat_id <= 9 ORDER BY t.timestamp DESC, t.stat_id DESC LIMIT 1",
            "SELECT min(policy_id) FROM sdwan_policy_stats WHERE policy_id >= 1 AND policy_id <= 2",
            "SELECT min(t.stat_id), max(t.stat_id) FROM sdwan_policy_stats t"
                + " WHERE t.policy_id = 1 AND t.timestamp >= 1 AND t.timestamp < 2")) {
      plans.addAll(platform.rows("EXPLAIN QUERY PLAN " + sql));
    }
    for (String plan : plans) {
      assertTrue(plan.contains("SEARCH"), plan);
      assertFalse(plan.contains("TEMP B-TREE") || plan.contains("SCAN"), plan);
    }
  }

  @Test
  void a_table_that_this_age_does_not_have_has_no_rows() throws SQLException, IOException {
    Path other = java.nio.file.Files.createDirectory(folder.resolve("old"));
    try (PlatformDatabase old = PlatformDatabase.create(other, Age.BEFORE_SPRINT_30);
        Database database = Database.openReadOnly(old.file())) {
      TableScanner extraction = new TableScanner(database, ExportTable.STATS);
      assertFalse(extraction.exists());
      assertEquals(0, extraction.lastKey());
      ExportQuery all = select(List.of(), TimeRange.ALL, extraction.keys());
      assertEquals(List.of(), rows(extraction.asWritten(all)));
      assertEquals(List.of(), rows(extraction.byGroup(all, true)));
    }
  }
}
