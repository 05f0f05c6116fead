package dev.patronus.cli.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.command.ProgressLine;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.row.Batch;
import dev.patronus.output.row.CsvWriter;
import dev.patronus.output.row.JoinableWriter;
import dev.patronus.output.row.JsonDocument;
import dev.patronus.output.row.JsonRows;
import dev.patronus.output.row.RowWriter;
import dev.patronus.output.table.Heading;
import dev.patronus.store.Database;
import dev.patronus.store.scan.ExportColumn;
import dev.patronus.store.scan.ExportQuery;
import dev.patronus.store.scan.ExportTable;
import dev.patronus.store.scan.RowScan;
import dev.patronus.store.scan.RowSlices;
import dev.patronus.store.scan.TableScanner;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.time.TimeRange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Exports by several threads against the same exports by one.
class SlicedRowsTest {
  private static final int THREADS = 3;
  private static final List<String> COLUMNS =
      List.of("stat_id", "policy_id", "time", "bytes_matched", "policy_name");
  private static final List<Heading> HEADINGS =
      COLUMNS.stream().map(name -> ExportTable.STATS.field(name).heading()).toList();

  @TempDir Path folder;
  private PlatformDatabase platform;

  @BeforeEach
  void create() throws SQLException, IOException {
    platform = PlatformDatabase.create(folder, Age.NEWEST);
    platform.run("PRAGMA foreign_keys = OFF");
    platform.run(
        "INSERT INTO sdwan_policies VALUES (1, 'say \"hé\", 1', 1, '{}', '\"LowestLatency\"', 1)");
  }

  @AfterEach
  void close() throws SQLException {
    platform.close();
  }

  /// Makes writers of one format.
  @FunctionalInterface
  private interface Writers {
    JoinableWriter to(OutputStream out) throws IOException;
  }

  private static final List<Writers> FORMATS =
      List.of(
          out -> new CsvWriter(out, true, false),
          JsonRows::lines,
          out -> {
            JsonDocument document = new JsonDocument(out);
            document.member("asked", Map.of());
            return document.lastRows("rows");
          });

  /// Dense stretches of rows between gaps of all widths, counters that are texts or fractions.
  private void fill(Random random, int rows) throws SQLException {
    platform.inOneTransaction(() -> {
      long key = 1;
      for (int i = 0; i < rows; i++) {
        key += random.nextInt(3_000) == 0 ? 1L << random.nextInt(50) : 1;
        Object bytes =
            switch (random.nextInt(50)) {
              case 0 -> "x,y";
              case 1 -> 0.125;
              default -> random.nextLong();
            };
        platform.run(
            "INSERT INTO sdwan_policy_stats VALUES (?, ?, ?, 0, ?, 0)",
            key,
            random.nextInt(3),
            1_000_000 + 60L * i,
            bytes);
      }
    });
  }

  private RowScan scan(Database database, TimeRange range, List<Long> groups) {
    TableScanner scanner = new TableScanner(database, ExportTable.STATS);
    List<ExportColumn> fields = COLUMNS.stream().map(ExportTable.STATS::field).toList();
    return scanner.asWritten(
        new ExportQuery(ExportTable.STATS, fields, groups, range, scanner.keys()));
  }

  private static ProgressLine noProgress() {
    return new ProgressLine(
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
        false,
        System::nanoTime);
  }

  private static byte[] byOne(RowScan scan, Writers writers) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    RowWriter writer = writers.to(out);
    writer.begin(HEADINGS);
    Batch batch = new Batch(COLUMNS.size());
    while (scan.fill(batch)) {
      batch.writeTo(writer);
      batch.clear();
    }
    writer.finish();
    return out.toByteArray();
  }

  private static SlicedRows start(RowSlices slices, JoinableWriter writer) throws IOException {
    writer.begin(HEADINGS);
    return SlicedRows.start(slices, writer, COLUMNS.size(), THREADS).orElseThrow();
  }

  private static long byMany(RowSlices slices, JoinableWriter writer) throws IOException {
    try (SlicedRows rows = start(slices, writer)) {
      return rows.writeAll(noProgress());
    }
  }

  @Test
  void several_threads_write_the_bytes_that_one_writes() throws SQLException, IOException {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    fill(random, 60_000);
    TimeRange since = TimeRange.since(Instant.ofEpochSecond(1_000_000 + random.nextInt(600_000)));
    try (Database database = Database.openReadOnly(platform.file())) {
      for (TimeRange range : List.of(TimeRange.ALL, since)) {
        for (List<Long> groups : List.of(List.<Long>of(), List.of(1L))) {
          for (Writers format : FORMATS) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (RowScan scan = scan(database, range, groups)) {
              long _ = byMany(scan.slices().orElseThrow(), format.to(out));
              assertArrayEquals(
                  byOne(scan, format), out.toByteArray(), () -> "repeat with -Dseed=" + seed);
            }
          }
        }
      }
    }
  }

  @Test
  void rows_that_come_while_slices_are_read_are_left_to_the_next_export()
      throws SQLException, IOException {
    fill(new Random(1), 70_000);
    try (Database database = Database.openReadOnly(platform.file());
        RowScan scan = scan(database, TimeRange.ALL, List.of())) {
      RowSlices slices = scan.slices().orElseThrow();
      fill(5_000);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      assertEquals(70_000, byMany(slices, new CsvWriter(out, false, false)));
    }
  }

  private void fill(int rows) throws SQLException {
    platform.inOneTransaction(() -> {
      for (int i = 0; i < rows; i++) {
        platform.run(
            "INSERT INTO sdwan_policy_stats"
                + " (policy_id, timestamp, packets_matched, bytes_matched, active_flows)"
                + " VALUES (1, ?, 0, 0, 0)",
            i);
      }
    });
  }

  @Test
  void few_rows_are_read_by_one_thread() throws SQLException {
    fill(1_000);
    try (Database database = Database.openReadOnly(platform.file());
        RowScan scan = scan(database, TimeRange.ALL, List.of())) {
      assertTrue(scan.slices().isEmpty());
    }
  }

  @Test
  void one_processor_reads_alone() throws SQLException, IOException {
    fill(70_000);
    try (Database database = Database.openReadOnly(platform.file());
        RowScan scan = scan(database, TimeRange.ALL, List.of())) {
      RowSlices slices = scan.slices().orElseThrow();
      JoinableWriter writer = JsonRows.lines(OutputStream.nullOutputStream());
      assertTrue(SlicedRows.start(slices, writer, COLUMNS.size(), 1).isEmpty());
    }
  }

  @Test
  void what_a_reader_fails_with_is_thrown_to_the_caller() throws SQLException, IOException {
    fill(70_000);
    try (Database database = Database.openReadOnly(platform.file());
        RowScan scan = scan(database, TimeRange.ALL, List.of())) {
      RowSlices slices = scan.slices().orElseThrow();
      platform.run("DROP TABLE sdwan_policy_stats");
      JoinableWriter writer = JsonRows.lines(OutputStream.nullOutputStream());
      UserError error = assertThrows(UserError.class, () -> byMany(slices, writer));
      assertTrue(error.getMessage().contains("no such table"), error.getMessage());
    }
  }

  @Test
  void an_error_of_the_stream_ends_the_readers_and_is_thrown_as_it_is()
      throws SQLException, IOException {
    fill(100_000);
    IOException full = new IOException("no space left");
    try (Database database = Database.openReadOnly(platform.file());
        RowScan scan = scan(database, TimeRange.ALL, List.of())) {
      OutputStream out =
          new OutputStream() {
            @Override
            public void write(int b) throws IOException {
              throw full;
            }
          };
      RowSlices slices = scan.slices().orElseThrow();
      JoinableWriter writer = JsonRows.lines(out);
      assertSame(full, assertThrows(IOException.class, () -> byMany(slices, writer)));
      assertNoReader();
    }
  }

  private static void assertNoReader() {
    assertFalse(
        Thread.getAllStackTraces().keySet().stream()
            .anyMatch(thread -> thread.getName().startsWith("patronus-export")));
  }

  @Test
  void an_interrupt_of_the_caller_ends_the_export() throws Exception {
    fill(100_000);
    CountDownLatch writing = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    OutputStream out =
        new OutputStream() {
          @Override
          public void write(int b) {
            write(new byte[1], 0, 1);
          }

          @Override
          public void write(byte[] bytes, int from, int length) {
            writing.countDown();
            try {
              interrupted.await();
            } catch (InterruptedException _) {
              Thread.currentThread().interrupt();
            }
          }
        };
    try (Database database = Database.openReadOnly(platform.file());
        RowScan scan = scan(database, TimeRange.ALL, List.of())) {
      RowSlices slices = scan.slices().orElseThrow();
      JoinableWriter writer = JsonRows.lines(out);
      UserError[] error = new UserError[1];
      Thread caller =
          new Thread(() -> error[0] = assertThrows(UserError.class, () -> byMany(slices, writer)));
      caller.start();
      writing.await();
      caller.interrupt();
      interrupted.countDown();
      caller.join();
      assertEquals(ExitCode.INTERRUPTED, error[0].exitCode());
      assertNoReader();
    }
  }
}
