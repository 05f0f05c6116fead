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
import dev.patronus.store.Database;
import dev.patronus.store.LatestStamp;
import dev.patronus.store.Transaction;
import dev.patronus.store.rollup.Rollup;
import dev.patronus.time.EpochSeconds;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.LongStream;

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

  private static final String NEWEST_STAMP =
      """
      SELECT max(latest) FROM (
        SELECT (SELECT timestamp FROM sdwan_policy_stats
                WHERE policy_id = p.policy_id ORDER BY timestamp DESC LIMIT 1) AS latest
        FROM sdwan_policies p)
      """;

  private static final String LAST_ROW =
      "SELECT stat_id FROM sdwan_policy_stats ORDER BY stat_id DESC LIMIT 1";

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

  /// Writes a snapshot in one transaction; gives how many policies got a row.
  ///
  /// @param alerts the states of all alerts at that moment, by name
  public int write(CounterState state, Map<String, AlertState> alerts, Actor daemon) {
    Instant taken = state.snapshot().taken();
    return database.write(
        daemon,
        taken,
        transaction -> {
          int written = insert(transaction, state);
          AlertTable.save(transaction, alerts, taken);
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
          new CounterTable(database).save(planned.reset());
          return planned;
        });
  }

  /// The last reset.
  public CounterReset lastReset() {
    return new CounterTable(database).lastReset();
  }

  private int insert(Transaction transaction, CounterState state) throws SQLException {
    long before = lastRow();
    int written = insert(transaction, state.snapshot());
    new CounterTable(database).save(transaction, state, before + 1, lastRow());
    Rollup.snapshot(transaction, before, unmatched(state.snapshot()));
    return written;
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

  private long lastRow() throws SQLException {
    try (PreparedStatement select = database.connection().prepareStatement(LAST_ROW);
        ResultSet row = select.executeQuery()) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  private static int insert(Transaction transaction, Snapshot snapshot) throws SQLException {
    long timestamp = snapshot.taken().getEpochSecond();
    int written = 0;
    try (PreparedStatement insert = transaction.connection().prepareStatement(INSERT)) {
      for (PolicyTotal policy : snapshot.policies()) {
        insert.setLong(1, timestamp);
        insert.setLong(2, policy.packets());
        insert.setLong(3, policy.bytes());
        insert.setLong(4, policy.activeFlows());
        insert.setLong(5, policy.policyId());
        written += insert.executeUpdate();
      }
    }
    PolicyTotal unmatched = snapshot.unmatched();
    try (PreparedStatement insert = transaction.connection().prepareStatement(INSERT_UNMATCHED)) {
      insert.setLong(1, timestamp);
      insert.setLong(2, unmatched.packets());
      insert.setLong(3, unmatched.bytes());
      insert.setLong(4, unmatched.activeFlows());
      insert.executeUpdate();
    }
    return written;
  }

  /// What counting goes on from: the last numbered snapshot, or else the newest totals that an
  /// earlier version has saved; empty if there is none.
  public Optional<CounterState> newest() {
    if (!database.schema().has("sdwan_policy_stats")) {
      return Optional.empty();
    }
    return database.readAtOnce(_ -> {
      Optional<CounterState> numbered = new CounterTable(database).state();
      return numbered.isPresent() ? numbered : read().map(CounterState::of);
    });
  }

  /// The latest stamp that any snapshot has, from whatever clock; empty if there is none.
  public Optional<Instant> newestStamp() {
    if (!database.schema().has("sdwan_policy_stats")) {
      return Optional.empty();
    }
    boolean hasUnmatched = database.schema().has("patronus_unmatched_stats");
    return database.readAtOnce(_ -> {
      OptionalLong policies = number(NEWEST_STAMP);
      OptionalLong unmatched =
          hasUnmatched
              ? number("SELECT max(timestamp) FROM patronus_unmatched_stats")
              : OptionalLong.empty();
      return LongStream.concat(policies.stream(), unmatched.stream())
          .boxed()
          .max(Comparator.naturalOrder())
          .map(EpochSeconds::toInstant);
    });
  }

  private OptionalLong number(String sql) throws SQLException {
    try (PreparedStatement select = database.connection().prepareStatement(sql);
        ResultSet row = select.executeQuery()) {
      long number = row.next() ? row.getLong(1) : 0;
      return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(number);
    }
  }

  private Optional<Snapshot> read() throws SQLException {
    PolicyTotal unmatched = unmatched();
    Instant taken = unmatched.lastSeen();
    List<PolicyTotal> policies = new ArrayList<>();
    try (PreparedStatement select = database.connection().prepareStatement(NEWEST)) {
      select.setLong(1, new LatestStamp(database).most());
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          Instant at = EpochSeconds.toInstant(row.getLong(2));
          taken = taken == null || at.isAfter(taken) ? at : taken;
          policies.add(
              new PolicyTotal(row.getLong(1), row.getLong(3), row.getLong(4), row.getLong(5), at));
        }
      }
    }
    return taken == null
        ? Optional.empty()
        : Optional.of(new Snapshot(taken, policies, unmatched, false));
  }

  private PolicyTotal unmatched() throws SQLException {
    if (database.schema().has("patronus_unmatched_stats")) {
      String sql =
          "SELECT timestamp, packets, bytes, active_flows FROM patronus_unmatched_stats"
              + LatestStamp.OF_UNMATCHED;
      try (PreparedStatement select = database.connection().prepareStatement(sql)) {
        select.setLong(1, new LatestStamp(database).most());
        try (ResultSet row = select.executeQuery()) {
          if (row.next()) {
            return new PolicyTotal(
                Snapshot.UNMATCHED,
                row.getLong(2),
                row.getLong(3),
                row.getLong(4),
                EpochSeconds.toInstant(row.getLong(1)));
          }
        }
      }
    }
    return new PolicyTotal(Snapshot.UNMATCHED, 0, 0, 0, null);
  }
}
