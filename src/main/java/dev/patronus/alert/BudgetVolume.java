package dev.patronus.alert;

import java.util.Objects;
import java.util.OptionalDouble;

/// The volume that a budget has in one period.
///
/// Immutable.
///
/// @param used bytes in the period, so far
/// @param daily the median of the bytes of the complete days before now; empty if too few have any,
///   or the period is over
/// @param forecast bytes at the end of the period; empty like the median
/// @param rounded whether the history is too old to be divided exactly where the period begins or
///   ends: it is divided at the hour or day of UTC before
public record BudgetVolume(
    BudgetPeriod.Range range,
    double used,
    OptionalDouble daily,
    OptionalDouble forecast,
    boolean rounded) {
  /// The number of days before now whose median makes the forecast.
  public static final int DAYS = 7;

  public BudgetVolume {
    Objects.requireNonNull(range, "range");
    Objects.requireNonNull(daily, "daily");
    Objects.requireNonNull(forecast, "forecast");
  }
}
