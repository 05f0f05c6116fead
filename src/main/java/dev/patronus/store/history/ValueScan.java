package dev.patronus.store.history;

import dev.patronus.history.Reading;
import dev.patronus.output.row.Batch;
import dev.patronus.store.scan.ExportColumn;
import dev.patronus.store.scan.ExportTable;
import dev.patronus.store.scan.RowScan;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Rows that are derived from the readings of one policy after the other.
///
/// Confined to the database's thread. A reading whose counters are no numbers is handed on as
/// implausible.
///
/// @param <T> what is derived
final class ValueScan<T> implements RowScan {
  /// The fields that the scan below must give, in this order.
  static final List<ExportColumn> FIELDS = ExportTable.STATS.own();

  private static final int STAT_ID = 0;
  private static final int POLICY_ID = 1;
  private static final int TIMESTAMP = 2;
  private static final int PACKETS = 3;
  private static final int BYTES = 4;
  private static final int ACTIVE_FLOWS = 5;

  /// Derives rows from the readings of one policy, in order of time, and hands them on.
  interface Derivation {
    void accept(long statId, Reading reading);

    /// No more readings of this policy come.
    void finish();
  }

  /// Sets a cell of a derived row.
  interface CellSetter<T> {
    void set(Batch batch, int column, T row);
  }

  private final RowScan raw;
  private final List<CellSetter<T>> cells;
  private final Function<Consumer<T>, Derivation> derivations;
  private final Batch readings = new Batch(FIELDS.size());
  private final Deque<T> ready = new ArrayDeque<>();
  private @Nullable Derivation derivation;
  private long policyId;
  private int at;
  private boolean ended;

  /// @param derivations makes one for each policy
  ValueScan(RowScan raw, List<CellSetter<T>> cells, Function<Consumer<T>, Derivation> derivations) {
    this.raw = raw;
    this.cells = cells;
    this.derivations = derivations;
  }

  @Override
  public boolean fill(Batch batch) {
    while (!batch.full()) {
      if (!ready.isEmpty()) {
        add(ready.remove(), batch);
      } else if (at < readings.rows()) {
        accept(at++);
      } else if (!more()) {
        return batch.rows() > 0;
      }
    }
    return true;
  }

  private void add(T row, Batch batch) {
    for (int i = 0; i < cells.size(); i++) {
      cells.get(i).set(batch, i, row);
    }
    batch.endRow();
  }

  private boolean more() {
    if (ended) {
      return false;
    }
    readings.clear();
    at = 0;
    if (!raw.fill(readings)) {
      ended = true;
      finishPolicy();
    }
    return true;
  }

  private void finishPolicy() {
    if (derivation != null) {
      derivation.finish();
    }
  }

  private void accept(int row) {
    long id = readings.whole(row, POLICY_ID);
    if (derivation == null || id != policyId) {
      finishPolicy();
      policyId = id;
      derivation = derivations.apply(ready::add);
    }
    derivation.accept(number(readings, row, STAT_ID, 0), reading(readings, row));
  }

  /// Whether a row of [#FIELDS] has a policy and a time that are whole numbers.
  static boolean isPlaced(Batch batch, int row) {
    return batch.isWhole(row, POLICY_ID) && batch.isWhole(row, TIMESTAMP);
  }

  static long statId(Batch batch, int row) {
    return batch.whole(row, STAT_ID);
  }

  /// The reading in a row of [#FIELDS].
  static Reading reading(Batch batch, int row) {
    return new Reading(
        number(batch, row, POLICY_ID, 0),
        number(batch, row, TIMESTAMP, 0),
        number(batch, row, PACKETS, -1),
        number(batch, row, BYTES, -1),
        number(batch, row, ACTIVE_FLOWS, 0));
  }

  private static long number(Batch batch, int row, int column, long otherwise) {
    return batch.isWhole(row, column) ? batch.whole(row, column) : otherwise;
  }

  @Override
  public double done() {
    return raw.done();
  }

  @Override
  public void close() {
    raw.close();
  }
}
