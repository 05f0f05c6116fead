package dev.patronus.store;

import dev.patronus.testing.PlatformDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;

/// All that the platform's tables hold, to the bit: each value with its storage class, each row
/// with its number. Our own tables, the audit trail and tables without rows are left out.
public final class Dump {
  private Dump() {}

  public static Map<String, List<String>> of(PlatformDatabase database) throws SQLException {
    Map<String, List<String>> dump = new TreeMap<>();
    List<String> tables =
        database.rows(
            "SELECT name || char(31) || wr FROM pragma_table_list WHERE schema = 'main' AND type ="
                + " 'table' AND name NOT LIKE 'patronus%' AND name NOT IN ('audit_logs',"
                + " 'sqlite_schema', 'sqlite_sequence')");
    for (String table : tables) {
      String[] parts = table.split("\u001f", -1);
      dump.put(parts[0], rows(database, parts[0], parts[1].equals("0")));
    }
    dump.put(
        "sqlite_sequence",
        database.rows(
            "SELECT name, seq FROM sqlite_sequence WHERE name NOT LIKE 'patronus%'"
                + " AND name <> 'audit_logs' ORDER BY name"));
    dump.values().removeIf(List::isEmpty);
    return dump;
  }

  /// The rows of the one that the other has not, each with its table.
  public static List<String> differences(
      Map<String, List<String>> one, Map<String, List<String>> other) {
    List<String> differences = new ArrayList<>();
    one.forEach((table, rows) -> {
      List<String> only = new ArrayList<>(rows);
      other.getOrDefault(table, List.of()).forEach(only::remove);
      only.forEach(row -> differences.add(table + ": " + row));
    });
    return differences;
  }

  private static List<String> rows(PlatformDatabase database, String table, boolean rowid)
      throws SQLException {
    String quoted = quoted(table);
    StringJoiner cells = new StringJoiner(" || '|' || ");
    cells.add(rowid ? "_rowid_" : "''");
    for (String column :
        database.rows("SELECT name FROM pragma_table_xinfo('" + table.replace("'", "''") + "')")) {
      String c = quoted(column);
      cells.add(
          "typeof("
              + c
              + ") || CASE typeof("
              + c
              + ") WHEN 'text' THEN hex(CAST("
              + c
              + " AS BLOB)) WHEN 'real' THEN printf('%!.17g', "
              + c
              + ") ELSE quote("
              + c
              + ") END");
    }
    return new ArrayList<>(database.rows("SELECT " + cells + " FROM " + quoted + " ORDER BY 1"));
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
