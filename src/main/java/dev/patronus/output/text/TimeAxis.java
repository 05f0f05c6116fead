package dev.patronus.output.text;

import dev.patronus.history.Bucket;
import dev.patronus.history.Buckets;
import dev.patronus.history.DefaultSteps;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Where the time axis of a chart has its marks: at hours, midnights and firsts of the month of the
/// zone's clocks, never more than a handful.
///
/// Immutable.
public final class TimeAxis {
  private static final long DAY_SECONDS = 86_400;
  private static final long MONTH_SECONDS = 28 * DAY_SECONDS;
  private static final int LETTERS = 3;

  private TimeAxis() {}

  /// A mark.
  ///
  /// @param index which step of the chart begins there
  public record Mark(int index, String label) {}

  /// The marks of steps that follow each other; none where there are no steps.
  ///
  /// @param most how many there may be
  public static List<Mark> marks(List<Bucket> steps, ZoneId zone, int most) {
    List<Mark> marks = new ArrayList<>();
    if (steps.isEmpty()) {
      return marks;
    }
    long seconds = steps.getLast().endSecond() - steps.getFirst().startSecond();
    Buckets cuts = new Buckets(DefaultSteps.fitting(seconds, most), zone);
    long before = steps.getFirst().startSecond() - 1;
    for (int i = 0; i < steps.size(); i++) {
      long start = steps.get(i).startSecond();
      Bucket cut = cuts.at(start);
      if (cuts.at(before).startSecond() != cut.startSecond()) {
        marks.add(new Mark(i, label(start, cut.endSecond() - cut.startSecond(), zone)));
      }
      before = start;
    }
    return marks;
  }

  /// A month and year, a day of the month, a day of the week, or a time: what tells a mark from the
  /// next.
  private static String label(long second, long apart, ZoneId zone) {
    ZonedDateTime time = Instant.ofEpochSecond(second).atZone(zone);
    String month = word(time.getMonth().name());
    if (apart >= MONTH_SECONDS) {
      return month + " " + time.getYear();
    }
    if (apart >= 2 * DAY_SECONDS + DAY_SECONDS / 2) {
      return month + " " + time.getDayOfMonth();
    }
    if (apart >= DAY_SECONDS - DAY_SECONDS / 12) {
      return word(time.getDayOfWeek().name()) + " " + time.getDayOfMonth();
    }
    return time.getHour() == 0 && time.getMinute() == 0
        ? month + " " + time.getDayOfMonth()
        : two(time.getHour()) + ":" + two(time.getMinute());
  }

  /// `Nov` for `NOVEMBER`.
  private static String word(String name) {
    return name.charAt(0) + name.substring(1, LETTERS).toLowerCase(Locale.ROOT);
  }

  private static String two(int value) {
    return value < 10 ? "0" + value : Integer.toString(value);
  }
}
