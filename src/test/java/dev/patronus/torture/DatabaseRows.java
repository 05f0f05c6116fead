package dev.patronus.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.testing.PlatformDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// All that a database holds, as far as it is the same each time that the same is done: the rows of
/// the platform's tables, and how many rows the audit trail and our own tables have.
///
/// Immutable.
record DatabaseRows(Map<String, List<String>> tables) {

  /// Reads a database, and fails if it is damaged or breaks its foreign keys.
  ///
  /// @param when for the message
  static DatabaseRows of(Path file, String when) throws SQLException {
    try (PlatformDatabase database = PlatformDatabase.open(file)) {
      assertEquals(List.of("ok"), database.rows("PRAGMA integrity_check"), when);
      assertEquals(List.of(), database.rows("PRAGMA foreign_key_check"), when);
      Map<String, List<String>> tables = new TreeMap<>();
      for (String table :
          database.rows(
              "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")) {
        boolean stamped = table.equals("audit_logs") || table.startsWith("patronus_");
        tables.put(
            table,
            stamped
                ? database.rows("SELECT count(*) FROM " + table)
                : database.rows("SELECT * FROM " + table + " ORDER BY 1, 2"));
      }
      return new DatabaseRows(tables);
    }
  }

  /// The rows of one table; empty if there is no such table.
  List<String> table(String name) {
    return tables.getOrDefault(name, List.of());
  }

  /// Whether all tables of the platform that another state has are here, with the same rows.
  boolean hasPlatformRowsOf(DatabaseRows other) {
    return other.tables.entrySet().stream()
        .filter(table -> !table.getKey().startsWith("patronus_"))
        .filter(table -> !table.getKey().equals("audit_logs"))
        .allMatch(table -> table(table.getKey()).equals(table.getValue()));
  }

  /// Whether nothing was done to what the other state shows: a command may have added our own
  /// tables before it was stopped, which are empty then.
  boolean isAs(DatabaseRows other) {
    return withoutOwnEmpty().equals(other.withoutOwnEmpty());
  }

  private Map<String, List<String>> withoutOwnEmpty() {
    Map<String, List<String>> left = new TreeMap<>(tables);
    left.entrySet()
        .removeIf(t -> t.getKey().startsWith("patronus_") && t.getValue().equals(List.of("0")));
    return left;
  }

  /// The names of tables whose rows differ, for messages.
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    tables.forEach((name, rows) ->
        text.append(name)
            .append(": ")
            .append(name.startsWith("patronus_") ? rows : rows.size())
            .append("; "));
    return text.toString();
  }
}
