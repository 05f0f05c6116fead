package dev.patronus.store.foreignkey;

import dev.patronus.store.foreignkey.ForeignKey.OnDelete;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The tables that depend on sites, or on policies, and their references: the declared foreign keys
/// of all tables, known or not, and the references that the platform keeps without declaring them.
///
/// Immutable once read.
public final class ForeignKeyGraph {
  /// What points at a path or a policy without a key.
  private static final List<ForeignKey> UNDECLARED =
      List.of(
          ForeignKey.toPath("sdwan_path_health", "path_id"),
          ForeignKey.toPath("sdwan_flows", "path_id"),
          ForeignKey.toPath("sdwan_failover_policies", "primary_path_id"),
          ForeignKey.toPolicy("sdwan_flows", "policy_id"));

  private static final String DECLARED =
      """
      SELECT l.name, f.id, f."table", f."from", f."to", f.on_delete
      FROM pragma_table_list l JOIN pragma_foreign_key_list(l.name, 'main') f
      WHERE l.schema = 'main' AND l.type = 'table'
      ORDER BY l.name, f.id, f.seq
      """;

  private final Map<String, List<ForeignKey>> byParent;
  private final List<String> tables;

  private ForeignKeyGraph(Map<String, List<ForeignKey>> byParent, List<String> tables) {
    this.byParent = byParent;
    this.tables = tables;
  }

  /// Reads the references of a database.
  ///
  /// @param roots the tables where the order of the tables begins
  public static ForeignKeyGraph read(Connection connection, TableShapes shapes, List<String> roots)
      throws SQLException {
    List<ForeignKey> all = declared(connection, shapes);
    for (ForeignKey reference : UNDECLARED) {
      if (has(shapes, reference.child(), reference.childColumns().getFirst())) {
        all.add(reference);
      }
    }
    Map<String, List<ForeignKey>> byParent = new HashMap<>();
    for (ForeignKey reference : all) {
      byParent.computeIfAbsent(reference.parent(), _ -> new ArrayList<>()).add(reference);
    }
    List<String> order = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (String root : roots.reversed()) {
      visit(root, byParent, seen, order);
    }
    Collections.reverse(order);
    return new ForeignKeyGraph(byParent, List.copyOf(order));
  }

  private static boolean has(TableShapes shapes, String table, String column) throws SQLException {
    return shapes.find(table).flatMap(shape -> shape.find(column)).isPresent();
  }

  private static List<ForeignKey> declared(Connection connection, TableShapes shapes)
      throws SQLException {
    List<ForeignKey> references = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(DECLARED)) {
      boolean more = row.next();
      while (more) {
        String child = row.getString(1);
        int id = row.getInt(2);
        String parent = row.getString(3);
        OnDelete onDelete = OnDelete.of(row.getString(6));
        List<String> from = new ArrayList<>();
        List<String> to = new ArrayList<>();
        do {
          from.add(row.getString(4));
          to.add(row.getString(5));
          more = row.next();
        } while (more && row.getString(1).equals(child) && row.getInt(2) == id);
        resolve(child, from, parent, to, onDelete, shapes).ifPresent(references::add);
      }
    }
    return references;
  }

  /// The key with its names as the tables spell them. A key that names no columns means the primary
  /// key; one whose table is missing points at nothing.
  private static Optional<ForeignKey> resolve(
      String child,
      List<String> from,
      String parent,
      List<String> to,
      OnDelete onDelete,
      TableShapes shapes)
      throws SQLException {
    Optional<TableShape> shape = shapes.find(parent);
    if (shape.isEmpty()) {
      return Optional.empty();
    }
    List<String> columns = to.contains(null) ? shape.get().key() : to;
    return columns.size() == from.size()
        ? Optional.of(new ForeignKey(child, from, shape.get().name(), columns, onDelete, true))
        : Optional.empty();
  }

  /// Depth first, the last named first; a table is added after all tables that depend on it. Turned
  /// round, that gives the tables in the order in which they are named.
  private static void visit(
      String table, Map<String, List<ForeignKey>> byParent, Set<String> seen, List<String> order) {
    if (seen.add(table)) {
      for (ForeignKey reference : byParent.getOrDefault(table, List.of()).reversed()) {
        visit(reference.child(), byParent, seen, order);
      }
      order.add(table);
    }
  }

  /// The tables that depend on the roots, from them outward: each before its dependents, unless
  /// there are cycles.
  public List<String> tables() {
    return tables;
  }

  /// What points at rows of this table.
  public List<ForeignKey> pointingAt(String parent) {
    return byParent.getOrDefault(parent, List.of());
  }

  /// What rows of this table point at.
  public List<ForeignKey> from(String child) {
    return byParent.values().stream()
        .flatMap(List::stream)
        .filter(reference -> reference.child().equals(child))
        .toList();
  }

  /// What rows of this table point at by declared keys.
  public List<ForeignKey> declaredFrom(String child) {
    return from(child).stream().filter(ForeignKey::declared).toList();
  }

  /// Whether a reference leads back: its child stands before its parent, or is the same table.
  public boolean leadsBack(ForeignKey reference) {
    return tables.indexOf(reference.child()) <= tables.indexOf(reference.parent());
  }
}
