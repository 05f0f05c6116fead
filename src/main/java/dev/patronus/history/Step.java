package dev.patronus.history;

import dev.patronus.error.UserError;
import dev.patronus.time.DurationText;
import dev.patronus.time.TimeRefusal;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;

/// How wide the steps of a history are: a part of the day, days, or months, aligned to the clocks
/// of a zone.
public sealed interface Step {
  /// Seconds of a day whose clocks are left alone.
  int DAY_SECONDS = 86_400;

  /// The beginning of the step that shows `local` on its clocks.
  LocalDateTime floor(LocalDateTime local);

  /// The beginning of the step after the one that begins at `start`.
  LocalDateTime next(LocalDateTime start);

  /// How long a step is where no clock is changed; the shortest of them for months.
  Duration shortest();

  /// A part of a day: 1 s to 12 h.
  ///
  /// @param seconds a divisor of a day
  record Clock(int seconds) implements Step {
    public Clock {
      if (seconds <= 0 || seconds >= DAY_SECONDS || DAY_SECONDS % seconds != 0) {
        throw new IllegalArgumentException("seconds must divide a day, were " + seconds);
      }
    }

    @Override
    public LocalDateTime floor(LocalDateTime local) {
      int second = local.toLocalTime().toSecondOfDay();
      return local.toLocalDate().atTime(LocalTime.ofSecondOfDay(second - second % seconds));
    }

    @Override
    public LocalDateTime next(LocalDateTime start) {
      return start.plusSeconds(seconds);
    }

    @Override
    public Duration shortest() {
      return Duration.ofSeconds(seconds);
    }

    @Override
    public String toString() {
      return DurationText.format(shortest());
    }
  }

  /// Whole days, from midnight to midnight. Weeks begin on Monday; other numbers of days are
  /// counted from 1970-01-01.
  record Days(int days) implements Step {
    /// 1970-01-01 was a Thursday.
    private static final int FIRST_MONDAY = 4;

    public Days {
      if (days < 1 || days > 366) {
        throw new IllegalArgumentException("days must be 1..366, were " + days);
      }
    }

    /// The epoch day that some step begins with.
    int anchor() {
      return days % 7 == 0 ? FIRST_MONDAY : 0;
    }

    @Override
    public LocalDateTime floor(LocalDateTime local) {
      long day = local.toLocalDate().toEpochDay();
      return LocalDate.ofEpochDay(day - Math.floorMod(day - anchor(), days)).atStartOfDay();
    }

    @Override
    public LocalDateTime next(LocalDateTime start) {
      return start.plusDays(days);
    }

    @Override
    public Duration shortest() {
      return Duration.ofDays(days);
    }

    @Override
    public String toString() {
      return days % 7 == 0 ? days / 7 + "w" : days + "d";
    }
  }

  /// Calendar months, counted from January.
  ///
  /// @param months a divisor of a year
  record Months(int months) implements Step {
    public Months {
      if (months < 1 || 12 % months != 0) {
        throw new IllegalArgumentException("months must divide a year, were " + months);
      }
    }

    @Override
    public LocalDateTime floor(LocalDateTime local) {
      int month = local.getMonthValue() - 1;
      return LocalDate.of(local.getYear(), month - month % months + 1, 1).atStartOfDay();
    }

    @Override
    public LocalDateTime next(LocalDateTime start) {
      return start.plus(months, ChronoUnit.MONTHS);
    }

    @Override
    public Duration shortest() {
      return Duration.ofDays(28L * months);
    }

    @Override
    public String toString() {
      return months + "mo";
    }
  }

  /// Reads a step: `60s`, `5m`, `1h`, `1d`, `1w`, `1mo`.
  ///
  /// @throws UserError if it is none, or steps of it would drift against the clock
  static Step parse(String text) {
    String word = text.strip();
    try {
      return word.endsWith("mo") ? months(word) : of(DurationText.parse(word));
    } catch (IllegalArgumentException | ArithmeticException _) {
      throw refused(text);
    }
  }

  /// The step that is as long as `duration`: whole days are days of the calendar.
  ///
  /// @throws IllegalArgumentException if it neither divides a day nor is a number of days
  static Step of(Duration duration) {
    long seconds = duration.toSeconds();
    if (!duration.equals(Duration.ofSeconds(seconds))) {
      throw new IllegalArgumentException("a step must be of whole seconds, was " + duration);
    }
    return seconds != 0 && seconds % DAY_SECONDS == 0
        ? new Days(Math.toIntExact(seconds / DAY_SECONDS))
        : new Clock(Math.toIntExact(seconds));
  }

  private static Months months(String word) {
    return new Months(Integer.parseInt(word, 0, word.length() - 2, 10));
  }

  private static UserError refused(String text) {
    return TimeRefusal.of(
        "the step",
        text,
        "steps divide a day (1m, 5m, 15m, 1h, 6h), or are days, weeks or months (1d, 1w, 1mo)");
  }
}
