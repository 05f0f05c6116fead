package dev.patronus.store.maintenance;

import dev.patronus.store.Database;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// The tables, indexes and triggers of a database as they were declared, and how large it is.
///
/// Immutable; no row is read.
///
/// @param statements as SQLite keeps them, tables first
/// @param sizes lines such as `page_count 389`, and of each table `sdwan_sites 12`, its largest row
///   number
public record SchemaReport(List<String> statements, List<String> sizes) {
  private static final List<String> PRAGMAS =
      List.of(
          "page_size",
          "page_count",
          "freelist_count",
          "journal_mode",
          "auto_vacuum",
          "user_version",
          "schema_version");

  public SchemaReport {
    statements = List.copyOf(statements);
    sizes = List.copyOf(sizes);
  }

  public static SchemaReport of(Database database) {
    return database.read(SchemaReport::read);
  }

  private static SchemaReport read(Connection connection) throws SQLException {
    List<String> statements = new ArrayList<>();
    List<String> sizes = new ArrayList<>();
    String schema =
        """
        SELECT sql FROM sqlite_master WHERE sql IS NOT NULL
        ORDER BY type <> 'table', type, name
        """;
    String tables =
        """
        SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
        ORDER BY name
        """;
    try (Statement statement = connection.createStatement()) {
      statements.addAll(texts(statement, schema));
      for (String pragma : PRAGMAS) {
        sizes.add(pragma + " " + String.join(",", texts(statement, "PRAGMA " + pragma)));
      }
      for (String table : texts(statement, tables)) {
        sizes.add(table + " " + largestRow(statement, table));
      }
    }
    return new SchemaReport(statements, sizes);
  }

  private static String largestRow(Statement statement, String table) {
    String name = "\"" + table.replace("\"", "\"\"") + "\"";
    try {
      return texts(statement, "SELECT coalesce(max(rowid), 0) FROM " + name).getFirst();
    } catch (SQLException _) {
      return "-"; // it has no row numbers
    }
  }

  private static List<String> texts(Statement statement, String sql) throws SQLException {
    List<String> texts = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
    }
    return texts;
  }
}
