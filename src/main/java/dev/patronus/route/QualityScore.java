package dev.patronus.route;

/// The platform's own score of a measurement, `score` of `sdwan_path_metrics`: 0 (useless) to 100
/// (perfect).
///
/// 40 % of it are for latency, 30 % for jitter and 30 % for loss. Each of the three is 100 up to a
/// threshold (below 50 ms, 5 ms, 0.1 %), falls to 50 where it ends to count (200 ms, 50 ms, 10 %),
/// and is 0 from there on. The fall of latency and jitter begins at the threshold, that of loss at
/// zero. [Scoring] has the scores by which paths are chosen.
public final class QualityScore {
  private static final double LATENCY_WEIGHT = 0.4;
  private static final double JITTER_WEIGHT = 0.3;
  private static final double LOSS_WEIGHT = 0.3;

  private QualityScore() {}

  /// The score of a measurement.
  ///
  /// @param lossPercent 0 to 100
  public static int of(double latencyMillis, double jitterMillis, double lossPercent) {
    double score =
        LATENCY_WEIGHT * falling(latencyMillis, 50, 50, 200)
            + JITTER_WEIGHT * falling(jitterMillis, 5, 5, 50)
            + LOSS_WEIGHT * falling(lossPercent, 0.1, 0, 10);
    return (int) Math.round(score);
  }

  /// 100 below a threshold, then on the line from 100 at its start to 50 at its end, then 0.
  private static double falling(double value, double threshold, double start, double end) {
    if (value < threshold) {
      return 100;
    }
    return value < end ? 100 - (value - start) / (end - start) * 50 : 0;
  }
}
