package dev.patronus.alert;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/// The usual rate of traffic: the median of its means in the same hour of earlier days.
///
/// The hour is that of the zone's clocks: at 14:20 it is from 14:00 to 15:00 of each of the last
/// [#DAYS] days. A day without a reading in that hour is left out; with fewer than [#DAYS_LEAST]
/// days nothing is usual.
public final class UsualTraffic {
  /// The number of days that are looked at.
  public static final int DAYS = 14;

  /// The number of days that must have a reading.
  public static final int DAYS_LEAST = 3;

  private UsualTraffic() {}

  /// A range of time in epoch seconds, without its end.
  public record Hour(long from, long until) {}

  /// The same hour of the days before, the latest first. An hour that a change of the clocks skips
  /// is the one after it.
  public static List<Hour> hours(Instant now, ZoneId zone) {
    ZonedDateTime hour = now.atZone(zone).truncatedTo(ChronoUnit.HOURS);
    List<Hour> hours = new ArrayList<>(DAYS);
    for (int day = 1; day <= DAYS; day++) {
      long from = hour.minusDays(day).toEpochSecond();
      hours.add(new Hour(from, from + 3600));
    }
    return hours;
  }

  /// The median of the means of the hours that have one; empty if too few have. Of an even number
  /// it is the mean of the two in the middle.
  public static OptionalDouble median(List<OptionalDouble> means) {
    double[] known = means.stream().flatMapToDouble(OptionalDouble::stream).toArray();
    if (known.length < DAYS_LEAST) {
      return OptionalDouble.empty();
    }
    Arrays.sort(known);
    int middle = known.length / 2;
    return OptionalDouble.of(
        known.length % 2 == 1 ? known[middle] : (known[middle - 1] + known[middle]) / 2);
  }
}
