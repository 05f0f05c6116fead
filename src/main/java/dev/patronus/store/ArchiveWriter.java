package dev.patronus.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/// Puts what a deletion takes and rewrites into one archive.
///
/// Confined to the database's thread; used once, in the order *doomed, before, after*.
final class ArchiveWriter {
  private final RowArchive archive;
  private final long archiveId;
  private final DoomedRows rows;
  private final Map<String, Integer> rewritten = new LinkedHashMap<>();
  private int nextTable = 1;
  private long kept;

  ArchiveWriter(Connection connection, long archiveId, DoomedRows rows) {
    this.archive = new RowArchive(connection);
    this.archiveId = archiveId;
    this.rows = rows;
  }

  /// Keeps the rows that will go.
  void keepDoomed() throws SQLException {
    for (String table : rows.graph().tables()) {
      kept += keep(RowArchive.Role.DELETED, rows.of(table), nextTable++);
    }
  }

  /// Keeps the rows that will be rewritten as they are.
  void keepBefore() throws SQLException {
    for (String table : rows.graph().tables()) {
      long count = keep(RowArchive.Role.BEFORE, rows.rewrittenOf(table), nextTable);
      if (count > 0) {
        rewritten.put(table, nextTable + 1);
        nextTable += 2;
        kept += count;
      }
    }
  }

  /// Keeps the rows that were rewritten as they are now.
  void keepAfter() throws SQLException {
    for (Map.Entry<String, Integer> table : rewritten.entrySet()) {
      keep(RowArchive.Role.AFTER, rows.rewrittenOf(table.getKey()), table.getValue());
    }
  }

  private long keep(RowArchive.Role role, RowSet set, int tableNo) throws SQLException {
    return archive.keep(archiveId, tableNo, role, set);
  }

  /// How many rows of others it keeps; a rewritten one counts once.
  long rows() {
    return kept;
  }
}
