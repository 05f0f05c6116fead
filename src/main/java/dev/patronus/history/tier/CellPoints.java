package dev.patronus.history.tier;

import dev.patronus.history.Bucket;
import dev.patronus.history.Buckets;
import dev.patronus.history.Change;
import dev.patronus.history.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Gathers the cells of one policy into the buckets of a history.
///
/// Confined to one thread. Cells of the same time must come in order of arrival.
public final class CellPoints {
  private final Buckets buckets;
  private final TreeMap<Long, Cell> cells = new TreeMap<>();
  private long implausible;

  public CellPoints(Buckets buckets) {
    this.buckets = buckets;
  }

  /// Takes the next cell.
  public void add(Cell cell) {
    add(cell.start(), cell);
  }

  /// Takes the next change, which belongs to the bucket of its own time.
  public void add(Change change) {
    add(change.reading().epochSecond(), Cell.of(change));
  }

  private void add(long second, Cell cell) {
    implausible += cell.implausible();
    if (cell.readings() > 0) {
      cells.merge(buckets.at(second).startSecond(), cell, Cell::plus);
    }
  }

  /// The points, in order of time; buckets without a reading have none.
  ///
  /// @param gapAfterSeconds a change over more time than this marks its point as a gap
  public List<Point> points(long policyId, long gapAfterSeconds) {
    List<Point> points = new ArrayList<>(cells.size());
    for (Map.Entry<Long, Cell> entry : cells.entrySet()) {
      points.add(point(policyId, buckets.at(entry.getKey()), entry.getValue(), gapAfterSeconds));
    }
    return points;
  }

  private static Point point(long policyId, Bucket bucket, Cell cell, long gapAfterSeconds) {
    return new Point(
        policyId,
        bucket,
        cell.packets(),
        cell.bytes(),
        cell.activeFlows(),
        cell.coveredSeconds(),
        Math.clamp(cell.readings(), 0, Integer.MAX_VALUE),
        Math.clamp(cell.resets(), 0, Integer.MAX_VALUE),
        cell.longestSeconds() > gapAfterSeconds);
  }

  /// How many readings were passed over because their counters cannot be true.
  public long implausible() {
    return implausible;
  }
}
