package dev.patronus.store.maintenance;

import dev.patronus.audit.Actor;
import dev.patronus.store.Database;
import dev.patronus.store.deletion.TableShape;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Makes a database that has the policies, sites and endpoints of another one, and no history: what
/// a rehearsal counts into.
public final class RehearsalDatabase {
  private static final List<String> TABLES =
      List.of("sdwan_policies", "sdwan_sites", "sdwan_endpoints");

  private RehearsalDatabase() {}

  /// Makes the file.
  ///
  /// @param source is only read
  /// @throws dev.patronus.error.UserError if the file cannot be made, or the other not be read
  public static void make(Path file, Database source, Actor actor, Instant now) {
    NewDatabase.make(file, actor, now);
    try (Database made = Database.openWritable(file)) {
      for (String table : TABLES) {
        if (source.schema().has(table)) {
          List<Object[]> rows = new ArrayList<>();
          List<String> columns = source.read(connection -> read(connection, table, rows));
          made.write(
              actor,
              now,
              transaction -> {
                insert(transaction.connection(), table, columns, rows);
                return null;
              });
        }
      }
    }
  }

  private static List<String> read(Connection connection, String table, List<Object[]> rows)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM " + table);
        ResultSet row = statement.executeQuery()) {
      List<String> columns = new ArrayList<>();
      for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
        columns.add(row.getMetaData().getColumnName(i));
      }
      while (row.next()) {
        Object[] values = new Object[columns.size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = row.getObject(i + 1);
        }
        rows.add(values);
      }
      return columns;
    }
  }

  private static void insert(
      Connection connection, String table, List<String> columns, List<Object[]> rows)
      throws SQLException {
    String sql =
        "INSERT INTO %s (%s) VALUES (%s)"
            .formatted(
                table,
                String.join(", ", columns.stream().map(TableShape::quoted).toList()),
                String.join(", ", columns.stream().map(_ -> "?").toList()));
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (Object[] values : rows) {
        for (int i = 0; i < values.length; i++) {
          statement.setObject(i + 1, values[i]);
        }
        statement.executeUpdate();
      }
    }
  }
}
