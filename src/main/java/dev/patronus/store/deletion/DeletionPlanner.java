package dev.patronus.store.deletion;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.site.DeletionPlan;
import dev.patronus.site.DeletionPlan.PlannedItem;
import dev.patronus.site.ItemKind;
import dev.patronus.site.TableRows;
import dev.patronus.site.TableRows.Effect;
import dev.patronus.site.failover.FailoverChange;
import dev.patronus.store.RowReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Computes the plan of a deletion: all rows that depend on the sites or policies.
///
/// Confined to the database's thread; within one transaction.
final class DeletionPlanner {
  private final Connection connection;
  private final DependentRows rows;

  /// @param rows is filled with what the plan tells of
  DeletionPlanner(Connection connection, DependentRows rows) {
    this.connection = connection;
    this.rows = rows;
  }

  DeletionPlan plan(List<String> ids) throws SQLException {
    ItemKind kind = rows.root().kind();
    if (rows.begin(ids) != ids.size()) {
      throw new UserError(
          ExitCode.NOT_FOUND,
          "the "
              + kind.word()
              + " is not there any more; see 'patronus "
              + kind.command()
              + " list'");
    }
    return planOfCollected(ids);
  }

  /// The same where the rows were collected already, of ids that are all there.
  DeletionPlan planOfCollected(List<String> ids) throws SQLException {
    ItemKind kind = rows.root().kind();
    FailoverRewrite policies = new FailoverRewrite(connection, rows);
    List<FailoverChange> changes = new ArrayList<>(policies.going());
    List<FailoverChange> staying = policies.staying();
    policies.markRewritten(staying);
    changes.addAll(staying);
    return new DeletionPlan(kind, items(ids), tables(), changes);
  }

  private List<TableRows> tables() throws SQLException {
    List<TableRows> tables = new ArrayList<>();
    for (String table : rows.graph().tables()) {
      long count = rows.of(table).size();
      if (count > 0) {
        tables.add(new TableRows(table, Effect.DELETED, count));
      }
    }
    for (String table : rows.graph().tables()) {
      long count = rows.rewrittenOf(table).size();
      if (count > 0) {
        tables.add(new TableRows(table, Effect.REWRITTEN, count));
      }
    }
    return tables;
  }

  private List<PlannedItem> items(List<String> ids) throws SQLException {
    Map<String, Long> paths =
        switch (rows.root()) {
          case SITES -> pathsBySite();
          case POLICIES, LEFTOVERS -> Map.of();
        };
    if (rows.root() == Root.LEFTOVERS) {
      return ids.stream().map(id -> new PlannedItem(id, id, 0)).toList();
    }
    List<PlannedItem> items = new ArrayList<>();
    Root root = rows.root();
    String sql =
        "SELECT "
            + root.nameColumn()
            + " FROM main."
            + root.table()
            + " WHERE "
            + root.idColumn()
            + " = ?";
    RowReader<String> name = row -> RowReader.text(row, 1);
    for (String id : ids) {
      String found = name.first(connection, sql, root.key(id)).orElseThrow();
      items.add(new PlannedItem(id, found, paths.getOrDefault(id, 0L)));
    }
    return items;
  }

  private Map<String, Long> pathsBySite() throws SQLException {
    Map<String, Long> paths = new HashMap<>();
    String sql =
        "SELECT src_site_id, dst_site_id FROM main.sdwan_paths p WHERE "
            + rows.of("sdwan_paths").contains("p");
    RowReader<Set<String>> ends =
        row -> new HashSet<>(List.of(RowReader.text(row, 1), RowReader.text(row, 2)));
    for (Set<String> path : ends.list(connection, sql)) {
      path.forEach(site -> paths.merge(site, 1L, Long::sum));
    }
    return paths;
  }
}
