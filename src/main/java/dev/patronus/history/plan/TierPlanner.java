package dev.patronus.history.plan;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.history.Buckets;
import dev.patronus.history.Step;
import dev.patronus.history.tier.Tier;
import dev.patronus.history.tier.TierChoice;
import dev.patronus.time.TimeRange;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/// Decides which roll-ups answer for a range, and refuses what they are too coarse for.
public final class TierPlanner {
  private final ToLongFunction<Tier> kept;

  /// @param kept the second from which on a tier has all cells
  public TierPlanner(ToLongFunction<Tier> kept) {
    this.kept = kept;
  }

  /// Plans for steps of 5 minutes or more; empty if they begin between the borders of all tiers.
  ///
  /// @param first the first second that there is anything of; empty if there is nothing
  /// @throws UserError if what is left is too coarse
  public Optional<HistoryPlan> plan(
      TimeRange range, Buckets buckets, Supplier<OptionalLong> first) {
    TimeRange whole = widened(range);
    long until = clamped(whole.endSecond());
    long from = Math.min(clamped(whole.firstSecond()), until);
    if (finestAt(from) != Tier.FIVE_MINUTES || coarsest(buckets, from, until).isEmpty()) {
      from = Math.clamp(first.get().orElse(until), from, until);
    }
    Optional<Tier> coarsest = coarsest(buckets, from, until);
    if (coarsest.isEmpty()) {
      return Optional.empty();
    }
    Tier left = from == until ? Tier.FIVE_MINUTES : finestAt(from);
    if (left.compareTo(coarsest.get()) > 0) {
      throw tooFine(buckets.step(), left);
    }
    return Optional.of(new HistoryPlan(whole, buckets, coarsest, left == Tier.FIVE_MINUTES));
  }

  private static Optional<Tier> coarsest(Buckets buckets, long from, long until) {
    return TierChoice.coarsest(buckets.step(), buckets.zone(), from, until);
  }

  private static long clamped(long second) {
    return Math.clamp(second, Tier.FIRST_SECOND, Tier.END_SECOND);
  }

  /// The same range from border to border of the finest cells that are kept there, so that it has
  /// the same sums when its rows are gone.
  private TimeRange widened(TimeRange range) {
    return new TimeRange(
        range.since().map(_ -> border(range.firstSecond(), Tier::floor)),
        range.until().map(_ -> border(range.endSecond(), Tier::ceiling)));
  }

  private Instant border(long second, BiFunction<Tier, Long, Long> border) {
    long clamped = clamped(second);
    return Instant.ofEpochSecond(border.apply(finestAt(clamped), clamped));
  }

  private Tier finestAt(long second) {
    for (Tier tier : List.of(Tier.FIVE_MINUTES, Tier.HOUR)) {
      if (second >= kept.applyAsLong(tier)) {
        return tier;
      }
    }
    return Tier.DAY;
  }

  private UserError tooFine(Step step, Tier left) {
    Tier finer = left == Tier.HOUR ? Tier.FIVE_MINUTES : Tier.HOUR;
    String since = day(kept.applyAsLong(finer));
    return new UserError(
        ExitCode.REFUSED,
        "steps of "
            + step
            + " cannot be read from "
            + (left == Tier.HOUR ? "hours" : "days in UTC")
            + ", and only those are kept from before "
            + since
            + "; use --since "
            + since
            + (left == Tier.HOUR
                ? ", or --step 1h and a zone of whole hours (--tz UTC)"
                : ", or --step 1d --tz UTC"));
  }

  private static String day(long second) {
    return Instant.ofEpochSecond(second).atOffset(ZoneOffset.UTC).toLocalDateTime() + "Z";
  }
}
