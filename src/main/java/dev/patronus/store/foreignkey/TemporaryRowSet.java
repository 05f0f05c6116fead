package dev.patronus.store.foreignkey;

import dev.patronus.store.RowReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// A set of rows of one table, held in a temporary table of the connection: it costs no memory here
/// and nothing in the file.
///
/// Confined to the database's thread. The creator drops it.
///
/// `n` is the row's own number where the table has numbers; elsewhere a running one, beside the
/// values `k0`, `k1`, ... of its key.
public final class TemporaryRowSet {
  private final Connection connection;
  private final TableShape shape;
  private final String name;

  private TemporaryRowSet(Connection connection, TableShape shape, String name) {
    this.connection = connection;
    this.shape = shape;
    this.name = name;
  }

  /// Makes an empty set.
  ///
  /// @param name unique among the connection's temporary tables
  public static TemporaryRowSet create(Connection connection, TableShape shape, String name)
      throws SQLException {
    TemporaryRowSet set = new TemporaryRowSet(connection, shape, name);
    String keys = String.join(", ", set.keyNames());
    set.execute(
        "CREATE TEMP TABLE "
            + name
            + " (n INTEGER PRIMARY KEY"
            + (shape.rowidName().isPresent() ? "" : ", " + keys + ", UNIQUE (" + keys + ")")
            + ")");
    return set;
  }

  public TableShape shape() {
    return shape;
  }

  public String sqlName() {
    return "temp." + name;
  }

  private List<String> keyNames() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < shape.key().size(); i++) {
      names.add("k" + i);
    }
    return names;
  }

  private List<String> members(String alias) {
    return shape.rowidName().isPresent()
        ? List.of(alias + ".n")
        : keyNames().stream().map(key -> alias + "." + key).toList();
  }

  /// The condition that `row` is a row of the table whose entry in this set is `entry`.
  public String joinedTo(String row, String entry) {
    return TableShape.equal(shape.identity(row), members(entry));
  }

  /// The condition that `row` is in this set.
  public String contains(String row) {
    return TableShape.tuple(shape.identity(row))
        + " IN (SELECT "
        + String.join(", ", members("m"))
        + " FROM "
        + sqlName()
        + " m)";
  }

  /// Adds the rows `c` of the table for which the condition holds; gives how many are new.
  public long addWhere(String condition) throws SQLException {
    String into = String.join(", ", shape.rowidName().isPresent() ? List.of("n") : keyNames());
    return execute(
        "INSERT OR IGNORE INTO "
            + sqlName()
            + " ("
            + into
            + ") SELECT "
            + String.join(", ", shape.identity("c"))
            + " FROM "
            + shape.sqlName()
            + " c WHERE "
            + condition);
  }

  /// How many of its rows `c` the condition holds for.
  public long count(String condition) throws SQLException {
    RowReader<Long> count = row -> row.getLong(1);
    String sql =
        "SELECT count(*) FROM "
            + sqlName()
            + " m CROSS JOIN "
            + shape.sqlName()
            + " c ON "
            + joinedTo("c", "m")
            + " WHERE "
            + condition;
    return count.first(connection, sql).orElseThrow();
  }

  public long size() throws SQLException {
    RowReader<Long> count = row -> row.getLong(1);
    return count.first(connection, "SELECT count(*) FROM " + sqlName()).orElseThrow();
  }

  public void clear() throws SQLException {
    execute("DELETE FROM " + sqlName());
  }

  public void drop() throws SQLException {
    execute("DROP TABLE IF EXISTS " + sqlName());
  }

  private long execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    }
  }
}
