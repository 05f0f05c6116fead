package dev.patronus.store.scan;

import dev.patronus.output.row.Batch;
import dev.patronus.store.Database;
import dev.patronus.store.scan.ExportQuery.KeyRange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Rows in the order of their keys: the order in which they were written, and in which the file
/// holds them, some four times faster than any other.
///
/// Where not all rows are wanted, a page reads at most [#WINDOW] keys, so that it is short even if
/// it finds nothing.
final class KeyScan implements RowScan {
  private static final long WINDOW = 50_000;
  private static final int WINDOWS_PER_FILL = 40;

  private final Database database;
  private final ExportQuery selection;
  private final PageReader reader;
  private final Deque<KeyRange> ranges;
  private final boolean filtered;
  private @Nullable PreparedStatement page;
  private @Nullable PreparedStatement next;
  private @Nullable KeyRange at;
  private long width;

  /// @param ranges of keys, one after the other
  KeyScan(Database database, ExportQuery selection, List<KeyRange> ranges) {
    this.database = database;
    this.selection = selection;
    this.reader = new PageReader(selection.fields(), 1);
    this.ranges = new ArrayDeque<>(ranges);
    this.filtered = selection.bounded() || !selection.groups().isEmpty();
  }

  @Override
  public boolean fill(Batch batch) {
    for (int i = 0; i < WINDOWS_PER_FILL && !batch.full(); i++) {
      KeyRange left = at == null ? nextRange() : at;
      if (left == null) {
        return batch.rows() > 0;
      }
      database.read(connection -> page(connection, left, batch));
    }
    return true;
  }

  /// Goes on with other keys.
  void goTo(KeyRange keys) {
    at = null;
    ranges.add(keys);
  }

  @Override
  public Optional<RowSlices> slices() {
    return ranges.size() == 1 && KeySlices.suit(ranges.element())
        ? Optional.of(new KeySlices(database, selection, ranges.element()))
        : Optional.empty();
  }

  private @Nullable KeyRange nextRange() {
    KeyRange range;
    do {
      range = ranges.poll();
    } while (range != null && range.isEmpty());
    width = range == null ? 0 : range.last() - range.first();
    return range;
  }

  /// Reads a page of the keys that are left of a range.
  private boolean page(Connection connection, KeyRange left, Batch batch) throws SQLException {
    if (page == null) {
      page = connection.prepareStatement(pageSql());
    }
    boolean wide = Long.compareUnsigned(left.last() - left.first(), WINDOW) > 0;
    long upTo = filtered && wide ? left.first() + WINDOW : left.last();
    int wanted = Batch.ROWS - batch.rows();
    page.setLong(1, left.first());
    page.setLong(2, upTo);
    page.setInt(3, wanted);
    int found = reader.read(page, batch, wanted);
    long read = found == wanted ? reader.place(0) : upTo;
    KeyRange rest = read >= left.last() ? null : new KeyRange(read + 1, left.last());
    at = rest == null || found > 0 ? rest : withoutGap(connection, rest);
    return true;
  }

  private String pageSql() {
    String key = "t." + selection.extract().key();
    return "SELECT "
        + key
        + selection.columns()
        + " FROM "
        + selection.extract().table()
        + " t WHERE "
        + key
        + " >= ? AND "
        + key
        + " <= ?"
        + selection.timeCondition()
        + selection.groupCondition()
        + " ORDER BY "
        + key
        + " LIMIT ?";
  }

  /// The range from the next key there is: keys may have gaps of any width; null if there is none.
  private @Nullable KeyRange withoutGap(Connection connection, KeyRange range) throws SQLException {
    if (next == null) {
      String key = selection.extract().key();
      next =
          connection.prepareStatement(
              "SELECT min("
                  + key
                  + ") FROM "
                  + selection.extract().table()
                  + " WHERE "
                  + key
                  + " >= ?");
    }
    next.setLong(1, range.first());
    try (ResultSet row = next.executeQuery()) {
      long key = row.getLong(1);
      return row.wasNull() || key > range.last() ? null : new KeyRange(key, range.last());
    }
  }

  @Override
  public double done() {
    long left = at == null ? 0 : at.last() - at.first();
    return !ranges.isEmpty() || width <= 0 ? 0 : 1 - (double) left / width;
  }

  @Override
  public void close() {
    database.read(_ -> {
      for (PreparedStatement statement : new PreparedStatement[] {page, next}) {
        if (statement != null) {
          statement.close();
        }
      }
      return true;
    });
  }
}
