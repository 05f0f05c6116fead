package dev.patronus.site.history;

import dev.patronus.history.Percentile;
import java.util.Arrays;
import java.util.OptionalDouble;

/// The distribution of the samples of one measure.
///
/// Immutable. All numbers are in the measure's own unit, and empty where there is no sample.
///
/// @param samples how many there are
/// @param percentile95 the 95th percentile by nearest rank: always one of the samples
public record Distribution(
    long samples, OptionalDouble mean, OptionalDouble percentile95, OptionalDouble highest) {
  private static final Distribution EMPTY =
      new Distribution(0, OptionalDouble.empty(), OptionalDouble.empty(), OptionalDouble.empty());
  private static final int PERCENT = 95;

  public Distribution {
    if (samples < 0 || samples == 0 != mean.isEmpty()) {
      throw new IllegalArgumentException(samples + " samples with the mean " + mean);
    }
  }

  /// The distribution of these samples, which it sorts.
  static Distribution of(double... samples) {
    if (samples.length == 0) {
      return EMPTY;
    }
    Arrays.sort(samples);
    int rank = Percentile.nearestRank(samples.length, PERCENT);
    return new Distribution(
        samples.length,
        Arrays.stream(samples).average(),
        OptionalDouble.of(samples[rank - 1]),
        OptionalDouble.of(samples[samples.length - 1]));
  }
}
