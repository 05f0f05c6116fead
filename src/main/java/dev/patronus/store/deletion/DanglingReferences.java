package dev.patronus.store.deletion;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Set;

/// The foreign keys that pointed at nothing before a change, so that those which the change broke
/// can be told from them.
///
/// Confined to the database's thread. The creator closes them, which drops a temporary table.
final class DanglingReferences implements AutoCloseable {
  private static final String VIOLATIONS =
      " SELECT \"table\", rowid, parent, fkid FROM pragma_foreign_key_check(?, 'main')";

  private final Connection connection;
  private final Set<String> tables;

  private DanglingReferences(Connection connection, Set<String> tables) {
    this.connection = connection;
    this.tables = tables;
  }

  /// Notes those that the tables have now.
  static DanglingReferences note(Connection connection, Set<String> tables) throws SQLException {
    execute(connection, "CREATE TEMP TABLE patronus_dangling (child, row_id, parent, key_id)");
    for (String table : tables) {
      try (PreparedStatement statement =
          connection.prepareStatement("INSERT INTO temp.patronus_dangling" + VIOLATIONS)) {
        statement.setString(1, table);
        statement.executeUpdate();
      }
    }
    return new DanglingReferences(connection, tables);
  }

  /// Whether rows of this table pointed at nothing.
  boolean has(String table) throws SQLException {
    String sql = "SELECT 1 FROM temp.patronus_dangling WHERE child = ?";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, table);
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  /// The first that was not there before, in words; empty if there is none.
  Optional<String> firstNew() throws SQLException {
    for (String table : tables) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              VIOLATIONS + " EXCEPT SELECT * FROM temp.patronus_dangling LIMIT 1")) {
        statement.setString(1, table);
        try (ResultSet row = statement.executeQuery()) {
          if (row.next()) {
            return Optional.of(
                "row "
                    + row.getString(2)
                    + " of "
                    + row.getString(1)
                    + " would point at a row of "
                    + row.getString(3)
                    + " that is not there");
          }
        }
      }
    }
    return Optional.empty();
  }

  @Override
  public void close() throws SQLException {
    execute(connection, "DROP TABLE IF EXISTS temp.patronus_dangling");
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
