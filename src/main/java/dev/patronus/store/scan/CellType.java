package dev.patronus.store.scan;

import dev.patronus.json.Json;
import dev.patronus.json.UnreadableJson;
import dev.patronus.output.row.Batch;
import java.sql.SQLException;
import java.util.Base64;
import org.sqlite.core.Codes;
import org.sqlite.core.DB;

/// How a stored value becomes a cell of an export. What is of another type than its column promises
/// is exported as it is: nothing in a row makes an export fail, and nothing is silently zero.
public enum CellType {
  /// A number or text, as stored.
  PLAIN,
  /// The table's own key, which SQLite itself keeps a whole number.
  KEY,
  /// An unsigned 64-bit identifier.
  UNSIGNED,
  /// Epoch seconds, exported as an instant.
  TIME,
  /// 0 or 1, exported as false or true.
  FLAG,
  /// JSON, where it can be read as such.
  JSON;

  /// Sets the cell of a column to what the statement's current row holds in `at`.
  void copy(DB db, long row, int at, Batch batch, int column) throws SQLException {
    if (this == KEY) {
      batch.number(column, db.column_long(row, at));
      return;
    }
    switch (db.column_type(row, at)) {
      case Codes.SQLITE_INTEGER -> whole(db.column_long(row, at), batch, column);
      case Codes.SQLITE_FLOAT -> batch.decimal(column, db.column_double(row, at));
      case Codes.SQLITE_TEXT -> text(db.column_text(row, at), batch, column);
      case Codes.SQLITE_BLOB -> bytes(db.column_blob(row, at), batch, column);
      default -> batch.absent(column);
    }
  }

  /// Sets the cell of a column to a whole number.
  public void whole(long value, Batch batch, int column) {
    switch (this) {
      case PLAIN, KEY, JSON -> batch.number(column, value);
      case UNSIGNED -> batch.unsigned(column, value);
      case TIME -> batch.time(column, value);
      case FLAG -> batch.flag(column, value != 0);
    }
  }

  /// Sets the cell of a column to a text.
  public void text(String value, Batch batch, int column) {
    if (this != JSON) {
      batch.text(column, value);
      return;
    }
    try {
      batch.json(column, Json.parse(value));
    } catch (UnreadableJson _) {
      batch.text(column, value);
    }
  }

  /// Bytes are keys, which the platform's users know in Base64.
  private static void bytes(byte[] value, Batch batch, int column) {
    batch.text(column, value == null ? "" : Base64.getEncoder().encodeToString(value));
  }
}
