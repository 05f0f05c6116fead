package dev.patronus.store.deletion;

import dev.patronus.site.failover.BackupPaths;
import dev.patronus.site.failover.FailoverChange;
import dev.patronus.site.failover.FailoverChange.Goes;
import dev.patronus.site.failover.FailoverChange.LosesBackups;
import dev.patronus.site.failover.FailoverChange.Unreadable;
import dev.patronus.store.RowReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/// What a deletion does to `sdwan_failover_policies`, whose path ids no key holds.
///
/// Confined to the database's thread. Databases before the newest platform have none.
final class FailoverRewrite {
  static final String TABLE = "sdwan_failover_policies";
  static final String BACKUPS = "backup_path_ids";
  private static final String PATHS = "sdwan_paths";

  private final Connection connection;
  private final DependentRows rows;

  FailoverRewrite(Connection connection, DependentRows rows) {
    this.connection = connection;
    this.rows = rows;
  }

  private boolean areThere() {
    return rows.has(TABLE) && rows.of(TABLE).shape().find(BACKUPS).isPresent();
  }

  /// Those that go, with how many events.
  List<FailoverChange> going() throws SQLException {
    if (!areThere()) {
      return List.of();
    }
    boolean events = rows.has("sdwan_failover_events");
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
    RowReader<FailoverChange> goes =
        row ->
            new Goes(
                row.getLong(1), RowReader.text(row, 2), RowReader.text(row, 3), row.getLong(4));
    return goes.list(connection, sql);
  }

  /// Those that stay and lose a backup, and those of which nobody can tell.
  List<FailoverChange> staying() throws SQLException {
    Set<String> lost = areThere() ? lostPaths() : Set.of();
    if (lost.isEmpty()) {
      return List.of();
    }
    String sql =
        "SELECT t.policy_id, t.name, t.backup_path_ids FROM main.sdwan_failover_policies t WHERE NOT ("
            + rows.of(TABLE).contains("t")
            + ") ORDER BY t.name, t.policy_id";
    RowReader<Optional<FailoverChange>> change =
        row -> change(row.getLong(1), RowReader.text(row, 2), RowReader.text(row, 3), lost);
    return change.list(connection, sql).stream().flatMap(Optional::stream).toList();
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
    RowReader<String> id = row -> row.getString(1);
    String sql =
        "SELECT CAST(p.path_id AS TEXT) FROM main.sdwan_paths p WHERE "
            + rows.of(PATHS).contains("p");
    Set<String> lost = new HashSet<>(id.list(connection, sql));
    if (rows.root() == Root.LEFTOVERS) {
      lost.addAll(missingBackups());
    }
    return Set.copyOf(lost);
  }

  /// The backup paths that are named and not there.
  private Set<String> missingBackups() throws SQLException {
    RowReader<String> text = row -> RowReader.text(row, 1);
    Set<String> missing = new HashSet<>();
    text.list(connection, "SELECT backup_path_ids FROM main.sdwan_failover_policies")
        .forEach(list ->
            BackupPaths.parse(list).ifPresent(backups -> missing.addAll(backups.pathIds())));
    text.list(connection, "SELECT CAST(path_id AS TEXT) FROM main.sdwan_paths")
        .forEach(missing::remove);
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
  static void rewrite(Handle handle, List<FailoverChange> staying) {
    for (FailoverChange change : staying) {
      if (change instanceof LosesBackups loses) {
        backups(handle, loses.policyId())
            .map(backups -> backups.without(Set.copyOf(loses.lost())))
            .ifPresent(kept -> setBackups(handle, loses.policyId(), kept.toString()));
      }
    }
  }

  /// A policy's list of backups; empty if it cannot be read.
  private static Optional<BackupPaths> backups(Handle handle, long policyId) {
    String sql = "SELECT backup_path_ids FROM main.sdwan_failover_policies WHERE policy_id = ?";
    return handle
        .select(sql, policyId)
        .map((row, _) -> RowReader.text(row, 1))
        .findFirst()
        .flatMap(BackupPaths::parse);
  }

  static void setBackups(Handle handle, long policyId, String backups) {
    handle.execute(
        "UPDATE OR ABORT main.sdwan_failover_policies SET backup_path_ids = ? WHERE policy_id = ?",
        backups,
        policyId);
  }
}
