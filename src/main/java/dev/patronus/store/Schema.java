package dev.patronus.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.TreeSet;

/// Which tables a database has; the three ages of the platform differ in them.
///
/// Immutable.
public final class Schema {
  private final Set<String> tables;

  private Schema(Set<String> tables) {
    this.tables = Set.copyOf(tables);
  }

  static Schema read(Connection connection) throws SQLException {
    Set<String> tables = new TreeSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT name FROM sqlite_master WHERE type = 'table'")) {
      while (rows.next()) {
        tables.add(rows.getString(1));
      }
    }
    return new Schema(tables);
  }

  public boolean has(String table) {
    return tables.contains(table);
  }

  /// All tables, SQLite's own included.
  public Set<String> tables() {
    return tables;
  }

  /// Which age of the platform made the database, by the tables that came with each.
  public String age() {
    if (has("sdwan_path_health") || has("sdwan_flows")) {
      return "newest";
    }
    return has("sdwan_system_metrics") ? "sprint-30" : "before-sprint-30";
  }
}
