package dev.patronus.store.maintenance;

import dev.patronus.output.text.HumanFormat;
import dev.patronus.site.failover.FailoverPolicy;
import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import dev.patronus.store.SqliteShell;
import dev.patronus.store.maintenance.CheckFinding.Severity;
import dev.patronus.store.table.FailoverTable;
import dev.patronus.store.table.PathTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// The checks for rows that point to nothing, by a foreign key or, where the platform declares
/// none, by what they mean.
///
/// Confined to the database's thread. What failover events say about paths that are gone is
/// history, and right.
final class OrphanCheck {
  private static final String LEFTOVERS =
      "'patronus db leftovers' shows them, and 'patronus db leftovers delete' archives and removes"
          + " them";

  /// Rows that mean another row without a key.
  ///
  /// @param condition which of them point to nothing
  private record Loose(String table, String to, String condition) {}

  private static final List<Loose> LOOSE =
      List.of(
          new Loose(
              "sdwan_path_health",
              "sdwan_paths",
              "path_id NOT IN (SELECT CAST(path_id AS TEXT) FROM sdwan_paths)"),
          new Loose(
              "sdwan_flows", "sdwan_paths", "path_id NOT IN (SELECT path_id FROM sdwan_paths)"),
          new Loose(
              "sdwan_flows",
              "sdwan_policies",
              "policy_id NOT IN (SELECT policy_id FROM sdwan_policies)"));

  /// How many rows of a table point to nothing by a foreign key.
  private record BrokenKey(String table, String parent, long rows) {}

  private static final RowReader<BrokenKey> BROKEN =
      row -> new BrokenKey(row.getString(1), row.getString(2), row.getLong(3));

  private static final String BROKEN_KEYS =
      """
      SELECT "table", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2 ORDER BY 1, 2
      """;

  private final Database database;

  OrphanCheck(Database database) {
    this.database = database;
  }

  List<CheckFinding> foreignKeys() {
    List<BrokenKey> broken = database.read(open -> BROKEN.list(open, BROKEN_KEYS));
    return broken.isEmpty()
        ? List.of(CheckFinding.ok("foreign keys", "all kept"))
        : broken.stream().map(this::foreignKey).toList();
  }

  private CheckFinding foreignKey(BrokenKey key) {
    if (key.parent().startsWith("sdwan_")) {
      return broken(key, LEFTOVERS);
    }
    String delete =
        "DELETE FROM TABLE WHERE rowid IN"
            + " (SELECT rowid FROM pragma_foreign_key_check('TABLE') WHERE parent = 'PARENT')";
    String sql = delete.replace("TABLE", key.table()).replace("PARENT", key.parent());
    return broken(
        key,
        "to delete them: "
            + SqliteShell.command(database.file(), sql)
            + "; rows that depended on them are found by the next check");
  }

  private static CheckFinding broken(BrokenKey key, String remedy) {
    return new CheckFinding(
        Severity.ERROR,
        "foreign keys",
        rows(key.rows())
            + " of "
            + key.table()
            + (key.rows() == 1 ? " points" : " point")
            + " to a row of "
            + key.parent()
            + " that is not there",
        remedy);
  }

  private static String rows(long rows) {
    return rows == 1 ? "1 row" : HumanFormat.grouped(rows) + " rows";
  }

  List<CheckFinding> orphans() {
    List<CheckFinding> findings = new ArrayList<>();
    for (Loose loose : LOOSE) {
      if (database.schema().has(loose.table())) {
        loose(loose, findings);
      }
    }
    failover(findings);
    return findings.isEmpty() ? List.of(CheckFinding.ok("orphans", "none")) : findings;
  }

  private void loose(Loose loose, List<CheckFinding> findings) {
    long rows = database.read(open -> count(open, loose));
    if (rows > 0) {
      findings.add(
          new CheckFinding(
              Severity.WARNING,
              "orphans",
              rows(rows)
                  + " of "
                  + loose.table()
                  + (rows == 1 ? " is" : " are")
                  + " about a row of "
                  + loose.to()
                  + " that is not there",
              LEFTOVERS));
    }
  }

  private static long count(Connection connection, Loose loose) throws SQLException {
    String sql = "SELECT count(*) FROM " + loose.table() + " WHERE " + loose.condition();
    RowReader<Long> count = row -> row.getLong(1);
    return count.first(connection, sql).orElseThrow();
  }

  private void failover(List<CheckFinding> findings) {
    Set<String> paths =
        new PathTable(database).ids().stream().map(String::valueOf).collect(Collectors.toSet());
    for (FailoverPolicy policy : new FailoverTable(database).all()) {
      if (!paths.contains(policy.primaryPathId())) {
        findings.add(failover(policy, "primary path " + policy.primaryPathId() + " is not there"));
      }
      if (policy.backupPathIds().isEmpty()) {
        findings.add(failover(policy, "list of backup paths is no JSON list"));
      }
      policy.backupPathIds().orElse(List.of()).stream()
          .filter(id -> !paths.contains(id))
          .forEach(id -> findings.add(failover(policy, "backup path " + id + " is not there")));
    }
  }

  private static CheckFinding failover(FailoverPolicy policy, String what) {
    return new CheckFinding(
        Severity.WARNING,
        "orphans",
        "failover policy '"
            + policy.name()
            + "' ("
            + Long.toUnsignedString(policy.id())
            + "): its "
            + what,
        "correct it in the platform; 'patronus db leftovers' shows it with all others");
  }
}
