package dev.patronus.store.scan;

import dev.patronus.output.row.Batch;
import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import dev.patronus.store.scan.ExportQuery.KeyRange;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Slices of consecutive keys.
///
/// ```
///   keys     first                                                   last
///            |-- slice 0 --|-- slice 1 --|     no rows     |-- 2 --| …
/// ```
///
/// A reader that finds a slice empty looks for the next key, and no slice is made of the keys
/// between.
final class KeySlices implements RowSlices {
  /// The width of a slice: as many rows as a page has, where keys have no gaps.
  static final long KEYS = Batch.ROWS;

  /// Fewer keys are read sooner than a second connection is of use.
  static final long KEYS_MIN = 16 * KEYS;

  private final Database database;
  private final ExportQuery selection;
  private final KeyRange all;
  private long from;
  private long number;
  private boolean ended;

  private record Slice(long number, KeyRange keys) {}

  KeySlices(Database database, ExportQuery selection, KeyRange all) {
    this.database = database;
    this.selection = selection;
    this.all = all;
    this.from = all.first();
  }

  /// Whether a range of keys is worth slices.
  static boolean suit(KeyRange keys) {
    return !keys.isEmpty() && Long.compareUnsigned(keys.last() - keys.first(), KEYS_MIN) >= 0;
  }

  @Override
  public Optional<SliceReader> reader() {
    return database.another().map(Reader::new);
  }

  private synchronized @Nullable Slice take() {
    if (ended) {
      return null;
    }
    boolean last = Long.compareUnsigned(all.last() - from, KEYS) < 0;
    KeyRange keys = new KeyRange(from, last ? all.last() : from + KEYS - 1);
    ended = last;
    from = last ? from : from + KEYS;
    return new Slice(number++, keys);
  }

  /// Makes no more slices of keys before this one; empty if there are no more rows.
  private synchronized void skipTo(Optional<Long> key) {
    if (key.isEmpty() || key.get() > all.last()) {
      ended = true;
    } else {
      from = Math.max(from, key.get());
    }
  }

  private final class Reader implements SliceReader {
    private final Database own;
    private final KeyScan scan;
    private @Nullable Slice slice;
    private boolean any;

    Reader(Database own) {
      this.own = own;
      this.scan = new KeyScan(own, selection, List.of());
    }

    @Override
    public long next() {
      slice = take();
      if (slice == null) {
        return -1;
      }
      any = false;
      scan.goTo(slice.keys());
      return slice.number();
    }

    @Override
    public boolean fill(Batch batch) {
      boolean more = scan.fill(batch);
      any |= batch.rows() > 0;
      long last = Objects.requireNonNull(slice).keys().last();
      if (!more && !any && last < all.last()) {
        skipTo(keyFrom(last + 1));
      }
      return more;
    }

    private Optional<Long> keyFrom(long least) {
      String sql =
          "SELECT $K FROM $F WHERE $K >= ? ORDER BY $K LIMIT 1"
              .replace("$K", selection.extract().key())
              .replace("$F", selection.extract().table());
      RowReader<Long> key = row -> row.getLong(1);
      return own.read(connection -> key.first(connection, sql, least));
    }

    /// The progress of all readers together.
    @Override
    public double done() {
      double width = (double) all.last() - all.first();
      return slice == null ? 1 : ((double) slice.keys().last() - all.first()) / width;
    }

    @Override
    public void close() {
      scan.close();
      own.close();
    }
  }
}
