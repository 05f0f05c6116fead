package dev.patronus.store.deletion;

import dev.patronus.site.RestoreConflict;
import dev.patronus.store.SqliteErrors;
import dev.patronus.store.foreignkey.TableShape;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.sqlite.SQLiteErrorCode;

/// Restores the archived rows of one table.
///
/// Confined to the database's thread; within a transaction that is rolled back on any conflict.
final class RowRestorer {
  /// How many rows are named that cannot come back; more are counted.
  static final int NAMED_MAX = 20;

  private final Handle handle;
  private final ArchivedTable archived;
  private final TableShape shape;

  RowRestorer(Handle handle, ArchivedTable archived, TableShape shape) {
    this.handle = handle;
    this.archived = archived;
    this.shape = shape;
  }

  /// Why the table as it is now cannot take what was archived; empty if it can.
  static Optional<RestoreConflict> misfit(ArchivedTable archived, Optional<TableShape> shape) {
    if (shape.isEmpty()) {
      return Optional.of(whole(archived, "the table is not there any more"));
    }
    for (String name : archived.columns()) {
      Optional<TableShape.Column> column = shape.get().find(name);
      if (column.isEmpty()) {
        return Optional.of(whole(archived, "its column " + name + " is not there any more"));
      }
      String was = archived.types().text(name);
      if (!column.get().type().equalsIgnoreCase(was)) {
        String words = "its column " + name + " is " + column.get().type() + " now, was " + was;
        return Optional.of(whole(archived, words));
      }
    }
    return Optional.empty();
  }

  private static RestoreConflict whole(ArchivedTable archived, String reason) {
    return new RestoreConflict(archived.name(), "", archived.rows(), reason, Optional.empty());
  }

  /// Restores the rows; returns the conflicts, none if all rows were restored.
  List<RestoreConflict> putBack() throws SQLException {
    try {
      insertAll();
      return List.of();
    } catch (JdbiException e) {
      if (!SqliteErrors.is(e, SQLiteErrorCode.SQLITE_CONSTRAINT)) {
        throw e;
      }
      return insertOneByOne();
    }
  }

  private void insertAll() {
    if (hasHiddenRowid()) {
      handle.execute(insert(true) + " AND NOT " + rowidIsTaken());
      handle.execute(insert(false) + " AND NOT " + isBack());
    } else {
      handle.execute(insert(false));
    }
  }

  /// A row number that is no column is nobody's business but SQLite's: VACUUM changes it. It is
  /// given back where it is free.
  private boolean hasHiddenRowid() {
    return shape.rowidName().isPresent() && !shape.rowidIsColumn();
  }

  private String rowidIsTaken() {
    return "EXISTS (SELECT 1 FROM "
        + shape.sqlName()
        + " t WHERE "
        + shape.identity("t").getFirst()
        + " = "
        + ArchivedTable.rowKey("a")
        + ")";
  }

  /// Whether the archived row was put back with its own row number a moment ago.
  private String isBack() {
    return "EXISTS (SELECT 1 FROM "
        + shape.sqlName()
        + " t WHERE "
        + shape.identity("t").getFirst()
        + " = "
        + ArchivedTable.rowKey("a")
        + " AND "
        + TableShape.compared(
            TableShape.columns("t", archived.columns()),
            " IS ",
            archived.values("a", archived.columns()))
        + ")";
  }

  private String insert(boolean withRowid) {
    StringJoiner into = new StringJoiner(", ");
    List<String> values = new ArrayList<>();
    if (withRowid) {
      into.add(shape.rowidName().orElseThrow());
      values.add(ArchivedTable.rowKey("a"));
    }
    archived.columns().forEach(name -> into.add(TableShape.quoted(name)));
    values.addAll(archived.values("a", archived.columns()));
    return "INSERT OR ABORT INTO "
        + shape.sqlName()
        + " ("
        + into
        + ") SELECT "
        + String.join(", ", values)
        + " FROM "
        + archived.from("a")
        + " WHERE "
        + archived.chosen("a");
  }

  /// Inserts each row separately, to find the conflicting ones, by a statement that is prepared
  /// once.
  private List<RestoreConflict> insertOneByOne() throws SQLException {
    List<RestoreConflict> conflicts = new ArrayList<>();
    long unnamed = 0;
    String sql = insert(false) + " AND " + ArchivedTable.rowKey("a") + " = ?";
    try (PreparedStatement statement = handle.getConnection().prepareStatement(sql)) {
      for (long rowKey : rowKeys()) {
        Optional<String> refusal = insertOne(statement, rowKey);
        if (refusal.isPresent() && conflicts.size() < NAMED_MAX) {
          conflicts.add(
              new RestoreConflict(
                  archived.name(), describe(rowKey), 1, refusal.get(), Optional.empty()));
        } else if (refusal.isPresent()) {
          unnamed++;
        }
      }
    }
    if (unnamed > 0) {
      conflicts.add(
          new RestoreConflict(archived.name(), "more", unnamed, "the same", Optional.empty()));
    }
    return conflicts;
  }

  private static Optional<String> insertOne(PreparedStatement statement, long rowKey)
      throws SQLException {
    try {
      statement.setLong(1, rowKey);
      statement.executeUpdate();
      return Optional.empty();
    } catch (SQLException e) {
      if (!SqliteErrors.is(e, SQLiteErrorCode.SQLITE_CONSTRAINT)) {
        throw e;
      }
      return Optional.of(inWords(SqliteErrors.reason(e)));
    }
  }

  /// `UNIQUE constraint failed: t.a, t.b` as people say it.
  private static String inWords(String reason) {
    String unique = "UNIQUE constraint failed: ";
    return reason.startsWith(unique)
        ? "another row has its " + reason.substring(unique.length()).replaceAll("[^ ,.]+\\.", "")
        : reason;
  }

  private List<Long> rowKeys() {
    String sql =
        "SELECT "
            + ArchivedTable.rowKey("a")
            + " FROM "
            + archived.from("a")
            + " WHERE "
            + archived.chosen("a");
    return handle.select(sql).map((row, _) -> row.getLong(1)).list();
  }

  /// Which row it is: the values of its key.
  private String describe(long rowKey) {
    if (shape.key().isEmpty()) {
      return "rowid " + rowKey;
    }
    String sql =
        "SELECT "
            + String.join(", ", archived.values("a", shape.key()))
            + " FROM "
            + archived.from("a")
            + " WHERE "
            + archived.chosen("a")
            + " AND "
            + ArchivedTable.rowKey("a")
            + " = ?";
    return handle.select(sql, rowKey).map((row, _) -> keyText(row)).one();
  }

  private String keyText(ResultSet row) throws SQLException {
    StringJoiner words = new StringJoiner(", ");
    for (int i = 0; i < shape.key().size(); i++) {
      words.add(shape.key().get(i) + " " + row.getString(i + 1));
    }
    return words.toString();
  }
}
