package dev.patronus.history.plan;

import dev.patronus.history.Buckets;
import dev.patronus.history.Point;
import dev.patronus.history.Step;
import dev.patronus.history.tier.Retention;
import dev.patronus.history.tier.Tier;
import dev.patronus.time.TimeRange;
import java.time.Duration;
import java.util.Optional;

/// How the history of a range is read.
///
/// @param range what is read: the range that was asked for, from border to border of the roll-ups
/// @param tier the coarsest roll-ups that may be used; empty for rows
/// @param finely whether all of it is kept in steps of 5 minutes, which percentiles are computed
///   from
public record HistoryPlan(TimeRange range, Buckets buckets, Optional<Tier> tier, boolean finely) {
  /// The step of the samples that percentiles are computed from.
  public Step sampleStep() {
    return finely ? new Step.Clock(Tier.FIVE_MINUTES.seconds()) : buckets.step();
  }

  /// Whether samples are other steps than those that are shown.
  public boolean separateSamples() {
    return finely && !buckets.step().equals(sampleStep());
  }

  /// The first second that cells are read of, within the years 1 to 9999.
  public long cellsFrom() {
    return Math.clamp(range.firstSecond(), Tier.FIRST_SECOND, Tier.END_SECOND);
  }

  /// The second up to which cells are read: a border of 5 minutes within the years 1 to 9999.
  public long cellsUntil() {
    return Tier.FIVE_MINUTES.ceiling(
        Math.clamp(range.endSecond(), Tier.FIRST_SECOND, Tier.END_SECOND));
  }

  /// A change over more time than this marks its point as a gap.
  public long gapAfterSeconds() {
    return Point.gapAfterSeconds(buckets.step());
  }

  /// The same where no percentiles are wanted.
  public HistoryPlan withoutSamples() {
    return new HistoryPlan(range, buckets, tier, false);
  }

  /// The same for another range, which must end on the same borders or not at all. A range that is
  /// longer than steps of 5 minutes are kept by default has the steps that are shown for samples,
  /// also as long as there are finer ones.
  public HistoryPlan in(TimeRange other) {
    long life =
        Retention.DEFAULT.life(Tier.FIVE_MINUTES).orElseThrow().toSeconds() + Tier.DAY.seconds();
    boolean small =
        other.since().isPresent()
            && other.until().isPresent()
            && Duration.between(other.since().get(), other.until().get()).toSeconds() <= life;
    return new HistoryPlan(other, buckets, tier, finely && small);
  }
}
