package dev.patronus.store.rollup;

import dev.patronus.alert.Budget;
import dev.patronus.alert.BudgetPeriod;
import dev.patronus.alert.BudgetPeriod.Range;
import dev.patronus.alert.BudgetVolume;
import dev.patronus.alert.UsualTraffic;
import dev.patronus.history.tier.Tier;
import dev.patronus.store.Database;
import dev.patronus.store.rollup.TrafficMeans.Whose;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;

/// Reads the volumes of budgets from the roll-ups, and from the rows that are in none yet.
///
/// Confined to the database's thread.
public final class BudgetReader {
  private final TierHistory tiers;

  private BudgetReader(TierHistory tiers) {
    this.tiers = tiers;
  }

  /// Opens the roll-ups; empty if the database has none, or too many rows are in none.
  public static Optional<BudgetReader> open(Database database) {
    return TierHistory.open(database).map(BudgetReader::new);
  }

  /// Answers from the roll-ups, and does so again where the oldest history is removed meanwhile.
  ///
  /// @param work is given what [#open] gives, and may be called more than once
  public static <T> T reading(Database database, Function<Optional<BudgetReader>, T> work) {
    return TierHistory.reading(database, tiers -> work.apply(tiers.map(BudgetReader::new)));
  }

  /// The volume of a budget in the period that contains an instant, or in one before it.
  ///
  /// @param before how many periods before it; 0 for itself
  /// @throws dev.patronus.error.UserError where SQLite refuses
  public BudgetVolume read(Budget budget, Whose whose, Instant now, int before, ZoneId zone) {
    Range range = budget.period().range(now, before, zone);
    double used = bytes(whose, range.from(), range.until());
    OptionalDouble daily = before > 0 ? OptionalDouble.empty() : daily(whose, now, zone);
    return new BudgetVolume(
        range,
        used,
        daily,
        Budget.forecast(used, daily, Math.max(0, range.until() - now.getEpochSecond())),
        border(range.from()) != range.from() || border(range.until()) != range.until());
  }

  /// The first second that there is traffic of; empty if there is none.
  public OptionalLong first(Whose whose) {
    return switch (whose) {
      case Whose.Policy(long id) -> tiers.firstSecond(id);
      case Whose.Unmatched _ -> tiers.firstUnmatched();
      case Whose.Matched _ ->
          tiers.policies().stream()
              .map(tiers::firstSecond)
              .flatMapToLong(OptionalLong::stream)
              .min();
    };
  }

  private OptionalDouble daily(Whose whose, Instant now, ZoneId zone) {
    OptionalLong first = first(whose);
    List<OptionalDouble> days = new ArrayList<>();
    for (int day = 1; day <= BudgetVolume.DAYS && first.isPresent(); day++) {
      Range range = new BudgetPeriod.Day().range(now, day, zone);
      days.add(
          range.from() < first.getAsLong()
              ? OptionalDouble.empty()
              : OptionalDouble.of(bytes(whose, range.from(), range.until())));
    }
    return UsualTraffic.median(days);
  }

  private double bytes(Whose whose, long from, long until) {
    long begin = border(from);
    long end = border(until);
    double[] sum = {0};
    switch (whose) {
      case Whose.Policy(long id) ->
          tiers.read(id, Tier.DAY, begin, end, cell -> sum[0] += cell.bytes());
      case Whose.Unmatched _ ->
          tiers.readUnmatched(Tier.DAY, begin, end, cell -> sum[0] += cell.bytes());
      case Whose.Matched _ ->
          tiers
              .policies()
              .forEach(id -> tiers.read(id, Tier.DAY, begin, end, cell -> sum[0] += cell.bytes()));
    }
    return sum[0];
  }

  /// The last border of the finest cells that are kept there.
  private long border(long second) {
    Tier finest =
        second >= tiers.from(Tier.FIVE_MINUTES)
            ? Tier.FIVE_MINUTES
            : second >= tiers.from(Tier.HOUR) ? Tier.HOUR : Tier.DAY;
    return finest.floor(second);
  }
}
