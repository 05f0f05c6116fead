package dev.patronus.store.deletion;

import dev.patronus.json.Json;
import dev.patronus.store.foreignkey.TableShape;
import dev.patronus.store.foreignkey.TemporaryRowSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

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
        WHERE archive_id = ? LIMIT ?)
      """;

  private static final String SET_DANGLING =
      """
      UPDATE main.patronus_deleted_tables SET dangling = ? WHERE archive_id = ? AND table_no = ?
      """;

  /// What a row was archived as.
  enum Role {
    DELETED,
    BEFORE,
    AFTER;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Role of(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }

  private final Handle handle;

  RowArchive(Handle handle) {
    this.handle = handle;
  }

  /// Keeps the rows of a set; gives what was kept, empty if the set is.
  Optional<ArchivedTable> keep(long archiveId, int tableNo, Role role, TemporaryRowSet rows) {
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

  private long keepPart(long archiveId, int tableNo, int first, TemporaryRowSet rows) {
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
    return handle.execute(sql, archiveId, tableNo, first / VALUES_PER_PART);
  }

  private static Json.Obj types(TableShape shape) {
    Json.Builder types = Json.object();
    shape.columns().forEach(column -> types.put(column.name(), column.type()));
    return types.build();
  }

  private void noteTable(ArchivedTable table) {
    handle.execute(
        "INSERT INTO main.patronus_deleted_tables VALUES (?, ?, ?, ?, ?, ?, ?)",
        table.archiveId(),
        table.tableNo(),
        table.role().word(),
        table.name(),
        table.types().toString(),
        table.rows(),
        table.dangling());
  }

  /// Notes how often the rows of a table that was kept already pointed at nothing.
  void setDangling(ArchivedTable table, long dangling) {
    handle.execute(SET_DANGLING, dangling, table.archiveId(), table.tableNo());
  }

  /// Purges the rows of an archive.
  void discard(long archiveId) {
    handle.execute("DELETE FROM main.patronus_deleted_rows WHERE archive_id = ?", archiveId);
    discardTables(archiveId);
  }

  /// Deletes at most [#STEP_ROWS] rows of an archive, and then what it says about them.
  void discardSome(long archiveId) {
    if (handle.execute(DISCARD_SOME, archiveId, STEP_ROWS) < STEP_ROWS) {
      discardTables(archiveId);
    }
  }

  private void discardTables(long archiveId) {
    handle.execute("DELETE FROM main.patronus_deleted_tables WHERE archive_id = ?", archiveId);
  }
}
