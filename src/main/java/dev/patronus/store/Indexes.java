package dev.patronus.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// Which indexes a table has, by what they lead with and not by what they are called.
public final class Indexes {
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
    String sql = "SELECT name FROM sqlite_schema WHERE name = '" + preferred + "'";
    return names(connection, sql).isEmpty() ? preferred : "patronus_" + table + "_time";
  }

  private static List<String> of(Connection connection, String table) throws SQLException {
    return names(
        connection, "SELECT name FROM pragma_index_list('" + table + "') WHERE partial = 0");
  }

  private static List<String> columns(Connection connection, String index) throws SQLException {
    String quoted = index.replace("'", "''");
    return names(connection, "SELECT name FROM pragma_index_info('" + quoted + "') ORDER BY seqno");
  }

  private static List<String> names(Connection connection, String sql) throws SQLException {
    List<String> names = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        names.add(String.valueOf(row.getString(1)));
      }
    }
    return names;
  }
}
