package dev.patronus.store.scan;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.row.Batch;
import dev.patronus.store.Database;
import dev.patronus.store.scan.ExportQuery.KeyRange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Blocks of rows that follow each other in a table, with the earliest time of the rows behind
/// each.
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
/// Immutable, safe from any thread. Memory: 16 bytes for each [#ROWS] keys among which there are
/// rows.
public final class RowBlocks {
  /// The most rows of a block, and the keys among which they are; a batch has room for more.
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

  /// Passes over the times of all rows of a range of keys, the two halves of a long one at once.
  ///
  /// @param selection of which only the keys are looked at
  static RowBlocks read(Database database, ExportQuery selection) {
    KeyRange keys = selection.keys();
    List<Block> blocks =
        KeySlices.suit(keys)
            ? halves(database, selection.extract(), keys)
            : new Pass(database, selection.extract(), keys).read();
    long[] lastKeys = blocks.stream().mapToLong(Block::lastKey).toArray();
    long[] earliestBehind = new long[lastKeys.length];
    long earliest = Long.MAX_VALUE;
    for (int i = lastKeys.length - 1; i >= 0; i--) {
      earliestBehind[i] = earliest;
      earliest = Math.min(earliest, blocks.get(i).earliest());
    }
    return new RowBlocks(selection, lastKeys, earliestBehind);
  }

  private static List<Block> halves(Database database, ExportTable table, KeyRange keys) {
    Optional<Database> other = database.another();
    if (other.isEmpty()) {
      return new Pass(database, table, keys).read();
    }
    long middle = keys.first() + (keys.last() - keys.first()) / 2;
    FutureTask<List<Block>> second =
        new FutureTask<>(() -> {
          try (Database own = other.get()) {
            return new Pass(own, table, new KeyRange(middle + 1, keys.last())).read();
          }
        });
    Thread thread = new Thread(second, "patronus-export-times");
    thread.setDaemon(true);
    thread.start();
    try {
      List<Block> blocks = new Pass(database, table, new KeyRange(keys.first(), middle)).read();
      blocks.addAll(second.get());
      return blocks;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserError(ExitCode.INTERRUPTED, "interrupted", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof UserError error ? error : new IllegalStateException(e);
    } finally {
      thread.interrupt();
    }
  }

  /// A block of rows.
  ///
  /// @param earliest no row of it has an earlier time
  private record Block(long lastKey, long earliest) {}

  /// A pass over the times of a range of keys. That no time of a block is earlier than the last one
  /// of the block before, which is so where rows came in order, costs SQLite half of what the
  /// earliest one does; that one is asked for where there is an earlier one.
  private static final class Pass {
    private final Database database;
    private final ExportTable table;
    private final List<Block> blocks = new ArrayList<>();
    private KeyRange left;
    private long last = Long.MIN_VALUE;

    Pass(Database database, ExportTable table, KeyRange keys) {
      this.database = database;
      this.table = table;
      this.left = keys;
    }

    List<Block> read() {
      while (!left.isEmpty()) {
        boolean _ = database.read(this::some);
        if (Thread.currentThread().isInterrupted()) {
          throw new UserError(ExitCode.INTERRUPTED, "interrupted");
        }
      }
      return blocks;
    }

    private boolean some(Connection connection) throws SQLException {
      String of = " FROM $F t WHERE t.$K >= ? AND t.$K <= ?";
      try (PreparedStatement newest =
              prepare(connection, "SELECT t.$K, $T" + of + " ORDER BY t.$K DESC LIMIT 1");
          PreparedStatement earlier =
              prepare(connection, "SELECT 1" + of + " AND +$T < ? LIMIT 1");
          PreparedStatement earliest = prepare(connection, "SELECT min(+$T)" + of);
          PreparedStatement next =
              prepare(connection, "SELECT t.$K, $T" + of + " ORDER BY t.$K LIMIT 1")) {
        for (int i = 0; i < BLOCKS_PER_READ && !left.isEmpty(); i++) {
          long end = left.last() - left.first() >= ROWS ? left.first() + ROWS - 1 : left.last();
          bind(newest, left.first(), end);
          try (ResultSet row = newest.executeQuery()) {
            if (!row.next()) {
              skip(next, end);
              continue;
            }
            long lastKey = row.getLong(1);
            long second = row.getLong(2);
            blocks.add(new Block(lastKey, bound(earlier, earliest, lastKey)));
            last = second;
            left = KeyRange.after(end, left.last());
          }
        }
      }
      return true;
    }

    private PreparedStatement prepare(Connection connection, String sql) throws SQLException {
      return connection.prepareStatement(
          sql.replace("$T", table.time()).replace("$F", table.table()).replace("$K", table.key()));
    }

    private static void bind(PreparedStatement statement, long first, long last)
        throws SQLException {
      statement.setLong(1, first);
      statement.setLong(2, last);
    }

    /// Goes on to the next key: keys may have gaps of any width.
    private void skip(PreparedStatement next, long end) throws SQLException {
      bind(next, end, left.last());
      try (ResultSet row = next.executeQuery()) {
        left = row.next() ? new KeyRange(row.getLong(1), left.last()) : new KeyRange(1, 0);
      }
    }

    private long bound(PreparedStatement earlier, PreparedStatement earliest, long lastKey)
        throws SQLException {
      bind(earlier, left.first(), lastKey);
      earlier.setLong(3, last);
      boolean inOrder = last > Long.MIN_VALUE;
      if (inOrder) {
        try (ResultSet row = earlier.executeQuery()) {
          inOrder = !row.next();
        }
      }
      if (inOrder) {
        return last;
      }
      bind(earliest, left.first(), lastKey);
      try (ResultSet row = earliest.executeQuery()) {
        return row.getLong(1);
      }
    }
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
