package dev.patronus.history.plan;

import dev.patronus.history.Buckets;
import dev.patronus.history.SampledSeries;
import dev.patronus.history.Series;
import dev.patronus.history.tier.Cell;
import dev.patronus.history.tier.CellPoints;
import dev.patronus.history.tier.Tier;
import java.time.ZoneOffset;
import java.util.Optional;

/// The history of one policy as its cells are read: the steps of a plan, and its samples.
///
/// Confined to one thread. Cells of the same time must come in order of arrival.
public final class TierPoints {
  private final HistoryPlan plan;
  private final CellPoints points;
  private final CellPoints samples;

  /// @param plan one that reads roll-ups
  public TierPoints(HistoryPlan plan) {
    this.plan = plan;
    this.points = new CellPoints(plan.buckets());
    this.samples = new CellPoints(new Buckets(plan.sampleStep(), ZoneOffset.UTC));
  }

  /// The coarsest tier that cells may be read from.
  public Tier tier() {
    return tier(plan);
  }

  /// The coarsest tier that cells may be read from by a plan that reads roll-ups.
  public static Tier tier(HistoryPlan plan) {
    return plan.separateSamples() ? Tier.FIVE_MINUTES : plan.tier().orElseThrow();
  }

  /// Takes the next cell.
  public void add(Cell cell) {
    points.add(cell);
    if (plan.separateSamples()) {
      samples.add(cell);
    }
  }

  /// The history; empty if there is no reading in it.
  public Optional<SampledSeries> series(long policyId) {
    Series steps = new Series(policyId, points.points(policyId, plan.gapAfterSeconds()));
    if (steps.points().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new SampledSeries(
            steps,
            plan.separateSamples()
                ? new Series(policyId, samples.points(policyId, Long.MAX_VALUE))
                : steps));
  }

  /// How many readings were passed over because their counters cannot be true.
  public long implausible() {
    return points.implausible();
  }
}
