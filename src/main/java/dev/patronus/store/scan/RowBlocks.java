package dev.patronus.store.scan;

import dev.patronus.output.row.Batch;
import dev.patronus.store.Database;
import dev.patronus.store.scan.ExportQuery.KeyRange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// Blocks of rows that follow each other in a table, with the earliest time of the rows behind each.
///
/// ```
///   rows, as written       10:00 10:00 | 10:01 10:01 | 09:59 10:02 | 10:03
///   earliest time behind        09:59  |      09:59  |      10:03  | none
/// ```
///
/// Where rows came in order of time, that is no earlier than the last row of the block: then what
/// came last before a row is also the latest before it. One pass over the times tells it, before
/// the rows themselves are read.
///
/// Immutable, safe from any thread. Memory: 16 bytes for each [#ROWS] rows.
public final class RowBlocks {
  /// The number of rows of a block, the last one aside; a batch has room for more.
  public static final int ROWS = Batch.ROWS - 1;

  /// How many blocks one read looks at.
  private static final int BLOCKS_PER_READ = 32;

  private final ExportQuery selection;
  private final long[] lastKeys;
  private final long[] earliestBehind;

  private RowBlocks(ExportQuery selection, long[] lastKeys, long[] earliestBehind) {
    this.selection = selection;
    this.lastKeys = lastKeys;
    this.earliestBehind = earliestBehind;
  }

  /// Passes over the times of all rows of a range of keys.
  ///
  /// @param selection of which only the keys are looked at
  static RowBlocks read(Database database, ExportQuery selection) {
    List<Block> blocks = new ArrayList<>();
    KeyRange left = selection.keys();
    while (!left.isEmpty()) {
      KeyRange range = left;
      left = database.read(connection -> some(connection, selection.extract(), range, blocks));
    }
    long[] lastKeys = blocks.stream().mapToLong(Block::lastKey).toArray();
    long[] earliestBehind = new long[lastKeys.length];
    long earliest = Long.MAX_VALUE;
    for (int i = lastKeys.length - 1; i >= 0; i--) {
      earliestBehind[i] = earliest;
      earliest = Math.min(earliest, blocks.get(i).earliest());
    }
    return new RowBlocks(selection, lastKeys, earliestBehind);
  }

  private record Block(long lastKey, long earliest) {}

  /// Looks at some blocks; gives the keys that are left.
  private static KeyRange some(
      Connection connection, ExportTable table, KeyRange keys, List<Block> blocks)
      throws SQLException {
    String sql =
        """
        SELECT max(k), min(s) FROM (SELECT t.$K AS k, $T AS s FROM $F t
          WHERE t.$K >= ? AND t.$K <= ? ORDER BY t.$K LIMIT ?)
        """
            .replace("$T", table.time())
            .replace("$F", table.table())
            .replace("$K", table.key());
    KeyRange left = keys;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < BLOCKS_PER_READ && !left.isEmpty(); i++) {
        statement.setLong(1, left.first());
        statement.setLong(2, left.last());
        statement.setInt(3, ROWS);
        try (ResultSet row = statement.executeQuery()) {
          long lastKey = row.getLong(1);
          if (row.wasNull()) {
            return KeyRange.after(left.last(), left.last());
          }
          blocks.add(new Block(lastKey, row.getLong(2)));
          left = KeyRange.after(lastKey, left.last());
        }
      }
    }
    return left;
  }

  public int count() {
    return lastKeys.length;
  }

  /// The key from which on the first block has rows.
  public long firstKey() {
    return selection.keys().first();
  }

  /// The earliest time of the rows behind a block; [Long#MAX_VALUE] if there are none. A time that
  /// is no number counts as one that may be early.
  public long earliestBehind(int block) {
    return earliestBehind[block];
  }

  /// Opens a reader of their rows.
  public Reader reader(Database database) {
    return new Reader(database);
  }

  /// Reads the rows of blocks.
  ///
  /// Confined to the database's thread.
  public final class Reader implements AutoCloseable {
    private final KeyScan scan;

    private Reader(Database database) {
      scan = new KeyScan(database, selection, List.of());
    }

    /// Goes on to a block.
    public void begin(int block) {
      long first = block == 0 ? selection.keys().first() : lastKeys[block - 1] + 1;
      scan.goTo(new KeyRange(first, lastKeys[block]));
    }

    /// Fills an empty batch with the next rows of the block; false if there are no more. The first
    /// batch has all of them, unless it is full: then rows of old keys were added meanwhile.
    public boolean fill(Batch batch) {
      return scan.fill(batch);
    }

    @Override
    public void close() {
      scan.close();
    }
  }
}
