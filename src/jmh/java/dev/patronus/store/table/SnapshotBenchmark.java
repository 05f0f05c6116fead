package dev.patronus.store.table;

import dev.patronus.audit.Actor;
import dev.patronus.flow.CounterState;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.store.Database;
import dev.patronus.store.maintenance.NewDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What a snapshot of 1,000 policies costs, all of which is under the write lock, and what its rows
/// alone cost in a batch and statement by statement. Each is a minute later than the one before, so that every fifth closes the steps of 5
/// minutes.
///
///     ./mvnw -q -Pbench test-compile exec:exec@jmh -Djmh=SnapshotBenchmark
///
/// Without a disk: `-jvmArgsAppend -Djava.io.tmpdir=/dev/shm`.
@State(Scope.Benchmark)
@BenchmarkMode({Mode.AverageTime, Mode.SampleTime})
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 5, time = 5)
@Fork(1)
public class SnapshotBenchmark {
  private static final long BEGIN = 1_790_000_000L;
  private static final Actor ACTOR = new Actor("benchmark", null, "test");

  private static final String INSERT =
      """
      INSERT INTO sdwan_policy_stats
        (policy_id, timestamp, packets_matched, bytes_matched, active_flows)
      SELECT policy_id, ?, ?, ?, ? FROM sdwan_policies WHERE policy_id = ?
      """;

  @Param({"1000"})
  private int policies;

  private final List<Long> ids = new ArrayList<>();
  private Path folder;
  private Database database;
  private long number;

  @Setup(Level.Trial)
  public void create() throws IOException {
    folder = Files.createTempDirectory("snapshots");
    Path file = folder.resolve("sdwan.db");
    NewDatabase.make(file, ACTOR, Instant.ofEpochSecond(BEGIN));
    database = Database.openWritable(file);
    database.write(
        ACTOR,
        Instant.ofEpochSecond(BEGIN),
        transaction -> {
          addPolicies(transaction.connection());
          return ids.size();
        });
  }

  private void addPolicies(Connection connection) throws SQLException {
    Random random = new Random(1);
    String sql = "INSERT INTO sdwan_policies VALUES (?, 'p', 1, '{}', '\"LowestLatency\"', 1)";
    try (PreparedStatement insert = connection.prepareStatement(sql)) {
      for (int i = 0; i < policies; i++) {
        ids.add(random.nextLong());
        insert.setLong(1, ids.getLast());
        insert.executeUpdate();
      }
    }
  }

  @TearDown(Level.Trial)
  public void remove() throws IOException {
    database.close();
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  @Benchmark
  public int snapshot_with_roll_ups() {
    Instant at = Instant.ofEpochSecond(BEGIN + 60 * ++number);
    List<PolicyTotal> totals = new ArrayList<>();
    for (long id : ids) {
      totals.add(new PolicyTotal(id, number * 100, number * 90_000, 3, at));
    }
    PolicyTotal none = new PolicyTotal(Snapshot.UNMATCHED, number, number, 1, at);
    CounterState state =
        new CounterState(number, new Snapshot(at, totals, none, false), none, List.of());
    return new SnapshotTable(database).write(state, Optional.of(Map.of()), List.of(), ACTOR);
  }

  @Benchmark
  public int rows_in_a_batch() {
    Instant at = Instant.ofEpochSecond(BEGIN + 60 * ++number);
    return database.write(
        ACTOR,
        at,
        transaction -> {
          try (PreparedBatch rows = transaction.handle().prepareBatch(INSERT)) {
            for (long id : ids) {
              rows.add(at.getEpochSecond(), number * 100, number * 90_000, 3, id);
            }
            return rows.execute().length;
          }
        });
  }

  @Benchmark
  public int rows_one_by_one() {
    Instant at = Instant.ofEpochSecond(BEGIN + 60 * ++number);
    return database.write(
        ACTOR,
        at,
        transaction -> {
          int written = 0;
          try (PreparedStatement insert = transaction.connection().prepareStatement(INSERT)) {
            for (long id : ids) {
              insert.setLong(1, at.getEpochSecond());
              insert.setLong(2, number * 100);
              insert.setLong(3, number * 90_000);
              insert.setLong(4, 3);
              insert.setLong(5, id);
              written += insert.executeUpdate();
            }
          }
          return written;
        });
  }
}
