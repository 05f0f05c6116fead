package dev.patronus.store.table;

import dev.patronus.audit.Actor;
import dev.patronus.flow.CounterState;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.flow.Volume;
import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import dev.patronus.store.maintenance.NewDatabase;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jdbi.v3.core.statement.PreparedBatch;

/// Compares what a snapshot of 1,000 policies costs with roll-ups, with roll-ups and the platform's
/// flows, and without both, in turns: processor time, and for how long its transaction holds the
/// write lock. Four of five snapshots only change the open cell of a series, the fifth writes it.
///
///     java -cp ... dev.patronus.store.table.SnapshotCost [FOLDER [ROUNDS]]
///
/// Read the ratios. On a busy machine the 50th percentile of the time that the lock is held is that
/// of waiting for a processor or a disk; the 10th is nearer to the truth.
public final class SnapshotCost {
  private static final long BEGIN = 1_790_000_000L;
  private static final Actor ACTOR = new Actor("benchmark", null, "test");
  private static final int POLICIES = 1_000;

  private static final String INSERT =
      """
      INSERT INTO sdwan_policy_stats
        (policy_id, timestamp, packets_matched, bytes_matched, active_flows)
      SELECT policy_id, ?, ?, ?, ? FROM sdwan_policies WHERE policy_id = ?
      """;

  private static final RowReader<Long> NUMBER = row -> row.getLong(1);

  private SnapshotCost() {}

  /// One kind of snapshot, and what each cost.
  private static final class Kind {
    private final String name;
    private final Database database;
    private final int flows;
    private final boolean rolledUp;
    private final long[] processor;
    private final long[] locked;

    Kind(String name, Path folder, boolean rolledUp, int flows, int rounds) throws IOException {
      this.name = name;
      this.rolledUp = rolledUp;
      this.flows = flows;
      this.processor = new long[rounds];
      this.locked = new long[rounds];
      Path file = Files.createDirectory(folder.resolve(name.replace(' ', '-'))).resolve("sdwan.db");
      NewDatabase.make(file, ACTOR, Instant.ofEpochSecond(BEGIN));
      database = Database.openWritable(file);
      int _ =
          database.write(
              ACTOR,
              Instant.ofEpochSecond(BEGIN),
              transaction -> {
                String sql =
                    "INSERT INTO sdwan_policies VALUES (?, 'p', 1, '{}', '\"LowestLatency\"', 1)";
                try (PreparedStatement insert = transaction.connection().prepareStatement(sql)) {
                  for (long id : ids()) {
                    insert.setLong(1, id);
                    insert.addBatch();
                  }
                  return insert.executeBatch().length;
                }
              });
    }

    void run(int round) {
      CounterState state = state(round + 1);
      List<PlatformFlow> shown = flows(round + 1, flows);
      var threads = ManagementFactory.getThreadMXBean();
      long processorBefore = threads.getCurrentThreadCpuTime();
      long before = System.nanoTime();
      if (rolledUp) {
        int _ = new SnapshotTable(database).write(state, Optional.of(Map.of()), shown, ACTOR);
      } else {
        int _ = withoutRollups(state);
      }
      locked[round] = System.nanoTime() - before;
      processor[round] = threads.getCurrentThreadCpuTime() - processorBefore;
    }

    private int withoutRollups(CounterState state) {
      return database.write(
          ACTOR,
          state.snapshot().taken(),
          transaction -> {
            long last =
                NUMBER
                    .first(
                        transaction.connection(),
                        "SELECT coalesce(max(stat_id), 0) FROM sdwan_policy_stats")
                    .orElseThrow();
            long timestamp = state.snapshot().taken().getEpochSecond();
            transaction
                .handle()
                .execute(
                    "INSERT INTO patronus_unmatched_stats (timestamp, packets, bytes, active_flows)"
                        + " VALUES (?, 1, 1, 1)",
                    timestamp);
            try (PreparedBatch rows = transaction.handle().prepareBatch(INSERT)) {
              for (PolicyTotal policy : state.snapshot().policies()) {
                rows.add(
                    timestamp,
                    policy.packets(),
                    policy.bytes(),
                    policy.activeFlows(),
                    policy.policyId());
              }
              int written = rows.execute().length;
              new CounterTable(database).save(transaction, state, last + 1, last + written);
              return written;
            }
          });
    }

    void print(Kind plain) {
      System.out.printf(
          "%-28s processor %6.2f ms (p50), %.2fx; lock %6.2f %6.2f %6.2f ms (p10 p50 p90)%n",
          name,
          at(processor, 50) / 1e6,
          at(processor, 50) / (double) at(plain.processor, 50),
          at(locked, 10) / 1e6,
          at(locked, 50) / 1e6,
          at(locked, 90) / 1e6);
    }
  }

  private static long at(long[] values, int percent) {
    long[] sorted = Arrays.copyOfRange(values, values.length / 5, values.length); // warmed up
    Arrays.sort(sorted);
    return sorted[sorted.length * percent / 100];
  }

  private static long[] ids() {
    return new Random(1).longs(POLICIES).toArray();
  }

  private static CounterState state(long number) {
    Instant at = Instant.ofEpochSecond(BEGIN + 60 * number);
    List<PolicyTotal> totals = new ArrayList<>();
    for (long id : ids()) {
      totals.add(new PolicyTotal(id, number * 100, number * 90_000, 3, at));
    }
    PolicyTotal none = new PolicyTotal(Snapshot.UNMATCHED, number, number, 1, at);
    return new CounterState(number, new Snapshot(at, totals, none, false), none, List.of());
  }

  /// Flows of which one in five is another than a snapshot before.
  private static List<PlatformFlow> flows(long number, int count) {
    Instant now = Instant.ofEpochSecond(BEGIN + 60 * number);
    List<PlatformFlow> flows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long begun = (number + i) / 5 * 5 - i;
      IpAddress src = IpAddress.parse("10.1." + i / 250 + "." + i % 250);
      FlowKey key =
          FlowKey.of(
              src, (int) (10_000 + begun % 10_000), IpAddress.parse("10.2.0.1"), 443, FlowKey.TCP);
      flows.add(
          new PlatformFlow(
              key, 1, ids()[i % 3], now, now, new Volume(number, number), Volume.ZERO));
    }
    return flows;
  }

  public static void main(String[] args) throws IOException {
    Path folder = Files.createTempDirectory(Path.of(args.length > 0 ? args[0] : "/tmp"), "cost");
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 300;
    List<Kind> kinds =
        List.of(
            new Kind("without roll-ups", folder, false, 0, rounds),
            new Kind("with roll-ups", folder, true, 0, rounds),
            new Kind("with 100 flows", folder, true, 100, rounds),
            new Kind("with 1000 flows", folder, true, 1_000, rounds));
    for (int round = 0; round < rounds; round++) {
      for (Kind kind : kinds) {
        kind.run(round);
      }
    }
    for (Kind kind : kinds) {
      kind.print(kinds.getFirst());
      kind.database.close();
    }
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
