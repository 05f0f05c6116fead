package dev.patronus.store.table;

import dev.patronus.flow.CounterReset;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Volume;
import dev.patronus.history.Reading;
import dev.patronus.store.Transaction;
import dev.patronus.store.rollup.PastRollup;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Puts the traffic of a capture into the rows and the roll-ups of its own time.
///
/// Confined to the database's thread; within one transaction.
final class PastTraffic {
  private static final int MINUTE = 60;

  private final Transaction transaction;
  private final CapturedTraffic capture;
  private final PastRollup rollup;
  private final List<CounterReset.Part> added = new ArrayList<>();
  private int rowsLeft = PastRows.ROWS_MAX;

  /// Begins; all rows that there are must be rolled up.
  PastTraffic(Transaction transaction, CapturedTraffic capture) throws SQLException {
    this.transaction = transaction;
    this.capture = capture;
    rollup = PastRollup.open(transaction.connection()).orElseThrow();
  }

  /// Puts all of it in.
  ///
  /// @param number of the change of the counters
  /// @return what the counters must still add: the traffic that no reset came after
  CounterReset put(long number) throws SQLException {
    for (Map.Entry<Long, List<Reading>> policy : capture.policies().entrySet()) {
      policy(policy.getKey(), policy.getValue());
    }
    if (!capture.unmatched().isEmpty()) {
      unmatched(capture.unmatched());
    }
    if (capture.tunnels().packets() > 0) {
      add(CounterReset.Kind.TUNNELS, 0, capture.tunnels());
    }
    rollup.save();
    return new CounterReset(number, added);
  }

  private void policy(long id, List<Reading> readings) throws SQLException {
    long base = base(readings);
    PastRows.Done done =
        PastRows.of(false).put(transaction.connection(), id, readings, base, rowsLeft);
    rowsLeft -= done.rows();
    rollup.policy(id, readings, base, done.first(), done.lasts());
    if (done.lasts()) {
      add(CounterReset.Kind.POLICY, id, total(readings));
    }
  }

  private void unmatched(List<Reading> readings) throws SQLException {
    long base = base(readings);
    PastRows.Done done =
        PastRows.of(true)
            .put(transaction.connection(), Snapshot.UNMATCHED, readings, base, rowsLeft);
    rollup.unmatched(readings, base, done.first(), done.lasts());
    if (done.lasts()) {
      add(CounterReset.Kind.UNMATCHED, Snapshot.UNMATCHED, total(readings));
    }
  }

  /// The last second of the minute before the first one.
  private static long base(List<Reading> readings) {
    long first = readings.getFirst().epochSecond();
    return first - Math.floorMod(first, MINUTE) - 1;
  }

  private static Volume total(List<Reading> readings) {
    return new Volume(readings.getLast().packets(), readings.getLast().bytes());
  }

  private void add(CounterReset.Kind kind, long policyId, Volume volume) {
    added.add(new CounterReset.Part(kind, policyId, -volume.packets(), -volume.bytes()));
  }
}
