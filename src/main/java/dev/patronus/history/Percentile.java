package dev.patronus.history;

/// Percentiles by nearest rank: the smallest sample that at least so many per cent of all samples
/// do not exceed. It is always a sample, never something between two.
public final class Percentile {
  private Percentile() {}

  /// The rank of the percentile among `count` ascending samples, from 1 to `count`.
  ///
  /// In whole numbers, for 0.95 is none: `ceil(percent * count / 100)`, at least 1.
  public static int nearestRank(int count, int percent) {
    if (count < 1) {
      throw new IllegalArgumentException("count must be positive, was " + count);
    }
    if (percent < 0 || percent > 100) {
      throw new IllegalArgumentException("percent must be 0..100, was " + percent);
    }
    return Math.max(1, (int) Math.ceilDiv((long) percent * count, 100));
  }
}
