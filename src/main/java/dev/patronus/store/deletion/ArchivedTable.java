package dev.patronus.store.deletion;

import dev.patronus.json.Json;
import dev.patronus.store.RowReader;
import dev.patronus.store.foreignkey.TableShape;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// The rows of one table in one archive, and how SQL reaches their values.
///
/// Immutable.
///
/// @param types the archived columns, in the order of their values, with their declared types
/// @param dangling how often the rows already pointed at nothing when they were deleted
public record ArchivedTable(
    long archiveId,
    int tableNo,
    RowArchive.Role role,
    String name,
    Json.Obj types,
    long rows,
    long dangling) {
  private static final String READ =
      """
      SELECT archive_id, table_no, role, table_name, column_types, row_count, dangling
      FROM main.patronus_deleted_tables
      """;

  private static final RowReader<ArchivedTable> ROW = ArchivedTable::read;

  /// The tables of an archive, in the order in which they were kept.
  static List<ArchivedTable> of(Connection connection, long archiveId) throws SQLException {
    return ROW.list(connection, READ + "WHERE archive_id = ? ORDER BY table_no", archiveId);
  }

  /// The tables of this name of which other archives hold deleted rows.
  public static List<ArchivedTable> elsewhere(Connection connection, String table, long archiveId)
      throws SQLException {
    String which = "WHERE archive_id <> ? AND role = 'deleted' AND table_name = ?";
    return ROW.list(connection, READ + which + " ORDER BY archive_id", archiveId, table);
  }

  private static ArchivedTable read(ResultSet row) throws SQLException {
    return new ArchivedTable(
        row.getLong(1),
        row.getInt(2),
        RowArchive.Role.of(row.getString(3)),
        row.getString(4),
        (Json.Obj) Json.parse(row.getString(5)),
        row.getLong(6),
        row.getLong(7));
  }

  List<String> columns() {
    return List.copyOf(types.members().sequencedKeySet());
  }

  /// The expression for the value of a column.
  ///
  /// @param alias what [#from] was given
  String value(String alias, int column) {
    int part = column / RowArchive.VALUES_PER_PART;
    return alias + part + ".v" + column % RowArchive.VALUES_PER_PART;
  }

  /// The value of the column of this name, upper and lower case alike.
  ///
  /// @throws IllegalArgumentException if the archive has no such column
  public String value(String alias, String column) {
    return value(alias, indexOf(column));
  }

  /// What SQLite turned the values of a column into.
  String affinity(String column) {
    String name = columns().get(indexOf(column));
    return new TableShape.Column(name, types.text(name), false).affinity();
  }

  /// Whether it has all of these columns.
  boolean has(List<String> names) {
    return names.stream().allMatch(n -> columns().stream().anyMatch(n::equalsIgnoreCase));
  }

  private int indexOf(String column) {
    List<String> columns = columns();
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).equalsIgnoreCase(column)) {
        return i;
      }
    }
    throw new IllegalArgumentException(name + " was archived without a column " + column);
  }

  List<String> values(String alias, List<String> columns) {
    return columns.stream().map(column -> value(alias, column)).toList();
  }

  /// The expression for what tells the archived rows apart.
  public static String rowKey(String alias) {
    return alias + "0.row_key";
  }

  /// What stands after `FROM`: the archived rows, the parts of wide ones side by side.
  public String from(String alias) {
    StringBuilder from = new StringBuilder();
    for (int part = 0; part == 0 || part * RowArchive.VALUES_PER_PART < columns().size(); part++) {
      from.append(part == 0 ? "" : " CROSS JOIN ")
          .append("main.patronus_deleted_rows ")
          .append(alias)
          .append(part);
    }
    return from.toString();
  }

  /// The condition that chooses this table's rows among all archived ones.
  public String chosen(String alias) {
    List<String> conditions = new ArrayList<>();
    for (int part = 0; part == 0 || part * RowArchive.VALUES_PER_PART < columns().size(); part++) {
      String each = alias + part;
      conditions.add(each + ".archive_id = " + archiveId);
      conditions.add(each + ".table_no = " + tableNo);
      conditions.add(each + ".part = " + part);
      if (part > 0) {
        conditions.add(each + ".row_key = " + rowKey(alias));
      }
    }
    return String.join(" AND ", conditions);
  }
}
