package dev.patronus.history;

import dev.patronus.flow.Volume;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;

/// The history of one policy over a range: its points in order of time.
///
/// Immutable. Buckets without a reading are not in it.
///
/// @param policyId unsigned 64-bit
public record Series(long policyId, List<Point> points) {
  public Series {
    points = List.copyOf(points);
    for (int i = 0; i < points.size(); i++) {
      check(
          policyId,
          points.get(i),
          i == 0 ? Long.MIN_VALUE : points.get(i - 1).bucket().endSecond());
    }
  }

  private static void check(long policyId, Point point, long notBefore) {
    if (point.policyId() != policyId) {
      throw new IllegalArgumentException(
          "a point of policy %s does not belong to the series of %s"
              .formatted(Long.toUnsignedString(point.policyId()), Long.toUnsignedString(policyId)));
    }
    if (point.bucket().startSecond() < notBefore) {
      throw new IllegalArgumentException(
          "points must follow each other: " + point.bucket() + " begins before " + notBefore);
    }
  }

  /// The packets of all points; stays at [Long#MAX_VALUE] where damaged rows would exceed it.
  public long packets() {
    return points.stream().mapToLong(Point::packets).reduce(0, Volume::saturatedSum);
  }

  /// The bytes of all points; stays at [Long#MAX_VALUE] where damaged rows would exceed it.
  public long bytes() {
    return points.stream().mapToLong(Point::bytes).reduce(0, Volume::saturatedSum);
  }

  /// How often the counters were reset.
  public int resets() {
    return points.stream().mapToInt(Point::resets).sum();
  }

  /// How often all counters were reset, of a sum of policies: in how many points they were.
  public int resetEvents() {
    return points.stream().mapToInt(Point::resetEvents).sum();
  }

  /// How many points hold a change that spans too much time.
  public long gaps() {
    return points.stream().filter(Point::gap).count();
  }

  /// The 95th percentile of the points' bytes a second, by nearest rank; empty if no point has a
  /// rate. Points that nobody read are no samples, neither high nor zero.
  public OptionalDouble bytesPerSecond95th() {
    return percentile95(Point::bytesPerSecond);
  }

  /// The highest of the points' bytes a second; empty if no point has a rate.
  public OptionalDouble bytesPerSecondHighest() {
    return points.stream().map(Point::bytesPerSecond).flatMapToDouble(OptionalDouble::stream).max();
  }

  /// The 95th percentile of the points' packets a second, by nearest rank; empty if no point has a
  /// rate.
  public OptionalDouble packetsPerSecond95th() {
    return percentile95(Point::packetsPerSecond);
  }

  private OptionalDouble percentile95(Function<Point, OptionalDouble> rate) {
    double[] samples = points.stream().map(rate).flatMapToDouble(OptionalDouble::stream).toArray();
    Arrays.sort(samples);
    return samples.length == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(samples[Percentile.nearestRank(samples.length, 95) - 1]);
  }
}
