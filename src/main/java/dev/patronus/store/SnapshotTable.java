package dev.patronus.store;

import dev.patronus.audit.Actor;
import dev.patronus.audit.AuditEvent;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

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
      FROM sdwan_policies p JOIN sdwan_policy_stats s ON s.stat_id = (
        SELECT stat_id FROM sdwan_policy_stats
        WHERE policy_id = p.policy_id ORDER BY timestamp DESC, stat_id DESC LIMIT 1)
      """;

  private final Database database;

  public SnapshotTable(Database database) {
    this.database = database;
  }

  /// Writes a snapshot in one transaction; gives how many policies got a row.
  public int write(Snapshot snapshot, Actor daemon) {
    return database.write(daemon, snapshot.taken(), transaction -> insert(transaction, snapshot));
  }

  /// Lets counters begin anew: the change, the snapshot that shows it, and its audit row, in one
  /// transaction.
  ///
  /// @param reset makes the change and gives the totals before and after it; it is not called where
  ///   the database refuses to be written
  public void reset(Actor actor, Instant now, AuditEvent event, Supplier<List<Snapshot>> reset) {
    int _ =
        database.write(
            actor,
            now,
            transaction -> {
              transaction.audit(event, true);
              int written = 0;
              for (Snapshot snapshot : reset.get()) {
                written += insert(transaction, snapshot);
              }
              return written;
            });
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

  /// The newest totals of each policy and of what none matched; empty if there is no snapshot.
  public Optional<Snapshot> newest() {
    if (!database.schema().has("sdwan_policy_stats")) {
      return Optional.empty();
    }
    return database.readAtOnce(_ -> read());
  }

  private Optional<Snapshot> read() throws SQLException {
    PolicyTotal unmatched = unmatched();
    Instant taken = unmatched.lastSeen();
    List<PolicyTotal> policies = new ArrayList<>();
    try (PreparedStatement select = database.connection().prepareStatement(NEWEST);
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        Instant at = Instant.ofEpochSecond(row.getLong(2));
        taken = taken == null || at.isAfter(taken) ? at : taken;
        policies.add(
            new PolicyTotal(row.getLong(1), row.getLong(3), row.getLong(4), row.getLong(5), at));
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
              + " ORDER BY timestamp DESC LIMIT 1";
      try (PreparedStatement select = database.connection().prepareStatement(sql);
          ResultSet row = select.executeQuery()) {
        if (row.next()) {
          return new PolicyTotal(
              Snapshot.UNMATCHED,
              row.getLong(2),
              row.getLong(3),
              row.getLong(4),
              Instant.ofEpochSecond(row.getLong(1)));
        }
      }
    }
    return new PolicyTotal(Snapshot.UNMATCHED, 0, 0, 0, null);
  }
}
