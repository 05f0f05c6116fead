package dev.patronus.history;

import java.util.List;
import java.util.Optional;

/// What a day, week or month that is not over yet will have carried at its end, if it goes on at
/// the mean rate of the time that was counted so far.
///
/// Immutable.
///
/// @param soFar what was counted of it
/// @param packets at the end
/// @param bytes at the end
public record Estimate(Point soFar, long packets, long bytes) {

  /// The estimate for the last of these steps; empty for steps of a part of a day, for one that is
  /// over, that begins before the range, or of which nothing was counted.
  ///
  /// @param from the first second of the range
  /// @param now in epoch seconds
  public static Optional<Estimate> of(List<Point> points, Step step, long from, long now) {
    return points.isEmpty() || step instanceof Step.Clock
        ? Optional.empty()
        : Optional.of(points.getLast())
            .filter(last ->
                last.bucket().contains(now)
                    && last.bucket().startSecond() >= from
                    && last.coveredSeconds() > 0)
            .map(last -> of(last, last.bucket().endSecond() - now));
  }

  private static Estimate of(Point soFar, long secondsLeft) {
    double part = secondsLeft / (double) soFar.coveredSeconds();
    return new Estimate(
        soFar,
        soFar.packets() + Math.round(soFar.packets() * part),
        soFar.bytes() + Math.round(soFar.bytes() * part));
  }
}
