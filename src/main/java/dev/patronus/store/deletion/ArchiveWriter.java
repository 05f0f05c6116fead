package dev.patronus.store.deletion;

import dev.patronus.store.foreignkey.TemporaryRowSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// Writes the rows that a deletion deletes or rewrites into one archive.
///
/// Confined to the database's thread; used once, in the order *deleted, before, after*.
final class ArchiveWriter {
  private final RowArchive archive;
  private final long archiveId;
  private final DependentRows rows;
  private final Map<String, Integer> rewritten = new LinkedHashMap<>();
  private int nextTable = 1;
  private long kept;

  ArchiveWriter(Handle handle, long archiveId, DependentRows rows) {
    this.archive = new RowArchive(handle);
    this.archiveId = archiveId;
    this.rows = rows;
  }

  /// Archives the rows that will be deleted.
  void archiveDeleted() throws SQLException {
    for (String name : rows.graph().tables()) {
      Optional<ArchivedTable> table = keep(RowArchive.Role.DELETED, rows.of(name), nextTable++);
      if (table.isPresent()) {
        kept += table.get().rows();
        archive.setDangling(table.get(), rows.dangling(name));
      }
    }
  }

  /// Archives the rows that will be rewritten, before the change.
  void keepBefore() {
    for (String table : rows.graph().tables()) {
      Optional<ArchivedTable> before =
          keep(RowArchive.Role.BEFORE, rows.rewrittenOf(table), nextTable);
      if (before.isPresent()) {
        rewritten.put(table, nextTable + 1);
        nextTable += 2;
        kept += before.get().rows();
      }
    }
  }

  /// Archives the rewritten rows, after the change.
  void keepAfter() {
    for (Map.Entry<String, Integer> table : rewritten.entrySet()) {
      keep(RowArchive.Role.AFTER, rows.rewrittenOf(table.getKey()), table.getValue());
    }
  }

  private Optional<ArchivedTable> keep(RowArchive.Role role, TemporaryRowSet set, int tableNo) {
    return archive.keep(archiveId, tableNo, role, set);
  }

  /// How many rows of others it keeps; a rewritten one counts once.
  long rows() {
    return kept;
  }
}
