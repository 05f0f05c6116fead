package dev.patronus.store.history;

import dev.patronus.history.Point;
import dev.patronus.history.plan.HistoryPlan;
import dev.patronus.history.plan.HistorySource;
import dev.patronus.output.row.Batch;
import dev.patronus.store.scan.RowScan;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// The points of one policy's history after the other, as roll-ups give them; of some policies at a
/// time.
///
/// Confined to the database's thread.
final class PointScan implements RowScan {
  private final HistorySource history;
  private final HistoryPlan plan;
  private final List<Long> policies;
  private final List<ValueScan.CellSetter<Point>> cells;
  private final Deque<Point> ready = new ArrayDeque<>();
  private int at;

  PointScan(
      HistorySource history,
      HistoryPlan plan,
      List<Long> policies,
      List<ValueScan.CellSetter<Point>> cells) {
    this.history = history;
    this.plan = plan.withoutSamples();
    this.policies = policies;
    this.cells = cells;
  }

  @Override
  public boolean fill(Batch batch) {
    while (!batch.full()) {
      if (!ready.isEmpty()) {
        add(ready.remove(), batch);
      } else if (at < policies.size()) {
        int end = Math.min(policies.size(), at + history.policiesAtOnce(plan));
        long _ =
            history.read(
                policies.subList(at, end), plan, series -> ready.addAll(series.steps().points()));
        at = end;
      } else {
        return batch.rows() > 0;
      }
    }
    return true;
  }

  private void add(Point point, Batch batch) {
    for (int i = 0; i < cells.size(); i++) {
      cells.get(i).set(batch, i, point);
    }
    batch.endRow();
  }

  @Override
  public double done() {
    return policies.isEmpty() ? 1 : (double) at / policies.size();
  }

  @Override
  public void close() {
    // nothing is open
  }
}
