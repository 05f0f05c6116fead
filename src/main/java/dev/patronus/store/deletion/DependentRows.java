package dev.patronus.store.deletion;

import static java.util.Objects.requireNonNull;

import dev.patronus.store.Indexes;
import dev.patronus.store.foreignkey.ForeignKey;
import dev.patronus.store.foreignkey.ForeignKeyGraph;
import dev.patronus.store.foreignkey.TableShape;
import dev.patronus.store.foreignkey.TableShapes;
import dev.patronus.store.foreignkey.TemporaryRowSet;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The rows that are deleted with sites or policies, per table: a row that references a deleted row
/// is deleted too. Leftovers begin with the rows that reference a row that is not there.
///
/// Confined to the database's thread. The creator closes it, which drops its temporary tables.
///
/// Rows whose foreign key only clears the reference (`ON DELETE SET NULL`, `SET DEFAULT`) are kept
/// apart, as rewritten rows.
final class DependentRows implements AutoCloseable {
  private final Connection connection;
  private final Root root;
  private final ForeignKeyGraph graph;
  private final Map<String, TemporaryRowSet> deleted = new LinkedHashMap<>();
  private final Map<String, TemporaryRowSet> rewritten = new LinkedHashMap<>();

  private DependentRows(Connection connection, Root root, ForeignKeyGraph graph) {
    this.connection = connection;
    this.root = root;
    this.graph = graph;
  }

  /// Creates an empty set for each table that depends on the root.
  static DependentRows create(Connection connection, Root root) throws SQLException {
    TableShapes shapes = new TableShapes(connection);
    ForeignKeyGraph graph = ForeignKeyGraph.read(connection, shapes, root.tables());
    DependentRows rows = new DependentRows(connection, root, graph);
    for (String table : graph.tables()) {
      TableShape shape = shapes.get(table);
      int number = rows.deleted.size();
      rows.deleted.put(
          table, TemporaryRowSet.create(connection, shape, "patronus_deleted_" + number));
      rows.rewritten.put(
          table, TemporaryRowSet.create(connection, shape, "patronus_rewritten_" + number));
    }
    return rows;
  }

  Root root() {
    return root;
  }

  ForeignKeyGraph graph() {
    return graph;
  }

  /// The rows of a table that are deleted.
  TemporaryRowSet of(String table) {
    return requireNonNull(deleted.get(table));
  }

  /// Whether the deletion knows a table.
  boolean has(String table) {
    return deleted.containsKey(table);
  }

  /// The rows of a table that stay and are rewritten.
  TemporaryRowSet rewrittenOf(String table) {
    return requireNonNull(rewritten.get(table));
  }

  /// Refills the sets with these sites or policies and all rows that depend on them; returns how
  /// many of them exist. Leftovers always do.
  long begin(List<String> ids) throws SQLException {
    for (TemporaryRowSet set : deleted.values()) {
      set.clear();
    }
    for (TemporaryRowSet set : rewritten.values()) {
      set.clear();
    }
    long found = root == Root.LEFTOVERS ? addDangling(ids.size()) : addRoots(ids);
    follow();
    collectRewritten();
    if (root == Root.LEFTOVERS) {
      collectDanglingRewritten();
    }
    return found;
  }

  /// Reads all rows that are deleted once.
  void readAll() throws SQLException {
    for (TemporaryRowSet set : deleted.values()) {
      String last = set.shape().columns().getLast().name();
      long _ = set.count(TableShape.column("c", last) + " IS NOT NULL");
    }
  }

  private long addDangling(long found) throws SQLException {
    for (String table : graph.tables()) {
      for (ForeignKey reference : graph.pointingAt(table)) {
        TemporaryRowSet children = of(reference.child());
        if (!reference.keepsChild(children.shape())) {
          long _ = children.addWhere(dangles(reference));
        }
      }
    }
    return found;
  }

  private void collectDanglingRewritten() throws SQLException {
    for (String table : graph.tables()) {
      for (ForeignKey reference : graph.pointingAt(table)) {
        TemporaryRowSet children = of(reference.child());
        if (reference.emptiesChild(children.shape())) {
          long _ =
              rewrittenOf(reference.child())
                  .addWhere(dangles(reference) + " AND NOT (" + children.contains("c") + ")");
        }
      }
    }
  }

  /// The condition that a row `c` points at nothing by a reference to one of these tables.
  String dangles(ForeignKey reference) throws SQLException {
    TableShape child = of(reference.child()).shape();
    return reference.isOneValue(child, of(reference.parent()).shape())
            && Indexes.leads(connection, child.name(), reference.childColumns())
        ? reference.danglesByValue(child)
        : reference.dangles(child);
  }

  /// How many references of the rows of a table that are deleted point at nothing, by a declared
  /// key.
  long dangling(String table) throws SQLException {
    TemporaryRowSet set = of(table);
    long dangling = 0;
    for (ForeignKey reference : graph.declaredFrom(table)) {
      if (!isOnlyWayTo(reference)) {
        dangling += set.count(reference.dangles(set.shape()));
      }
    }
    return dangling;
  }

  /// Whether rows of the child table are deleted for no other reason than that they point at a
  /// deleted row by this reference, so that it dangles in none of them.
  private boolean isOnlyWayTo(ForeignKey reference) {
    return root != Root.LEFTOVERS
        && !root.tables().contains(reference.child())
        && graph.from(reference.child()).equals(List.of(reference))
        && !reference.child().equals(reference.parent());
  }

  /// Whether SQLite's own count of broken keys is not enough: it may take the deletion of a row
  /// that pointed at nothing for the end of a violation that it has counted before
  /// (sqlite.org/foreignkeys.html §4.2). It counts none before the end where rows are deleted
  /// before those that they point at.
  boolean needsOwnCheck() throws SQLException {
    for (String table : graph.tables()) {
      if (root != Root.LEFTOVERS && dangling(table) > 0) {
        return true;
      }
      for (ForeignKey reference : graph.pointingAt(table)) {
        if (reference.declared()
            && graph.leadsBack(reference)
            && of(reference.child()).size() > 0) {
          return true;
        }
      }
    }
    return false;
  }

  private long addRoots(List<String> ids) throws SQLException {
    TemporaryRowSet roots = of(root.table());
    String sql =
        "INSERT OR IGNORE INTO "
            + roots.sqlName()
            + " (n) SELECT "
            + roots.shape().identity("s").getFirst()
            + " FROM "
            + roots.shape().sqlName()
            + " s WHERE "
            + TableShape.column("s", root.idColumn())
            + " = ?";
    long found = 0;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (String id : ids) {
        statement.setObject(1, root.key(id));
        found += statement.executeUpdate();
      }
    }
    return found;
  }

  /// Follows the references until nothing new is found. Without circles one round is enough, and
  /// the second finds each table unchanged.
  private void follow() throws SQLException {
    Map<String, Boolean> grown = new LinkedHashMap<>();
    graph.tables().forEach(table -> grown.put(table, true));
    while (!grown.isEmpty()) {
      for (String table : graph.tables()) {
        if (grown.remove(table) != null) {
          followFrom(table, grown);
        }
      }
    }
  }

  private void followFrom(String table, Map<String, Boolean> grown) throws SQLException {
    for (ForeignKey reference : graph.pointingAt(table)) {
      TemporaryRowSet children = of(reference.child());
      if (!reference.keepsChild(children.shape())
          && children.addWhere(reference.pointsInto(of(table), children.shape())) > 0) {
        grown.put(reference.child(), true);
      }
    }
  }

  private void collectRewritten() throws SQLException {
    for (String table : graph.tables()) {
      for (ForeignKey reference : graph.pointingAt(table)) {
        TemporaryRowSet children = of(reference.child());
        if (reference.keepsChild(children.shape())) {
          String points = reference.pointsInto(of(table), children.shape());
          rewrittenOf(reference.child())
              .addWhere(points + " AND NOT (" + children.contains("c") + ")");
        }
      }
    }
  }

  /// Drops the temporary tables. Those that were dropped already are no matter: a transaction that
  /// is rolled back brings them back.
  void drop() throws SQLException {
    for (TemporaryRowSet set : deleted.values()) {
      set.drop();
    }
    for (TemporaryRowSet set : rewritten.values()) {
      set.drop();
    }
  }

  @Override
  public void close() throws SQLException {
    drop();
  }
}
