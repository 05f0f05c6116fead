package dev.patronus.history;

import dev.patronus.flow.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// The sum of several policies' histories, per bucket.
///
/// Confined to one thread. All series must be cut into the same buckets.
public final class SeriesSum {
  /// The policy id of a sum: none.
  public static final long NO_POLICY = 0;

  private final TreeMap<Long, Point> points = new TreeMap<>();

  /// Adds the history of one policy.
  public void add(Series series) {
    series
        .points()
        .forEach(point ->
            points.merge(point.bucket().startSecond(), withoutPolicy(point), SeriesSum::sum));
  }

  private static Point withoutPolicy(Point p) {
    return new Point(
        NO_POLICY,
        p.bucket(),
        p.packets(),
        p.bytes(),
        p.activeFlows(),
        p.coveredSeconds(),
        p.readings(),
        p.resets(),
        p.gap());
  }

  /// What several policies carried covers as much time as the one that was watched longest.
  private static Point sum(Point a, Point b) {
    return new Point(
        NO_POLICY,
        a.bucket(),
        Volume.saturatedSum(a.packets(), b.packets()),
        Volume.saturatedSum(a.bytes(), b.bytes()),
        Volume.saturatedSum(a.activeFlows(), b.activeFlows()),
        Math.max(a.coveredSeconds(), b.coveredSeconds()),
        a.readings() + b.readings(),
        a.resets() + b.resets(),
        a.gap() || b.gap());
  }

  /// The sum; buckets that no policy has a reading in are not in it.
  public Series series() {
    return new Series(NO_POLICY, new ArrayList<>(points.values()));
  }

  /// The same with a point for each bucket between the first and the last; those without a reading
  /// are empty and gaps.
  public List<Point> withoutHoles(Buckets buckets) {
    List<Point> whole = new ArrayList<>();
    for (Point point : points.values()) {
      while (!whole.isEmpty()
          && whole.getLast().bucket().endSecond() < point.bucket().startSecond()) {
        Bucket next = buckets.after(whole.getLast().bucket());
        whole.add(new Point(NO_POLICY, next, 0, 0, 0, 0, 0, 0, true));
      }
      whole.add(point);
    }
    return whole;
  }
}
