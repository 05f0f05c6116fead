package dev.patronus.store.table;

import dev.patronus.alert.AlertState;
import dev.patronus.audit.Actor;
import dev.patronus.audit.AuditEvent;
import dev.patronus.flow.CounterReset;
import dev.patronus.flow.CounterState;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.history.Reading;
import dev.patronus.history.SeriesSum;
import dev.patronus.json.Json;
import dev.patronus.store.Database;
import dev.patronus.store.LatestStamp;
import dev.patronus.store.RowReader;
import dev.patronus.store.Transaction;
import dev.patronus.store.rollup.PastRollup;
import dev.patronus.store.rollup.Rollup;
import dev.patronus.time.EpochSeconds;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jdbi.v3.core.statement.PreparedBatch;

/// The daemon's side of `sdwan_policy_stats` and `patronus_unmatched_stats`: a snapshot goes in
/// whole, and the newest one comes out again after a restart.
///
/// Confined to the database's thread.
public final class SnapshotTable {
  /// A policy that was deleted a moment ago gets no row, and costs the others nothing.
  private static final String INSERT =
      """
      INSERT INTO sdwan_policy_stats
        (policy_id, timestamp, packets_matched, bytes_matched, active_flows)
      SELECT policy_id, ?, ?, ?, ? FROM sdwan_policies WHERE policy_id = ?
      """;

  private static final String INSERT_UNMATCHED =
      """
      INSERT INTO patronus_unmatched_stats (timestamp, packets, bytes, active_flows)
      VALUES (?, ?, ?, ?)
      ON CONFLICT (timestamp) DO UPDATE SET
        packets = excluded.packets, bytes = excluded.bytes, active_flows = excluded.active_flows
      """;

  private static final String NEWEST =
      """
      SELECT p.policy_id, s.timestamp, s.packets_matched, s.bytes_matched, s.active_flows
      FROM sdwan_policies p JOIN sdwan_policy_stats s ON s.stat_id = coalesce(
        (SELECT stat_id FROM sdwan_policy_stats
         WHERE policy_id = p.policy_id AND timestamp <= ?1
         ORDER BY timestamp DESC, stat_id DESC LIMIT 1),
        (SELECT stat_id FROM sdwan_policy_stats
         WHERE policy_id = p.policy_id ORDER BY timestamp DESC, stat_id DESC LIMIT 1))
      """;

  /// The newest stamp of each policy.
  private static final String STAMPS =
      """
      SELECT (SELECT timestamp FROM sdwan_policy_stats
              WHERE policy_id = p.policy_id ORDER BY timestamp DESC LIMIT 1) AS stamp
      FROM sdwan_policies p WHERE stamp IS NOT NULL
      """;

  private static final String AND_OF_UNMATCHED =
      """
      UNION ALL SELECT timestamp FROM
        (SELECT timestamp FROM patronus_unmatched_stats ORDER BY timestamp DESC LIMIT 1)
      """;

  private static final String LAST_ROW =
      "SELECT stat_id FROM sdwan_policy_stats ORDER BY stat_id DESC LIMIT 1";

  private static final String NEWEST_UNMATCHED =
      "SELECT "
          + Snapshot.UNMATCHED
          + ", timestamp, packets, bytes, active_flows FROM patronus_unmatched_stats"
          + LatestStamp.OF_UNMATCHED;

  private static final PolicyTotal NOTHING = new PolicyTotal(Snapshot.UNMATCHED, 0, 0, 0, null);

  private static final RowReader<Long> NUMBER = row -> row.getLong(1);

  private final Database database;

  public SnapshotTable(Database database) {
    this.database = database;
  }

  /// The name of the database, by which the daemon knows its own files of state; empty if it has
  /// none yet. A copy has the same.
  public Optional<String> databaseId() {
    return new CounterTable(database).databaseId();
  }

  /// Names the database, if it has no name yet.
  ///
  /// @param id the name; empty for a random one
  /// @return the name that it has now
  public String identify(Optional<String> id, Actor daemon, Instant now) {
    return new CounterTable(database).identify(id.orElseGet(CounterTable::newId), daemon, now);
  }

  /// Writes a snapshot and the flows that the platform shows in one transaction; gives how many
  /// policies got a row.
  ///
  /// @param alerts the states of all alerts at that moment, by name; empty if the states that are
  ///   there stay
  /// @param flows those of our rows of `sdwan_flows` that have not ended; empty for none
  public int write(
      CounterState state,
      Optional<Map<String, AlertState>> alerts,
      List<PlatformFlow> flows,
      Actor daemon) {
    Instant taken = state.snapshot().taken();
    return database.write(
        daemon,
        taken,
        transaction -> {
          int written = insert(transaction, state);
          alerts.ifPresent(states -> AlertTable.save(transaction, states, taken));
          PlatformFlowTable.replace(database, transaction, flows);
          return written;
        });
  }

  /// Resets counters: the totals before it, the snapshot that shows it, what it takes from each
  /// counter, and its audit row, in one transaction. The counters themselves are changed after it.
  ///
  /// @param before the totals before it
  /// @param after the totals that are left
  public record Reset(Snapshot before, CounterState after, CounterReset reset) {}

  /// Writes a reset.
  ///
  /// @param reset plans it; not called where the database refuses to be written
  /// @return what it has written
  public Reset reset(Actor actor, Instant now, AuditEvent event, Supplier<Reset> reset) {
    return database.write(
        actor,
        now,
        transaction -> {
          transaction.audit(event, true);
          Reset planned = reset.get();
          insert(transaction, planned.before());
          insert(transaction, planned.after());
          new CounterTable(database).save(transaction, planned.reset());
          return planned;
        });
  }

  /// The totals at the moment when a capture is counted, and the number of the change of counters
  /// that it will be.
  public record Present(CounterState state, long resetNumber) {}

  /// Counts a capture into the time that it was captured in: a snapshot of the present, the rows
  /// and roll-ups of its time, as much more in all rows since, what the counters must still add,
  /// that it was counted, and an audit row, in one transaction. The counters themselves are changed
  /// after it.
  ///
  /// @param every how much time a row of a snapshot covers
  /// @param present takes a snapshot; not called where the database refuses to be written
  /// @return the totals of the present, with the capture; empty if older rows must be rolled up
  ///   first: then nothing was changed
  /// @throws UserError if its time was counted already, by another capture or by live sources; then
  ///   nothing was changed
  public Optional<CounterState> count(
      CapturedTraffic capture,
      Duration every,
      Actor actor,
      Instant now,
      Supplier<Present> present) {
    return database.write(actor, now, transaction -> count(transaction, capture, every, present));
  }

  private Optional<CounterState> count(
      Transaction transaction, CapturedTraffic capture, Duration every, Supplier<Present> present)
      throws SQLException {
    if (PastRollup.open(transaction.connection()).isEmpty()) {
      return Optional.empty();
    }
    CaptureTable captures = new CaptureTable(database);
    Present before = present.get();
    long firstRow = lastRow(transaction.connection()) + 1;
    insert(transaction, before.state());
    long lastRow = lastRow(transaction.connection());
    captures.requireUncounted(capture, every); // also by what no snapshot had until now
    PastTraffic past = new PastTraffic(transaction, capture);
    CounterReset added = past.put(before.resetNumber());
    captures.insert(transaction, capture);
    CounterTable counters = new CounterTable(database);
    counters.save(transaction, added);
    CounterState after = before.state().with(added);
    counters.save(transaction, after, firstRow, lastRow);
    transaction.audit(
        new AuditEvent.DatabaseChange(
            AuditEvent.Type.DATABASE_CAPTURE,
            Map.of(
                "source", new Json.Text(capture.name()),
                "packets", Json.Num.of(capture.total().packets()),
                "bytes", Json.Num.of(capture.total().bytes()))),
        true);
    return Optional.of(after);
  }

  /// The last reset.
  public CounterReset lastReset() {
    return new CounterTable(database).lastReset();
  }

  private int insert(Transaction transaction, CounterState state) throws SQLException {
    Connection connection = transaction.connection();
    long before = lastRow(connection);
    int written = insert(transaction, state.snapshot());
    new CounterTable(database).save(transaction, state, before + 1, lastRow(connection));
    Rollup.snapshot(transaction, before, unmatched(state.snapshot()));
    return written;
  }

  private static long lastRow(Connection connection) throws SQLException {
    return NUMBER.first(connection, LAST_ROW).orElse(0L);
  }

  private static Reading unmatched(Snapshot snapshot) {
    PolicyTotal unmatched = snapshot.unmatched();
    return new Reading(
        SeriesSum.NO_POLICY,
        snapshot.taken().getEpochSecond(),
        unmatched.packets(),
        unmatched.bytes(),
        unmatched.activeFlows());
  }

  private static int insert(Transaction transaction, Snapshot snapshot) {
    long timestamp = snapshot.taken().getEpochSecond();
    PolicyTotal unmatched = snapshot.unmatched();
    transaction
        .handle()
        .execute(
            INSERT_UNMATCHED,
            timestamp,
            unmatched.packets(),
            unmatched.bytes(),
            unmatched.activeFlows());
    try (PreparedBatch rows = transaction.handle().prepareBatch(INSERT)) {
      for (PolicyTotal policy : snapshot.policies()) {
        rows.add(
            timestamp, policy.packets(), policy.bytes(), policy.activeFlows(), policy.policyId());
      }
      return rows.size() == 0 ? 0 : IntStream.of(rows.execute()).sum();
    }
  }

  /// What counting goes on from: the last numbered snapshot, or else the newest totals that an
  /// earlier version has saved; empty if there is none.
  public Optional<CounterState> newest() {
    if (!database.schema().has("sdwan_policy_stats")) {
      return Optional.empty();
    }
    return database.readAtOnce(connection -> {
      Optional<CounterState> numbered = new CounterTable(database).state(connection);
      return numbered.isPresent() ? numbered : read(connection).map(CounterState::of);
    });
  }

  /// The latest stamp that any snapshot has, from whatever clock; empty if there is none.
  public Optional<Instant> newestStamp() {
    if (!database.schema().has("sdwan_policy_stats")) {
      return Optional.empty();
    }
    boolean hasUnmatched = database.schema().has("patronus_unmatched_stats");
    String sql = hasUnmatched ? STAMPS + AND_OF_UNMATCHED : STAMPS;
    return database.read(connection -> NUMBER.list(connection, sql)).stream()
        .max(Comparator.naturalOrder())
        .map(EpochSeconds::toInstant);
  }

  private Optional<Snapshot> read(Connection connection) throws SQLException {
    RowReader<PolicyTotal> total =
        row ->
            new PolicyTotal(
                row.getLong(1),
                row.getLong(3),
                row.getLong(4),
                row.getLong(5),
                EpochSeconds.toInstant(row.getLong(2)));
    long most = new LatestStamp(database).most();
    List<PolicyTotal> policies = total.list(connection, NEWEST, most);
    PolicyTotal unmatched =
        database.schema().has("patronus_unmatched_stats")
            ? total.first(connection, NEWEST_UNMATCHED, most).orElse(NOTHING)
            : NOTHING;
    return Stream.concat(policies.stream(), Stream.of(unmatched))
        .map(PolicyTotal::lastSeen)
        .filter(Objects::nonNull)
        .max(Comparator.naturalOrder())
        .map(taken -> new Snapshot(taken, policies, unmatched, false));
  }
}
