package dev.patronus.history;

/// The sum of several policies' histories, in steps and in samples.
///
/// Confined to one thread.
public final class SampledSum {
  private final SeriesSum steps = new SeriesSum();
  private final SeriesSum samples = new SeriesSum();

  /// Adds the history of one policy.
  public void add(SampledSeries series) {
    steps.add(series.steps());
    samples.add(series.samples());
  }

  /// The sum of the steps.
  public SeriesSum steps() {
    return steps;
  }

  /// The sum; buckets that no policy has a reading in are not in it.
  public SampledSeries series() {
    return new SampledSeries(steps.series(), samples.series());
  }
}
