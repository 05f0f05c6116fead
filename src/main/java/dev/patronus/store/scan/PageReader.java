package dev.patronus.store.scan;

import dev.patronus.output.row.Batch;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.sqlite.core.Codes;
import org.sqlite.core.CoreStatement;
import org.sqlite.core.DB;

/// Reads the rows of a statement into a batch.
///
/// The first columns of the statement are the row's place (its key, or its time and key), the
/// others its fields. It goes through the driver's own layer below JDBC: a cell's type is asked
/// together with its value, which JDBC can only do by boxing each, and still a row takes a fifth
/// less time than by `getLong` alone.
///
/// Confined to the database's thread.
final class PageReader {
  private final CellType[] shapes;
  private final long[] place;

  PageReader(List<ExportColumn> fields, int placeColumns) {
    shapes = fields.stream().map(ExportColumn::shape).toArray(CellType[]::new);
    place = new long[placeColumns];
  }

  /// Reads the statement's rows, at most `wanted`, which fit the batch; gives their number. Only if
  /// it is as many as wanted can there be more, and only then the last one's place is known.
  int read(PreparedStatement statement, Batch batch, int wanted) throws SQLException {
    int before = batch.rows();
    try (ResultSet rows = statement.executeQuery()) {
      if (rows.next()) {
        ((CoreStatement) statement)
            .pointer.safeRunConsume((db, row) -> readAll(db, row, batch, before + wanted));
      }
    }
    return batch.rows() - before;
  }

  private void readAll(DB db, long row, Batch batch, int end) throws SQLException {
    int result = Codes.SQLITE_ROW;
    while (result == Codes.SQLITE_ROW && batch.rows() < end) {
      readRow(db, row, batch);
      if (batch.rows() == end) {
        readPlace(db, row);
      }
      result = db.step(row);
    }
    if (result != Codes.SQLITE_DONE && result != Codes.SQLITE_ROW) {
      db.throwex(result);
    }
  }

  private void readRow(DB db, long row, Batch batch) throws SQLException {
    for (int i = 0; i < shapes.length; i++) {
      shapes[i].copy(db, row, place.length + i, batch, i);
    }
    batch.endRow();
  }

  private void readPlace(DB db, long row) throws SQLException {
    for (int i = 0; i < place.length; i++) {
      place[i] = db.column_long(row, i);
    }
  }

  /// The place of the last row that was wanted.
  long place(int column) {
    return place[column];
  }
}
