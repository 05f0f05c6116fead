package dev.patronus.time;

import dev.patronus.error.UserError;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Optional;

/// The one reader of times that people write, for all commands.
///
/// Immutable. What it takes:
///
/// - `15m`, `24h`, `7d`, `1h30m`: so long ago; a `d` has 24 hours, whatever the clocks do
/// - `now`, `today`, `yesterday`, `tomorrow`, `this-week`, `last-week` (from Monday on, ISO 8601),
///   `this-month`, `last-month`, `2026-11-01`, `2026-11`: days, weeks and months of the zone
/// - `2026-11-01T10:00`, with seconds and fractions if wanted, a blank for the `T` too: local time
/// - `2026-11-01T10:00+01:00`, `…Z`: RFC 3339
/// - `1793523600`: epoch seconds
/// - `A..B`, `A..`, `..B`, `..`: half-open ranges of these
///
/// A day or a month that stands for an instant is its beginning, on both sides of a range:
/// `2026-11-01..2026-11-08` ends before the 8th. Alone it is a range, the whole of it; any other
/// time alone is the range from there on.
///
/// A local time that clocks skipped means the moment when they jumped. One that they showed twice
/// means the first, on both sides of a range, so that neighbouring ranges neither overlap nor leave
/// a gap; an offset names the second.
///
/// @param now the instant that `15m` and `today` count from
/// @param zone where days begin, and what local times mean
public record TimeText(Instant now, ZoneId zone) {
  private static final String EXAMPLES =
      "; write 15m, 24h, 7d, today, yesterday, 2026-11, 2026-11-01, 2026-11-01T10:00+01:00 or"
          + " epoch seconds";

  /// The first second that no four-digit year reaches.
  private static final long YEAR_10000 = 253_402_300_800L;

  /// What one word means: an instant, and for days and months where they end.
  private record Meaning(Instant start, Optional<Instant> end) {
    static Meaning point(Instant at) {
      return new Meaning(at, Optional.empty());
    }

    boolean isCalendar() {
      return end.isPresent();
    }

    TimeRange whole() {
      return new TimeRange(Optional.of(start), end);
    }
  }

  /// Reads an instant; of a day or a month, its beginning.
  ///
  /// @throws UserError if the text is no time
  public Instant instant(String text) {
    return meaning(text).start();
  }

  /// Reads a range, or one word for a range.
  ///
  /// @throws UserError if the text is neither, or the range is reversed
  public TimeRange range(String text) {
    int dots = text.indexOf("..");
    return dots < 0
        ? meaning(text).whole()
        : between(bound(text.substring(0, dots)), bound(text.substring(dots + 2)), text.strip());
  }

  /// Reads what stood behind `--since` and `--until`. A day or a month behind `--since` is its
  /// beginning, and all that follows is meant. A range `A..B` may stand behind `--since` alone.
  ///
  /// @throws UserError if either is no time, or they are reversed
  public TimeRange range(Optional<String> since, Optional<String> until) {
    if (since.isPresent() && since.get().contains("..")) {
      if (until.isPresent()) {
        throw TimeRefusal.usage(
            TimeRefusal.quoted(since.get())
                + " is a range with an end of its own; leave out --until");
      }
      return range(since.get());
    }
    String shown = "--since " + since.orElse("") + " --until " + until.orElse("");
    return between(since.map(this::meaning), until.map(this::meaning), shown);
  }

  private Optional<Meaning> bound(String text) {
    return text.isBlank() ? Optional.empty() : Optional.of(meaning(text));
  }

  private static TimeRange between(Optional<Meaning> since, Optional<Meaning> until, String shown) {
    if (since.isPresent() && until.isPresent()) {
      refuseNothing(since.get(), until.get(), shown);
    }
    return new TimeRange(since.map(Meaning::start), until.map(Meaning::start));
  }

  private static void refuseNothing(Meaning since, Meaning until, String shown) {
    if (since.start().isAfter(until.start())) {
      throw TimeRefusal.usage(
          "the range " + TimeRefusal.quoted(shown) + " ends before it begins; swap its ends");
    }
    if (since.start().equals(until.start()) && since.isCalendar() && until.isCalendar()) {
      throw TimeRefusal.usage(
          "the range "
              + TimeRefusal.quoted(shown)
              + " is empty, for its end does not belong to it; write the day after as its end");
    }
  }

  private Meaning meaning(String text) {
    String word = text.strip();
    return switch (word) {
      case "" -> throw refused(word, "it is empty");
      case "now" -> Meaning.point(now);
      case "today" -> day(today());
      case "yesterday" -> day(today().minusDays(1));
      case "tomorrow" -> day(today().plusDays(1));
      case "this-week" -> week(today().with(DayOfWeek.MONDAY));
      case "last-week" -> week(today().with(DayOfWeek.MONDAY).minusWeeks(1));
      case "this-month" -> month(today().withDayOfMonth(1));
      case "last-month" -> month(today().withDayOfMonth(1).minusMonths(1));
      default -> number(word);
    };
  }

  private Meaning number(String word) {
    if (word.chars().allMatch(c -> DurationText.isDigit((char) c))) {
      return Meaning.point(epoch(word));
    }
    if (DurationText.looksLikeOne(word)) {
      return Meaning.point(ago(word));
    }
    return calendar(word);
  }

  private Instant ago(String word) {
    Duration duration = DurationText.parse(word);
    return now.minus(duration);
  }

  private static Instant epoch(String word) {
    long seconds = word.length() > 18 ? Long.MAX_VALUE : Long.parseLong(word);
    if (seconds >= YEAR_10000) {
      throw refused(word, "epoch seconds have ten digits; are these milliseconds?");
    }
    return Instant.ofEpochSecond(seconds);
  }

  private Meaning calendar(String word) {
    try {
      return switch (CalendarText.parse(word)) {
        case CalendarText.Month(LocalDate first) -> month(first);
        case CalendarText.Day(LocalDate date) -> day(date);
        case CalendarText.Local(var local) -> Meaning.point(LocalTimes.instant(local, zone));
        case CalendarText.Exact(Instant at) -> Meaning.point(at);
      };
    } catch (DateTimeException reason) {
      throw refused(word, String.valueOf(reason.getMessage()));
    }
  }

  private LocalDate today() {
    return LocalDate.ofInstant(now, zone);
  }

  private Meaning day(LocalDate date) {
    return span(date, date.plusDays(1));
  }

  private Meaning week(LocalDate monday) {
    return span(monday, monday.plusWeeks(1));
  }

  private Meaning month(LocalDate first) {
    return span(first, first.plusMonths(1));
  }

  private Meaning span(LocalDate first, LocalDate next) {
    return new Meaning(start(first), Optional.of(start(next)));
  }

  private Instant start(LocalDate date) {
    return date.atStartOfDay(zone).toInstant();
  }

  private static UserError refused(String text, String why) {
    return TimeRefusal.of("the time", text, why + EXAMPLES);
  }
}
