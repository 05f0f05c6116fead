package dev.patronus.store.foreignkey;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// How a table is built, as far as moving its rows exactly needs it.
///
/// Immutable.
///
/// @param rowidName the word by which the hidden row number is reached; empty in a table that has
///   none (`WITHOUT ROWID`)
/// @param rowidIsColumn whether one of the columns is that number (`INTEGER PRIMARY KEY`)
/// @param columns the stored columns in order; computed ones are left out
/// @param key the columns of the declared primary key; empty if there is none
/// @param collates whether a column may compare its texts otherwise than byte by byte
public record TableShape(
    String name,
    Optional<String> rowidName,
    boolean rowidIsColumn,
    List<Column> columns,
    List<String> key,
    boolean collates) {

  /// A column as it is declared.
  ///
  /// @param type the declared type; empty for none
  /// @param notNull whether it must have a value
  public record Column(String name, String type, boolean notNull) {

    /// What SQLite turns values of this column into (sqlite.org/datatype3.html §3.1).
    public String affinity() {
      String upper = type.toUpperCase(Locale.ROOT);
      if (upper.contains("INT")) {
        return "INTEGER";
      }
      if (upper.contains("CHAR") || upper.contains("CLOB") || upper.contains("TEXT")) {
        return "TEXT";
      }
      if (upper.isEmpty() || upper.contains("BLOB") || upper.equals("ANY")) {
        return "BLOB";
      }
      boolean real = upper.contains("REAL") || upper.contains("FLOA") || upper.contains("DOUB");
      return real ? "REAL" : "NUMERIC";
    }
  }

  public TableShape {
    columns = List.copyOf(columns);
    key = List.copyOf(key);
  }

  /// An identifier in quotes, whatever characters it has.
  public static String quoted(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  /// The table's name for SQL, of the file itself and not of a temporary table.
  public String sqlName() {
    return "main." + quoted(name);
  }

  /// A column for SQL.
  public static String column(String alias, String name) {
    return alias + "." + quoted(name);
  }

  public List<String> columnNames() {
    return columns.stream().map(Column::name).toList();
  }

  /// The column of this name, upper and lower case alike.
  public Optional<Column> find(String column) {
    return columns.stream().filter(c -> c.name().equalsIgnoreCase(column)).findFirst();
  }

  /// The expressions that tell a row from all others: its row number, else its key.
  public List<String> identity(String alias) {
    return rowidName
        .map(rowid -> List.of(alias + "." + rowid))
        .orElseGet(() -> columns(alias, key));
  }

  public static List<String> columns(String alias, List<String> names) {
    return names.stream().map(name -> column(alias, name)).toList();
  }

  /// One expression, or several as a row value.
  public static String tuple(List<String> expressions) {
    String joined = String.join(", ", expressions);
    return expressions.size() == 1 ? joined : "(" + joined + ")";
  }

  /// `a = x AND b = y`.
  public static String equal(List<String> left, List<String> right) {
    return compared(left, " = ", right);
  }

  public static String compared(List<String> left, String operator, List<String> right) {
    List<String> pairs = new ArrayList<>();
    for (int i = 0; i < left.size(); i++) {
      pairs.add(left.get(i) + operator + right.get(i));
    }
    return String.join(" AND ", pairs);
  }

  @Override
  public String toString() {
    return columns.stream().map(Column::name).collect(Collectors.joining(", ", name + "(", ")"));
  }
}
