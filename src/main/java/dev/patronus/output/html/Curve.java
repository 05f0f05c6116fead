package dev.patronus.output.html;

import dev.patronus.history.Bucket;
import dev.patronus.history.Point;
import java.util.Arrays;
import java.util.List;

/// A history as it is drawn: a column for each step, or for some neighbouring steps where there are
/// more than a chart has room for.
///
/// Immutable once it is made.
public final class Curve {
  /// The most columns that are drawn.
  public static final int COLUMNS = 240;

  /// A curve that is not drawn: it has no columns.
  public static final Curve NONE = new Curve(0);

  private final double[] rates;
  private final boolean[] resets;
  private final boolean[] gaps;

  private Curve(int columns) {
    rates = new double[columns];
    resets = new boolean[columns];
    gaps = new boolean[columns];
  }

  /// How many steps a column stands for.
  public static int stepsPerColumn(int steps) {
    return Math.max(1, Math.ceilDiv(steps, COLUMNS));
  }

  /// The curve of a history.
  ///
  /// @param buckets all steps of the range, in order
  /// @param points those that have readings, in order
  public static Curve of(List<Bucket> buckets, List<Point> points) {
    int each = stepsPerColumn(buckets.size());
    int columns = Math.ceilDiv(buckets.size(), each);
    Curve curve = new Curve(columns);
    int[] counts = new int[columns];
    int next = 0;
    for (int i = 0; i < buckets.size(); i++) {
      boolean there =
          next < points.size()
              && points.get(next).bucket().startSecond() == buckets.get(i).startSecond();
      if (there) {
        curve.add(i / each, points.get(next++), counts);
      } else if (next > 0 && next < points.size()) {
        curve.gaps[i / each] = true;
      }
    }
    for (int c = 0; c < columns; c++) {
      curve.rates[c] = counts[c] == 0 ? Double.NaN : curve.rates[c] / counts[c];
    }
    return curve;
  }

  private void add(int column, Point point, int... counts) {
    resets[column] |= point.resets() > 0;
    gaps[column] |= point.gap();
    if (point.bytesPerSecond().isPresent()) {
      rates[column] += point.bytesPerSecond().getAsDouble();
      counts[column]++;
    }
  }

  int columns() {
    return rates.length;
  }

  /// The mean bytes a second of a column; not a number where nothing is known.
  double rate(int column) {
    return rates[column];
  }

  /// Whether counters restarted in a column.
  boolean isReset(int column) {
    return resets[column];
  }

  /// Whether a snapshot is missing in a column.
  boolean isGap(int column) {
    return gaps[column];
  }

  /// In how many columns counters restarted.
  int resets() {
    return count(resets);
  }

  /// In how many columns a snapshot is missing.
  int gaps() {
    return count(gaps);
  }

  private static int count(boolean... flags) {
    int count = 0;
    for (boolean flag : flags) {
      count += flag ? 1 : 0;
    }
    return count;
  }

  /// The highest column; zero if there is none.
  double highest() {
    return Arrays.stream(rates).filter(Double::isFinite).max().orElse(0);
  }
}
