package dev.patronus.daemon.alert;

import dev.patronus.alert.Budget;
import dev.patronus.alert.BudgetVolume;
import dev.patronus.alert.Measured;
import dev.patronus.store.Database;
import dev.patronus.store.rollup.BudgetReader;
import dev.patronus.store.rollup.TrafficMeans.Whose;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The volumes of budgets, each read again when it is [#EVERY] old.
///
/// Confined to the database worker's thread.
final class BudgetCache {
  private static final Duration EVERY = Duration.ofMinutes(5);

  private record Entry(Budget budget, Instant at, BudgetVolume volume) {}

  private final Map<String, Entry> entries = new HashMap<>();

  /// A budget's use in per cent.
  ///
  /// @param open the database; empty if it cannot be read now
  /// @param forecast whether that of the end of the period is asked for
  Measured percent(
      Optional<Database> open,
      Budget budget,
      Whose whose,
      boolean forecast,
      Instant now,
      ZoneId zone) {
    Entry entry = entries.get(budget.name());
    if (open.isPresent() && (entry == null || isOld(entry, budget, now))) {
      Optional<BudgetReader> reader = BudgetReader.open(open.get());
      if (reader.isPresent()) {
        entry = new Entry(budget, now, reader.get().read(budget, whose, now, 0, zone));
        entries.put(budget.name(), entry);
      }
    }
    if (entry == null || !entry.budget().equals(budget)) {
      return Measured.unknown("the traffic is not rolled up yet");
    }
    BudgetVolume volume = entry.volume();
    if (!forecast) {
      return Measured.of(budget.percent(volume.used()));
    }
    return volume.forecast().isPresent()
        ? Measured.of(budget.percent(volume.forecast().getAsDouble()))
        : Measured.unknown("there are too few complete days to make a forecast of");
  }

  private static boolean isOld(Entry entry, Budget budget, Instant now) {
    return !entry.budget().equals(budget)
        || entry.at().isAfter(now)
        || entry.at().plus(EVERY).compareTo(now) <= 0
        || entry.volume().range().until() <= now.getEpochSecond();
  }
}
