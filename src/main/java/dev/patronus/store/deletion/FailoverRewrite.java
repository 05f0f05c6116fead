package dev.patronus.store.deletion;

import dev.patronus.site.failover.BackupPaths;
import dev.patronus.site.failover.FailoverChange;
import dev.patronus.site.failover.FailoverChange.Goes;
import dev.patronus.site.failover.FailoverChange.LosesBackups;
import dev.patronus.site.failover.FailoverChange.Unreadable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a deletion does to `sdwan_failover_policies`, whose path ids no key holds.
///
/// Confined to the database's thread. Databases before the newest platform have none.
final class FailoverRewrite {
  static final String TABLE = "sdwan_failover_policies";
  static final String BACKUPS = "backup_path_ids";
  private static final String PATHS = "sdwan_paths";

  private final Connection connection;
  private final DeletionSet rows;

  FailoverRewrite(Connection connection, DeletionSet rows) {
    this.connection = connection;
    this.rows = rows;
  }

  private boolean areThere() {
    return rows.of(TABLE) != null && rows.of(TABLE).shape().find(BACKUPS).isPresent();
  }

  /// Those that go, with how many events.
  List<FailoverChange> going() throws SQLException {
    if (!areThere()) {
      return List.of();
    }
    boolean events = rows.of("sdwan_failover_events") != null;
    String count =
        events
            ? "(SELECT count(*) FROM main.sdwan_failover_events e WHERE e.policy_id = t.policy_id)"
            : "0";
    String sql =
        "SELECT t.policy_id, t.name, t.primary_path_id, "
            + count
            + " FROM main.sdwan_failover_policies t WHERE "
            + rows.of(TABLE).contains("t")
            + " ORDER BY t.name, t.policy_id";
    List<FailoverChange> going = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        going.add(
            new Goes(
                row.getLong(1), text(row.getString(2)), text(row.getString(3)), row.getLong(4)));
      }
    }
    return going;
  }

  /// Those that stay and lose a backup, and those of which nobody can tell.
  List<FailoverChange> staying() throws SQLException {
    List<FailoverChange> staying = new ArrayList<>();
    if (!areThere()) {
      return staying;
    }
    Set<String> lost = lostPaths();
    String sql =
        "SELECT t.policy_id, t.name, t.backup_path_ids FROM main.sdwan_failover_policies t WHERE NOT ("
            + rows.of(TABLE).contains("t")
            + ") ORDER BY t.name, t.policy_id";
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (!lost.isEmpty() && row.next()) {
        change(row.getLong(1), text(row.getString(2)), text(row.getString(3)), lost)
            .ifPresent(staying::add);
      }
    }
    return staying;
  }

  private static String text(String value) {
    return value == null ? "" : value;
  }

  private static Optional<FailoverChange> change(
      long policyId, String name, String backups, Set<String> lost) {
    Optional<BackupPaths> list = BackupPaths.parse(backups);
    if (list.isEmpty()) {
      return mentions(backups, lost)
          ? Optional.of(new Unreadable(policyId, name))
          : Optional.empty();
    }
    List<String> gone = list.get().among(lost);
    return gone.isEmpty()
        ? Optional.empty()
        : Optional.of(new LosesBackups(policyId, name, gone, list.get().without(lost).pathIds()));
  }

  /// Whether a lost path's id stands anywhere in a text that is no list.
  private static boolean mentions(String text, Set<String> lost) {
    for (String word : text.split("[^0-9-]+", -1)) {
      if (lost.contains(word)) {
        return true;
      }
    }
    return false;
  }

  private Set<String> lostPaths() throws SQLException {
    Set<String> lost = new HashSet<>();
    String sql =
        "SELECT CAST(p.path_id AS TEXT) FROM main.sdwan_paths p WHERE "
            + rows.of(PATHS).contains("p");
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        lost.add(row.getString(1));
      }
    }
    if (rows.root() == Root.LEFTOVERS) {
      lost.addAll(missingBackups());
    }
    return lost;
  }

  /// The backup paths that are named and not there.
  private Set<String> missingBackups() throws SQLException {
    Set<String> missing = new HashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT backup_path_ids FROM main.sdwan_failover_policies")) {
      while (row.next()) {
        BackupPaths.parse(text(row.getString(1)))
            .ifPresent(backups -> missing.addAll(backups.pathIds()));
      }
    }
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT CAST(path_id AS TEXT) FROM main.sdwan_paths")) {
      while (row.next()) {
        missing.remove(row.getString(1));
      }
    }
    return missing;
  }

  /// Notes those that lose a backup as rows to be rewritten.
  void markRewritten(List<FailoverChange> staying) throws SQLException {
    for (FailoverChange change : staying) {
      if (change instanceof LosesBackups) {
        rows.rewrittenOf(TABLE).addWhere("c.policy_id = " + change.policyId());
      }
    }
  }

  /// Takes the lost paths out of their lists of backups.
  void rewrite(List<FailoverChange> staying) throws SQLException {
    for (FailoverChange change : staying) {
      if (change instanceof LosesBackups loses) {
        Optional<BackupPaths> backups = BackupPaths.parse(backups(connection, loses.policyId()));
        if (backups.isPresent()) {
          BackupPaths kept = backups.get().without(Set.copyOf(loses.lost()));
          setBackups(connection, loses.policyId(), kept.toString());
        }
      }
    }
  }

  /// The text of a policy's list of backups; empty if there is no such policy.
  static String backups(Connection connection, long policyId) throws SQLException {
    String sql = "SELECT backup_path_ids FROM main.sdwan_failover_policies WHERE policy_id = ?";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, policyId);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? text(row.getString(1)) : "";
      }
    }
  }

  static void setBackups(Connection connection, long policyId, String backups) throws SQLException {
    String sql =
        "UPDATE OR ABORT main.sdwan_failover_policies SET backup_path_ids = ? WHERE policy_id = ?";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, backups);
      statement.setLong(2, policyId);
      statement.executeUpdate();
    }
  }
}
