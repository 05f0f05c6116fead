package dev.patronus.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/// Which indexes a table has, by what they lead with and not by what they are called.
public final class Indexes {
  /// A name; empty for an expression, which has none.
  private static final RowReader<String> NAME = row -> RowReader.text(row, 1);

  private Indexes() {}

  /// Whether some index of the table, a partial one excepted, begins with these columns.
  public static boolean leads(Connection connection, String table, List<String> columns)
      throws SQLException {
    for (String index : of(connection, table)) {
      List<String> indexed = columns(connection, index);
      if (indexed.size() >= columns.size() && indexed.subList(0, columns.size()).equals(columns)) {
        return true;
      }
    }
    return false;
  }

  /// A name for a new index on the times of a table: the preferred one, or another where something
  /// else has that.
  public static String freeName(Connection connection, String preferred, String table)
      throws SQLException {
    String sql = "SELECT name FROM sqlite_schema WHERE name = ?";
    return NAME.first(connection, sql, preferred).isEmpty()
        ? preferred
        : "patronus_" + table + "_time";
  }

  private static List<String> of(Connection connection, String table) throws SQLException {
    String sql = "SELECT name FROM pragma_index_list(?) WHERE partial = 0";
    return NAME.list(connection, sql, table);
  }

  private static List<String> columns(Connection connection, String index) throws SQLException {
    String sql = "SELECT name FROM pragma_index_info(?) ORDER BY seqno";
    return NAME.list(connection, sql, index);
  }
}
