package dev.patronus.alert;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.TemporalAdjusters;

/// The periods of a budget: months, weeks or days of a zone's calendar, from midnight to midnight
/// of its clocks.
///
/// Immutable.
public sealed interface BudgetPeriod {

  /// Months that begin on a day.
  ///
  /// @param firstDay 1 to 28
  record Month(int firstDay) implements BudgetPeriod {
    public Month {
      if (firstDay < 1 || firstDay > 28) {
        throw new IllegalArgumentException("the first day must be 1..28, was " + firstDay);
      }
    }
  }

  /// Weeks that begin on a weekday.
  record Week(DayOfWeek firstDay) implements BudgetPeriod {}

  /// Days.
  record Day() implements BudgetPeriod {}

  /// A period in epoch seconds, without its end.
  record Range(LocalDate firstDay, long from, long until) {}

  /// The period that contains an instant, or one before it.
  ///
  /// @param before how many periods before it; 0 for itself
  default Range range(Instant now, int before, ZoneId zone) {
    LocalDate today = now.atZone(zone).toLocalDate();
    LocalDate first =
        switch (this) {
          case Month(int day) -> {
            LocalDate month = today.withDayOfMonth(day);
            yield (month.isAfter(today) ? month.minusMonths(1) : month).minusMonths(before);
          }
          case Week(DayOfWeek day) ->
              today.with(TemporalAdjusters.previousOrSame(day)).minusWeeks(before);
          case Day _ -> today.minusDays(before);
        };
    LocalDate next =
        switch (this) {
          case Month _ -> first.plusMonths(1);
          case Week _ -> first.plusWeeks(1);
          case Day _ -> first.plusDays(1);
        };
    return new Range(first, start(first, zone), start(next, zone));
  }

  private static long start(LocalDate day, ZoneId zone) {
    return day.atStartOfDay(zone).toEpochSecond();
  }
}
