package dev.patronus.store.foreignkey;

import dev.patronus.store.RowReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The shapes of a database's tables, each read when it is first asked for.
///
/// Confined to the database's thread; good for one transaction, since others may change the tables
/// after it.
public final class TableShapes {
  /// The words by which SQLite reaches a hidden row number, where no column has the name.
  private static final List<String> ROWID_NAMES = List.of("rowid", "_rowid_", "oid");

  private final Connection connection;
  private final Map<String, Optional<TableShape>> shapes = new HashMap<>();

  public TableShapes(Connection connection) {
    this.connection = connection;
  }

  /// The shape of a table; upper and lower case of its name are alike. Empty if there is none.
  public Optional<TableShape> find(String table) throws SQLException {
    String key = table.toLowerCase(Locale.ROOT);
    Optional<TableShape> shape = shapes.get(key);
    if (shape == null) {
      shape = read(table);
      shapes.put(key, shape);
    }
    return shape;
  }

  /// The shape of a table that is known to be there.
  public TableShape get(String table) throws SQLException {
    return find(table).orElseThrow(() -> new IllegalArgumentException("no table " + table));
  }

  private Optional<TableShape> read(String table) throws SQLException {
    String sql =
        """
        SELECT l.name, l.wr, m.sql FROM pragma_table_list l
        JOIN main.sqlite_master m ON m.name = l.name AND m.type = 'table'
        WHERE l.schema = 'main' AND l.type = 'table' AND l.name = ? COLLATE NOCASE
        """;
    RowReader<TableShape> shape =
        row -> shape(row.getString(1), row.getInt(2) != 0, row.getString(3));
    return shape.first(connection, sql, table);
  }

  /// @param position the column's place in the primary key, from 1; 0 if it is none of it
  private record Info(TableShape.Column column, int position, boolean stored) {}

  private TableShape shape(String name, boolean withoutRowid, String sql) throws SQLException {
    List<Info> infos = infos(name);
    List<Info> keyed =
        infos.stream()
            .filter(info -> info.position() > 0)
            .sorted(Comparator.comparingInt(Info::position))
            .toList();
    boolean alias = !withoutRowid && isRowid(name, keyed);
    return new TableShape(
        name,
        withoutRowid ? Optional.empty() : Optional.of(rowidName(name, infos, keyed, alias)),
        alias,
        infos.stream().filter(Info::stored).map(Info::column).toList(),
        keyed.stream().map(info -> info.column().name()).toList(),
        sql.toUpperCase(Locale.ROOT).contains("COLLATE"));
  }

  private List<Info> infos(String table) throws SQLException {
    String sql = "SELECT name, type, \"notnull\", pk, hidden FROM pragma_table_xinfo(?, 'main')";
    RowReader<Info> info =
        row ->
            new Info(
                new TableShape.Column(row.getString(1), row.getString(2), row.getInt(3) != 0),
                row.getInt(4),
                row.getInt(5) == 0);
    return info.list(connection, sql, table);
  }

  /// Whether the primary key is the row number itself: one column of type INTEGER for which SQLite
  /// keeps no index (sqlite.org/lang_createtable.html#rowid).
  private boolean isRowid(String table, List<Info> keyed) throws SQLException {
    return keyed.size() == 1
        && keyed.getFirst().column().type().equalsIgnoreCase("INTEGER")
        && !hasKeyIndex(table);
  }

  private boolean hasKeyIndex(String table) throws SQLException {
    String sql = "SELECT 1 FROM pragma_index_list(?, 'main') WHERE origin = 'pk'";
    RowReader<Boolean> found = _ -> true;
    return found.first(connection, sql, table).isPresent();
  }

  private static String rowidName(String table, List<Info> infos, List<Info> keyed, boolean alias)
      throws SQLException {
    if (alias) {
      return TableShape.quoted(keyed.getFirst().column().name());
    }
    Set<String> taken =
        infos.stream()
            .map(info -> info.column().name().toLowerCase(Locale.ROOT))
            .collect(Collectors.toSet());
    return ROWID_NAMES.stream()
        .filter(name -> !taken.contains(name))
        .findFirst()
        .orElseThrow(() ->
            new SQLException(
                "the rows of " + table + " cannot be told apart: its columns hide the rowid"));
  }
}
