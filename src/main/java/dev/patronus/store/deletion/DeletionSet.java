package dev.patronus.store.deletion;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The rows that are deleted with sites, per table: a row that references a deleted row is deleted
/// too.
///
/// Confined to the database's thread. The creator closes it, which drops its temporary tables.
///
/// Rows whose foreign key only clears the reference (`ON DELETE SET NULL`, `SET DEFAULT`) are kept
/// apart, as rewritten rows.
final class DeletionSet implements AutoCloseable {
  private final Connection connection;
  private final ForeignKeyGraph graph;
  private final Map<String, TemporaryRowSet> deleted = new LinkedHashMap<>();
  private final Map<String, TemporaryRowSet> rewritten = new LinkedHashMap<>();

  private DeletionSet(Connection connection, ForeignKeyGraph graph) {
    this.connection = connection;
    this.graph = graph;
  }

  /// Creates an empty set for each table that depends on sites.
  static DeletionSet create(Connection connection, ForeignKeyGraph graph, TableShapes shapes)
      throws SQLException {
    DeletionSet rows = new DeletionSet(connection, graph);
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

  ForeignKeyGraph graph() {
    return graph;
  }

  /// The rows of a table that are deleted.
  TemporaryRowSet of(String table) {
    return deleted.get(table);
  }

  /// The rows of a table that stay and are rewritten.
  TemporaryRowSet rewrittenOf(String table) {
    return rewritten.get(table);
  }

  /// Refills the sets with these sites and all rows that depend on them; returns how many of the
  /// sites exist.
  long begin(List<String> siteIds) throws SQLException {
    for (TemporaryRowSet set : deleted.values()) {
      set.clear();
    }
    for (TemporaryRowSet set : rewritten.values()) {
      set.clear();
    }
    long found = addSites(siteIds);
    follow();
    collectRewritten();
    return found;
  }

  private long addSites(List<String> siteIds) throws SQLException {
    TemporaryRowSet sites = of(ForeignKeyGraph.ROOT);
    String rowid = sites.shape().identity("s").getFirst();
    String sql =
        "INSERT OR IGNORE INTO "
            + sites.sqlName()
            + " (n) SELECT "
            + rowid
            + " FROM main.sdwan_sites s WHERE s.site_id = ?";
    long found = 0;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (String siteId : siteIds) {
        statement.setString(1, siteId);
        found += statement.executeUpdate();
      }
    }
    return found;
  }

  /// Follows the references until nothing new is found. Without circles one round is enough, and
  /// the second finds each table unchanged.
  private void follow() throws SQLException {
    Map<String, Boolean> grown = new LinkedHashMap<>();
    grown.put(ForeignKeyGraph.ROOT, true);
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

  @Override
  public void close() throws SQLException {
    for (TemporaryRowSet set : deleted.values()) {
      set.drop();
    }
    for (TemporaryRowSet set : rewritten.values()) {
      set.drop();
    }
  }
}
