package dev.patronus.store.deletion;

import dev.patronus.site.DeletedItem;
import dev.patronus.site.RestoreConflict;
import dev.patronus.site.failover.BackupPaths;
import dev.patronus.store.SqliteErrors;
import dev.patronus.store.foreignkey.TableShape;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.sqlite.SQLiteErrorCode;

/// Restores the old values of rows that a deletion rewrote, column by column, where a value is
/// still what the deletion wrote.
///
/// Confined to the database's thread. Values that were changed since then stay, and are reported in
/// a note; only a list of backup paths is merged.
final class ColumnRestorer {
  private final Handle handle;
  private final ArchivedTable before;
  private final ArchivedTable after;
  private final TableShape shape;
  private final MissingParents others;
  private final List<String> notes = new ArrayList<>();
  private final List<RestoreConflict> conflicts = new ArrayList<>();
  private long gone;

  /// A row whose value has changed since the deletion.
  private record Changed(List<Object> key, boolean missing, String now, String was, String left) {}

  ColumnRestorer(
      Handle handle,
      ArchivedTable before,
      ArchivedTable after,
      TableShape shape,
      MissingParents others) {
    this.handle = handle;
    this.before = before;
    this.after = after;
    this.shape = shape;
    this.others = others;
  }

  List<String> notes() {
    return notes;
  }

  List<RestoreConflict> conflicts() {
    return conflicts;
  }

  void putBack() throws SQLException {
    Set<List<Object>> missing = new LinkedHashSet<>();
    for (String column : before.columns()) {
      if (putBack(column)) {
        for (Changed row : changedRows(column)) {
          if (!row.missing()) {
            settle(column, row);
          } else if (missing.add(row.key())) {
            reportMissing(row);
          }
        }
      }
    }
    if (gone > RowRestorer.NAMED_MAX) {
      notes.add(
          (gone - RowRestorer.NAMED_MAX) + " more rows of " + before.name() + " are not there");
    }
  }

  private List<String> keyColumns() {
    return shape.key();
  }

  /// The condition that `t` is the row whose image is `b`.
  private String sameRow() {
    return keyColumns().isEmpty()
        ? shape.identity("t").getFirst() + " = " + ArchivedTable.rowKey("b")
        : TableShape.equal(TableShape.columns("t", keyColumns()), before.values("b", keyColumns()));
  }

  private String images() {
    return before.from("b") + " CROSS JOIN " + after.from("a");
  }

  private String differing(String column) {
    return before.chosen("b")
        + " AND "
        + after.chosen("a")
        + " AND "
        + ArchivedTable.rowKey("a")
        + " = "
        + ArchivedTable.rowKey("b")
        + " AND "
        + before.value("b", column)
        + " IS NOT "
        + after.value("a", column);
  }

  /// Restores a column's old values; false if the deletion changed none of them.
  private boolean putBack(String column) {
    if (count("SELECT count(*) FROM " + images() + " WHERE " + differing(column)) == 0) {
      return false;
    }
    String sql =
        "UPDATE OR ABORT "
            + shape.sqlName()
            + " AS t SET "
            + TableShape.quoted(column)
            + " = "
            + before.value("b", column)
            + " FROM "
            + images()
            + " WHERE "
            + differing(column)
            + " AND "
            + sameRow()
            + " AND "
            + TableShape.column("t", column)
            + " IS "
            + after.value("a", column);
    try {
      handle.execute(sql);
    } catch (JdbiException e) {
      if (!SqliteErrors.is(e, SQLiteErrorCode.SQLITE_CONSTRAINT)) {
        throw e;
      }
      conflicts.add(
          new RestoreConflict(
              before.name(), column, before.rows(), SqliteErrors.reason(e), Optional.empty()));
    }
    return true;
  }

  private List<Changed> changedRows(String column) {
    List<String> keys =
        keyColumns().isEmpty()
            ? List.of(ArchivedTable.rowKey("b"))
            : before.values("b", keyColumns());
    String sql =
        "SELECT "
            + shape.identity("t").getFirst()
            + " IS NULL, "
            + TableShape.column("t", column)
            + ", "
            + before.value("b", column)
            + ", "
            + after.value("a", column)
            + ", "
            + String.join(", ", keys)
            + " FROM "
            + images()
            + " LEFT JOIN "
            + shape.sqlName()
            + " t ON "
            + sameRow()
            + " WHERE "
            + differing(column)
            + " AND "
            + TableShape.column("t", column)
            + " IS NOT "
            + before.value("b", column);
    return handle.select(sql).map((row, _) -> changed(row, keys.size())).list();
  }

  private static Changed changed(ResultSet row, int keyColumns) throws SQLException {
    List<Object> key = new ArrayList<>();
    for (int i = 0; i < keyColumns; i++) {
      key.add(row.getObject(5 + i));
    }
    return new Changed(
        key, row.getBoolean(1), row.getString(2), row.getString(3), row.getString(4));
  }

  private void settle(String column, Changed row) {
    boolean backups =
        before.name().equals(FailoverRewrite.TABLE) && column.equals(FailoverRewrite.BACKUPS);
    if (!backups || !merge(row)) {
      notes.add(which(row) + " was changed meanwhile; its " + column + " is left as it is");
    }
  }

  /// Puts lost paths back into a list of backups that somebody changed; false if it cannot be read.
  private boolean merge(Changed row) {
    Optional<BackupPaths> now = list(row.now());
    Optional<BackupPaths> was = list(row.was());
    Optional<BackupPaths> left = list(row.left());
    if (now.isEmpty() || was.isEmpty() || left.isEmpty()) {
      return false;
    }
    String merged = now.get().withBack(was.get(), left.get()).toString();
    long policyId = ((Number) row.key().getFirst()).longValue();
    FailoverRewrite.setBackups(handle, policyId, merged);
    notes.add(which(row) + " was changed meanwhile; its backup paths are " + merged + " now");
    return true;
  }

  private static Optional<BackupPaths> list(String text) {
    return text == null ? Optional.empty() : BackupPaths.parse(text);
  }

  private void reportMissing(Changed row) throws SQLException {
    Optional<DeletedItem> holder =
        keyColumns().isEmpty()
            ? Optional.empty()
            : others.holder(before.name(), keyColumns(), row.key(), before.archiveId());
    if (holder.isPresent()) {
      String reason = "it lost a value to this site, and went with the other";
      conflicts.add(new RestoreConflict(before.name(), keyText(row), 1, reason, holder));
    } else {
      gone++;
      if (gone <= RowRestorer.NAMED_MAX) {
        notes.add(which(row) + " is not there any more; nothing was put back into it");
      }
    }
  }

  private String which(Changed row) {
    return "the row of " + before.name() + " with " + keyText(row);
  }

  private String keyText(Changed row) {
    if (keyColumns().isEmpty()) {
      return "rowid " + row.key().getFirst();
    }
    StringJoiner words = new StringJoiner(", ");
    for (int i = 0; i < keyColumns().size(); i++) {
      words.add(keyColumns().get(i) + " " + row.key().get(i));
    }
    return words.toString();
  }

  private long count(String sql) {
    return handle.select(sql).map((row, _) -> row.getLong(1)).one();
  }
}
