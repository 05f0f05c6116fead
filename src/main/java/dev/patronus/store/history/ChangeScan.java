package dev.patronus.store.history;

import dev.patronus.history.Change;
import dev.patronus.history.Reading;
import dev.patronus.output.row.Batch;
import dev.patronus.store.Database;
import dev.patronus.store.scan.ExportQuery;
import dev.patronus.store.scan.RowBlocks;
import dev.patronus.store.scan.RowScan;
import dev.patronus.store.scan.RowSlices;
import dev.patronus.store.scan.RowSlices.SliceReader;
import dev.patronus.store.scan.TableScanner;
import dev.patronus.time.TimeRange;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The rows of all policies in the order in which they were written, each with its change.
///
/// A change is what a row has more than the one before it in order of time; for policies whose
/// clock jumped, in the order in which they were written. Rows without a policy or a time that is a
/// number are left out.
///
/// ```
///   block 0   read | linked | cells
///   block 1   read        | linked | cells
///   block 2               read      | linked | cells
/// ```
///
/// Several threads read blocks of rows and set cells at once; only to find the reading before each
/// one they wait for the block before.
///
/// The scan is confined to the database's thread, its readers to their own.
final class ChangeScan implements RowScan {
  /// Fewer blocks are read sooner than a second connection is of use.
  private static final int BLOCKS_MIN = 16;

  /// Sets the cells of a row and ends it.
  @FunctionalInterface
  interface RowSetter {
    void set(Batch batch, long statId, Reading reading, Change change);
  }

  private final Database database;
  private final long lastKey;
  private final TimeRange range;
  private final RowBlocks blocks;
  private final Supplier<RowSetter> rowSetters;
  private final PreviousReadings previous;
  private final AtomicInteger taken = new AtomicInteger();
  private final Turns turns = new Turns();
  private @Nullable Reader own;

  /// @param selection its fields are those of [ValueScan#FIELDS]; all groups
  /// @param byArrival the policies whose rows are compared in the order in which they were written
  /// @param rowSetters makes one for each thread
  ChangeScan(
      Database database,
      TableScanner scanner,
      ExportQuery selection,
      Set<Long> byArrival,
      Supplier<RowSetter> rowSetters) {
    this.database = database;
    this.lastKey = selection.keys().last();
    this.range = selection.range();
    this.blocks = scanner.blocks(selection);
    this.rowSetters = rowSetters;
    this.previous = new PreviousReadings(byArrival);
    if (range.since().isPresent() && blocks.count() > 0) {
      begin(scanner);
    }
  }

  /// Looks up what came before the range.
  private void begin(TableScanner scanner) {
    try (ReadingLookup lookup = new ReadingLookup(database, lastKey)) {
      for (long policy : scanner.groups()) {
        Optional<Reading> before =
            previous.isByArrival(policy)
                ? lookup.writtenBefore(policy, blocks.firstKey())
                : lookup.before(policy, range.firstSecond(), Long.MIN_VALUE);
        before.ifPresent(previous::begin);
      }
    }
  }

  @Override
  public boolean fill(Batch batch) {
    if (own == null) {
      own = new Reader(database, false);
      long _ = own.next();
    }
    while (batch.rows() == 0) {
      if (!own.fill(batch) && own.next() < 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public Optional<RowSlices> slices() {
    return blocks.count() < BLOCKS_MIN
        ? Optional.empty()
        : Optional.of(() -> database.another().map(other -> new Reader(other, true)));
  }

  @Override
  public double done() {
    return own == null ? 0 : own.done();
  }

  @Override
  public void close() {
    if (own != null) {
      own.close();
    }
  }

  /// Lets blocks pass one after the other.
  private static final class Turns {
    private int next;

    synchronized void await(int block) {
      while (next != block) {
        try {
          wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException("interrupted", e);
        }
      }
    }

    synchronized void pass() {
      next++;
      notifyAll();
    }
  }

  /// Reads blocks that no other has taken.
  private final class Reader implements SliceReader {
    private final Database connection;
    private final boolean closes;
    private final RowBlocks.Reader rows;
    private final ReadingLookup lookup;
    private final RowSetter row = rowSetters.get();
    private final Batch raw = new Batch(ValueScan.FIELDS.size());
    private final PreviousReadings.Found found = new PreviousReadings.Found(Batch.ROWS);
    private final long[] earliestToCome = new long[Batch.ROWS];
    private int block = -1;
    private boolean open;

    /// @param closes whether the connection ends with it
    Reader(Database connection, boolean closes) {
      this.connection = connection;
      this.closes = closes;
      this.rows = blocks.reader(connection);
      this.lookup = new ReadingLookup(connection, lastKey);
    }

    @Override
    public long next() {
      block = taken.getAndIncrement();
      open = block < blocks.count();
      if (!open) {
        return -1;
      }
      rows.begin(block);
      return block;
    }

    @Override
    public boolean fill(Batch batch) {
      if (!open) {
        return false;
      }
      raw.clear();
      open = rows.fill(raw) && raw.full();
      lookAhead(open ? Long.MIN_VALUE : blocks.earliestBehind(block));
      link();
      for (int i = 0; i < raw.rows(); i++) {
        if (ValueScan.isPlaced(raw, i)) {
          Reading reading = ValueScan.reading(raw, i);
          if (isWanted(reading.epochSecond())) {
            set(i, reading, batch);
          }
        }
      }
      return true;
    }

    /// @param earliestBehind no row behind those of the batch has an earlier time
    private void lookAhead(long earliestBehind) {
      long earliest = earliestBehind;
      for (int i = raw.rows() - 1; i >= 0; i--) {
        earliestToCome[i] = earliest;
        if (ValueScan.isPlaced(raw, i)) {
          earliest = Math.min(earliest, ValueScan.reading(raw, i).epochSecond());
        }
      }
    }

    private void link() {
      turns.await(block);
      for (int i = 0; i < raw.rows(); i++) {
        if (ValueScan.isPlaced(raw, i)) {
          previous.pass(ValueScan.reading(raw, i), earliestToCome[i], found, i);
        }
      }
      if (!open) {
        turns.pass();
      }
    }

    private boolean isWanted(long second) {
      return second >= range.firstSecond()
          && (range.until().isEmpty() || second < range.endSecond());
    }

    private void set(int i, Reading reading, Batch batch) {
      long statId = ValueScan.statId(raw, i);
      Optional<Reading> before =
          found.isUnknown(i)
              ? lookup.before(reading.policyId(), reading.epochSecond(), statId)
              : found.before(i, reading.policyId());
      row.set(batch, statId, reading, Change.of(before, reading));
    }

    @Override
    public double done() {
      return blocks.count() == 0
          ? 1
          : (double) Math.min(block + 1, blocks.count()) / blocks.count();
    }

    @Override
    public void close() {
      lookup.close();
      rows.close();
      if (closes) {
        connection.close();
      }
    }
  }
}
