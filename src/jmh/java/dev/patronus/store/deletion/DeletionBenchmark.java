package dev.patronus.store.deletion;

import dev.patronus.audit.Actor;
import dev.patronus.site.ItemKind;
import dev.patronus.store.Database;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What it costs to delete a site with 200 paths and 40,000 measurements, with its archive and audit
/// row, beside the bare DELETEs in one transaction, and beside the least that SQL needs to keep the
/// rows first; each on an open connection.
///
///     ./mvnw -q -Pbench test-compile exec:exec@jmh -Djmh=DeletionBenchmark
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 30)
@Measurement(iterations = 20)
@Fork(1)
public class DeletionBenchmark {
  private static final Actor ACTOR = new Actor("bench", null, "bench");
  private static final int PATHS = 200;
  private static final int METRICS_EACH = 200;
  private static final String SITE = "site0";

  private Path folder;
  private Path full;
  private Path copy;
  private Database ours;
  private Connection plain;

  @Setup
  public void fill() throws SQLException, IOException {
    Path memory = Path.of("/dev/shm");
    folder =
        Files.isWritable(memory)
            ? Files.createTempDirectory(memory, "patronus-deletion-")
            : Files.createTempDirectory("patronus-deletion-");
    try (PlatformDatabase platform = PlatformDatabase.create(folder, Age.NEWEST)) {
      full = platform.file();
      platform.inOneTransaction(() -> {
        for (int site = 0; site <= PATHS; site++) {
          platform.site("site" + site, "site" + site);
        }
        for (int path = 1; path <= PATHS; path++) {
          platform.path(path, SITE, "site" + path);
        }
        for (int i = 0; i < METRICS_EACH; i++) {
          for (int path = 1; path <= PATHS; path++) {
            platform.metric(path, i, 1);
          }
        }
      });
    }
    try (Database database = Database.openWritable(full)) {
      database.write(ACTOR, Instant.EPOCH, _ -> true); // makes the tables of ours
    }
    copy = folder.resolve("copy.db");
  }

  @Setup(Level.Invocation)
  public void open() throws SQLException, IOException {
    Files.copy(full, copy, StandardCopyOption.REPLACE_EXISTING);
    ours = Database.openWritable(copy);
    plain = DriverManager.getConnection("jdbc:sqlite:" + copy);
    try (Statement statement = plain.createStatement()) {
      statement.execute("PRAGMA foreign_keys = ON");
    }
  }

  @TearDown(Level.Invocation)
  public void close() throws SQLException {
    plain.close();
    ours.close();
  }

  @TearDown
  public void remove() throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  @Benchmark
  public ItemDeletion.Deleted delete() {
    return new ItemDeletion(ours, ItemKind.SITE)
        .delete(ACTOR, Instant.EPOCH, Duration.ofDays(30), List.of(SITE), Optional.empty());
  }

  @Benchmark
  public int bare() throws SQLException {
    try (Statement statement = plain.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      int rows = deleteAll(statement);
      statement.execute("COMMIT");
      return rows;
    }
  }

  /// The bare DELETEs, and before them each measurement and path copied in the order of its key to
  /// where the archive has it. Nothing is collected, compared or audited.
  @Benchmark
  public int bareWithCopies() throws SQLException {
    try (Statement statement = plain.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      int rows = statement.executeUpdate(copy(1, 9, "sdwan_path_metrics ORDER BY metric_id"));
      rows += statement.executeUpdate(copy(2, 7, "sdwan_paths ORDER BY path_id"));
      rows += deleteAll(statement);
      statement.execute("COMMIT");
      return rows;
    }
  }

  /// Copies a whole table: all of its rows are deleted here.
  private static String copy(int tableNo, int columns, String from) {
    String values =
        IntStream.range(0, columns).mapToObj(i -> ", v" + i).collect(Collectors.joining());
    return "INSERT INTO patronus_deleted_rows (archive_id, table_no, part, row_key"
        + values
        + ") SELECT 1, "
        + tableNo
        + ", 0, rowid, * FROM "
        + from;
  }

  private static int deleteAll(Statement statement) throws SQLException {
    String of =
        "(SELECT path_id FROM sdwan_paths WHERE src_site_id = 'site0' OR dst_site_id = 'site0')";
    return statement.executeUpdate("DELETE FROM sdwan_path_metrics WHERE path_id IN " + of)
        + statement.executeUpdate(
            "DELETE FROM sdwan_paths WHERE src_site_id = 'site0' OR dst_site_id = 'site0'")
        + statement.executeUpdate("DELETE FROM sdwan_sites WHERE site_id = 'site0'");
  }
}
