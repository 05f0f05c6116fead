package dev.patronus.history.plan;

import dev.patronus.history.Point;
import dev.patronus.history.SampledSeries;
import dev.patronus.history.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/// What one policy carried in a range, without its steps.
///
/// Immutable.
///
/// @param policyId the number of the policy, as its source has it
/// @param bytesPerSecond95th of the samples, by nearest rank; empty if none has a rate
/// @param bytesPerSecondHighest of the steps; empty if none has a rate
/// @param samples how many there are
/// @param gaps how many steps hold a change that spans too much time
/// @param resets the steps in which the counters were reset, in order of time
public record PolicySummary(
    long policyId,
    long packets,
    long bytes,
    OptionalDouble bytesPerSecond95th,
    OptionalDouble bytesPerSecondHighest,
    int samples,
    long gaps,
    List<StepResets> resets) {
  public PolicySummary {
    resets = List.copyOf(resets);
  }

  /// How often counters were reset in a step.
  ///
  /// @param second the beginning of the step
  public record StepResets(long second, int times) {}

  /// The summary of a history.
  public static PolicySummary of(SampledSeries sampled) {
    Series series = sampled.steps();
    List<StepResets> resets = new ArrayList<>();
    for (Point point : series.points()) {
      if (point.resets() > 0) {
        resets.add(new StepResets(point.bucket().startSecond(), point.resets()));
      }
    }
    return new PolicySummary(
        series.policyId(),
        series.packets(),
        series.bytes(),
        sampled.bytesPerSecond95th(),
        series.bytesPerSecondHighest(),
        sampled.samples().points().size(),
        series.gaps(),
        resets);
  }

  /// How often the counters were reset.
  public int resetTimes() {
    return resets.stream().mapToInt(StepResets::times).sum();
  }
}
