package dev.patronus.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Makes a value of the row that a result stands at: the one way in which rows are read outside of
/// a change.
@FunctionalInterface
public interface RowReader<T> {

  T read(ResultSet row) throws SQLException;

  /// The text of a column; empty where it is NULL, which a table of an older platform, or one that
  /// another program has written past its rules, may hold anywhere.
  static String text(ResultSet row, int column) throws SQLException {
    String text = row.getString(column);
    return text == null ? "" : text;
  }

  /// The value of the first row that a query finds; empty if it finds none.
  ///
  /// @param bound what stands for its parameters, in their order
  default Optional<T> first(Connection connection, String sql, Object... bound)
      throws SQLException {
    try (PreparedStatement statement = prepare(connection, sql, bound);
        ResultSet row = statement.executeQuery()) {
      return row.next() ? Optional.of(read(row)) : Optional.empty();
    }
  }

  /// The values of all rows that a query finds.
  ///
  /// @param bound what stands for its parameters, in their order
  default List<T> list(Connection connection, String sql, Object... bound) throws SQLException {
    try (PreparedStatement statement = prepare(connection, sql, bound);
        ResultSet row = statement.executeQuery()) {
      List<T> values = new ArrayList<>();
      while (row.next()) {
        values.add(read(row));
      }
      return values;
    }
  }

  private static PreparedStatement prepare(Connection connection, String sql, Object... bound)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < bound.length; i++) {
      statement.setObject(i + 1, bound[i]);
    }
    return statement;
  }
}
