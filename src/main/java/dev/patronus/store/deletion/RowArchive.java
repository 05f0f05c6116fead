package dev.patronus.store.deletion;

import dev.patronus.json.Json;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// `patronus_deleted_tables` and `patronus_deleted_rows`: archived rows of any table, bit for bit.
///
/// Confined to the database's thread. Rows are copied inside SQLite, each value with its storage
/// class; none passes through Java.
public final class RowArchive {
  /// How many values one row of the archive holds.
  public static final int VALUES_PER_PART = 16;

  /// So many rows are deleted in a few milliseconds.
  private static final int STEP_ROWS = 1000;

  private static final String DISCARD_SOME =
      """
      DELETE FROM main.patronus_deleted_rows WHERE (archive_id, table_no, part, row_key) IN (
        SELECT archive_id, table_no, part, row_key FROM main.patronus_deleted_rows
        WHERE archive_id = ? LIMIT 1000)
      """;

  /// What a row was archived as.
  enum Role {
    DELETED,
    BEFORE,
    AFTER;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Connection connection;

  public RowArchive(Connection connection) {
    this.connection = connection;
  }

  /// Keeps the rows of a set; gives what was kept, empty if the set is.
  Optional<ArchivedTable> keep(long archiveId, int tableNo, Role role, TemporaryRowSet rows)
      throws SQLException {
    TableShape shape = rows.shape();
    long kept = 0;
    for (int first = 0; first < shape.columns().size(); first += VALUES_PER_PART) {
      kept = keepPart(archiveId, tableNo, first, rows);
      if (kept == 0) {
        return Optional.empty();
      }
    }
    ArchivedTable table =
        new ArchivedTable(archiveId, tableNo, role, shape.name(), types(shape), kept, 0);
    noteTable(table);
    return Optional.of(table);
  }

  private long keepPart(long archiveId, int tableNo, int first, TemporaryRowSet rows)
      throws SQLException {
    List<String> names = rows.shape().columnNames();
    List<String> part = names.subList(first, Math.min(first + VALUES_PER_PART, names.size()));
    StringBuilder into = new StringBuilder();
    for (int i = 0; i < part.size(); i++) {
      into.append(", v").append(i);
    }
    String sql =
        "INSERT INTO main.patronus_deleted_rows (archive_id, table_no, part, row_key"
            + into
            + ") SELECT ?, ?, ?, m.n, "
            + String.join(", ", TableShape.columns("t", part))
            + " FROM "
            + rows.sqlName()
            + " m CROSS JOIN "
            + rows.shape().sqlName()
            + " t ON "
            + rows.joinedTo("t", "m")
            + " ORDER BY m.n";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, archiveId);
      statement.setInt(2, tableNo);
      statement.setInt(3, first / VALUES_PER_PART);
      return statement.executeUpdate();
    }
  }

  private static Json.Obj types(TableShape shape) {
    Json.Builder types = Json.object();
    shape.columns().forEach(column -> types.put(column.name(), column.type()));
    return types.build();
  }

  private void noteTable(ArchivedTable table) throws SQLException {
    String sql = "INSERT INTO main.patronus_deleted_tables VALUES (?, ?, ?, ?, ?, ?, ?)";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, table.archiveId());
      statement.setInt(2, table.tableNo());
      statement.setString(3, table.role().word());
      statement.setString(4, table.name());
      statement.setString(5, table.types().toString());
      statement.setLong(6, table.rows());
      statement.setLong(7, table.dangling());
      statement.executeUpdate();
    }
  }

  /// Notes how often the rows of a table that was kept already pointed at nothing.
  void setDangling(ArchivedTable table, long dangling) throws SQLException {
    String sql =
        "UPDATE main.patronus_deleted_tables SET dangling = "
            + dangling
            + " WHERE table_no = "
            + table.tableNo()
            + " AND archive_id = ?";
    execute(sql, table.archiveId());
  }

  /// The tables of an archive, in the order in which they were kept.
  List<ArchivedTable> tables(long archiveId) throws SQLException {
    return tables("WHERE archive_id = ? ORDER BY table_no", archiveId);
  }

  /// The tables of this name of which other archives hold deleted rows.
  public List<ArchivedTable> elsewhere(String table, long archiveId) throws SQLException {
    return tables(
        "WHERE archive_id <> ? AND role = 'deleted' AND table_name = ? ORDER BY archive_id",
        archiveId,
        table);
  }

  private List<ArchivedTable> tables(String where, Object... arguments) throws SQLException {
    List<ArchivedTable> tables = new ArrayList<>();
    String sql =
        "SELECT archive_id, table_no, role, table_name, column_types, row_count, dangling"
            + " FROM main.patronus_deleted_tables "
            + where;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < arguments.length; i++) {
        statement.setObject(i + 1, arguments[i]);
      }
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          tables.add(
              new ArchivedTable(
                  row.getLong(1),
                  row.getInt(2),
                  Role.valueOf(row.getString(3).toUpperCase(Locale.ROOT)),
                  row.getString(4),
                  (Json.Obj) Json.parse(row.getString(5)),
                  row.getLong(6),
                  row.getLong(7)));
        }
      }
    }
    return tables;
  }

  /// Purges the rows of an archive; returns their number.
  long discard(long archiveId) throws SQLException {
    long rows = execute("DELETE FROM main.patronus_deleted_rows WHERE archive_id = ?", archiveId);
    execute("DELETE FROM main.patronus_deleted_tables WHERE archive_id = ?", archiveId);
    return rows;
  }

  /// Deletes at most [#STEP_ROWS] rows of an archive, and then what it says about them.
  void discardSome(long archiveId) throws SQLException {
    long rows = execute(DISCARD_SOME, archiveId);
    if (rows < STEP_ROWS) {
      execute("DELETE FROM main.patronus_deleted_tables WHERE archive_id = ?", archiveId);
    }
  }

  private long execute(String sql, long archiveId) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, archiveId);
      return statement.executeUpdate();
    }
  }
}
