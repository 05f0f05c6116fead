package dev.patronus.time;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;

/// The text of calendar times, `2026-11[-01[T10:00[:00[.0]][Z|+01:00]]]`: the profile of ISO 8601
/// that RFC 3339 §5.6 gives, with less precision allowed.
///
/// Read by hand: a formatter of the JDK costs more start-up than the command that it serves.
final class CalendarText {
  /// What the text says.
  sealed interface Reading {}

  /// A month, by its first day.
  record Month(LocalDate first) implements Reading {}

  record Day(LocalDate date) implements Reading {}

  /// A time on the clocks of a place that is not said.
  record Local(LocalDateTime time) implements Reading {}

  /// A time with its offset from UTC.
  record Exact(Instant at) implements Reading {}

  private final String text;
  private int at;

  private CalendarText(String text) {
    this.text = text;
  }

  /// Reads the text.
  ///
  /// @throws DateTimeException that says what is wrong with it
  static Reading parse(String text) {
    return new CalendarText(text).read();
  }

  private Reading read() {
    int year = digits(4);
    expect('-');
    int month = digits(2);
    if (month < 1 || month > 12) {
      throw new DateTimeException("there is no month " + text.substring(at - 2, at));
    }
    LocalDate first = LocalDate.of(year, month, 1);
    if (atEnd()) {
      return new Month(first);
    }
    expect('-');
    LocalDate date = day(first);
    return atEnd() ? new Day(date) : time(date);
  }

  private LocalDate day(LocalDate first) {
    int day = digits(2);
    if (day < 1 || day > first.lengthOfMonth()) {
      throw new DateTimeException("that month has " + first.lengthOfMonth() + " days");
    }
    return first.withDayOfMonth(day);
  }

  private Reading time(LocalDate date) {
    if (!accept('T') && !accept('t')) {
      expect(' ');
    }
    int hour = below(24, "hours");
    expect(':');
    int minute = below(60, "minutes");
    int second = accept(':') ? below(60, "seconds") : 0;
    int nano = accept('.') ? fraction() : 0;
    LocalDateTime local = date.atTime(LocalTime.of(hour, minute, second, nano));
    if (atEnd()) {
      return new Local(local);
    }
    ZoneOffset offset = offset();
    if (!atEnd()) {
      throw new DateTimeException(rest() + " is too much");
    }
    return new Exact(local.toInstant(offset));
  }

  private int fraction() {
    int from = at;
    while (!atEnd() && DurationText.isDigit(text.charAt(at))) {
      at++;
    }
    if (at == from || at - from > 9) {
      throw new DateTimeException("a second has one to nine decimals");
    }
    return Integer.parseInt((text.substring(from, at) + "00000000").substring(0, 9));
  }

  private ZoneOffset offset() {
    if (accept('Z') || accept('z')) {
      return ZoneOffset.UTC;
    }
    boolean west = accept('-');
    if (!west) {
      expect('+');
    }
    int hours = digits(2);
    int minutes = atEnd() ? 0 : offsetMinutes();
    if (hours > 18 || (hours == 18 && minutes > 0)) {
      throw new DateTimeException("an offset goes up to 18:00");
    }
    int sign = west ? -1 : 1;
    return ZoneOffset.ofHoursMinutes(sign * hours, sign * minutes);
  }

  private int offsetMinutes() {
    accept(':');
    return below(60, "minutes");
  }

  private int below(int limit, String what) {
    int value = digits(2);
    if (value >= limit) {
      throw new DateTimeException("there are no " + value + " " + what);
    }
    return value;
  }

  private int digits(int count) {
    int value = 0;
    for (int i = 0; i < count; i++) {
      if (atEnd() || !DurationText.isDigit(text.charAt(at))) {
        throw missing("a digit");
      }
      value = value * 10 + text.charAt(at++) - '0';
    }
    return value;
  }

  private boolean accept(char wanted) {
    boolean there = !atEnd() && text.charAt(at) == wanted;
    if (there) {
      at++;
    }
    return there;
  }

  private void expect(char wanted) {
    if (!accept(wanted)) {
      throw missing(wanted == ' ' ? "a T" : "a " + wanted);
    }
  }

  private boolean atEnd() {
    return at == text.length();
  }

  private DateTimeException missing(String what) {
    if (at == 0) {
      return new DateTimeException("it is no time");
    }
    return new DateTimeException(
        atEnd() ? "it ends too early" : what + " is missing before " + rest());
  }

  private String rest() {
    return TimeRefusal.quoted(text.substring(at));
  }
}
