package dev.patronus.history;

import java.util.OptionalDouble;

/// The history of one policy in the steps that were asked for, and in those that percentiles are
/// computed from.
///
/// Immutable.
///
/// @param steps what is shown
/// @param samples the same traffic in steps of 5 minutes, or in those that are shown where it is
///   not kept as finely
public record SampledSeries(Series steps, Series samples) {
  /// The 95th percentile of the samples' bytes a second, by nearest rank; empty if none has a rate.
  public OptionalDouble bytesPerSecond95th() {
    return samples.bytesPerSecond95th();
  }

  /// The 95th percentile of the samples' packets a second, by nearest rank; empty if none has a
  /// rate.
  public OptionalDouble packetsPerSecond95th() {
    return samples.packetsPerSecond95th();
  }
}
