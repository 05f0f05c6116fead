package dev.patronus.time;

import dev.patronus.error.UserError;
import java.time.Duration;

/// The text of durations: whole numbers with units, largest first, as in `60s`, `1h30m`, `30d`.
///
/// Units are `w` (7 d), `d` (24 h, whatever the clocks do), `h`, `m`, `s` and `ms`. Each may stand
/// once.
public final class DurationText {
  /// The longest that is taken for a duration; more is a slip of the finger.
  public static final Duration LONGEST = Duration.ofDays(100 * 366);

  private static final String EXAMPLES = "; write 60s, 5m, 1h30m, 24h or 30d";

  private enum Unit {
    WEEK("w", 7 * 86_400_000L),
    DAY("d", 86_400_000L),
    HOUR("h", 3_600_000L),
    MINUTE("m", 60_000L),
    SECOND("s", 1_000L),
    MILLISECOND("ms", 1L);

    private final String text;
    private final long millis;

    Unit(String text, long millis) {
      this.text = text;
      this.millis = millis;
    }
  }

  private final String text;
  private int at;

  private DurationText(String text) {
    this.text = text;
  }

  /// Reads a duration; zero is one.
  ///
  /// @throws UserError if the text is none, or is longer than [#LONGEST]
  public static Duration parse(String text) {
    return new DurationText(text.strip()).read();
  }

  /// Whether the text has the outer shape of a duration: it begins with a digit and holds nothing
  /// but digits and letters, a letter at least.
  static boolean looksLikeOne(String text) {
    boolean letters = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      letters |= isLetter(c);
      if (!isDigit(c) && (i == 0 || !isLetter(c))) {
        return false;
      }
    }
    return letters;
  }

  private Duration read() {
    if (text.isEmpty()) {
      throw refused("it is empty");
    }
    long millis = 0;
    Unit before = null;
    while (at < text.length()) {
      long count = number();
      Unit unit = unit();
      if (before != null && unit.compareTo(before) <= 0) {
        throw refused("units go from large to small, each once");
      }
      before = unit;
      millis = sum(millis, count, unit);
    }
    return Duration.ofMillis(millis);
  }

  private long sum(long millis, long count, Unit unit) {
    if (count > (LONGEST.toMillis() - millis) / unit.millis) {
      throw refused("it is longer than 100 years");
    }
    return millis + count * unit.millis;
  }

  private long number() {
    int from = at;
    while (at < text.length() && isDigit(text.charAt(at))) {
      at++;
    }
    if (at == from) {
      throw refused("a whole number is missing");
    }
    if (at - from > 18) {
      throw refused("it is longer than 100 years");
    }
    return Long.parseLong(text, from, at, 10);
  }

  private Unit unit() {
    int from = at;
    while (at < text.length() && !isDigit(text.charAt(at))) {
      at++;
    }
    String word = text.substring(from, at);
    for (Unit unit : Unit.values()) {
      if (unit.text.equals(word)) {
        return unit;
      }
    }
    if (word.equals("min")) {
      return Unit.MINUTE;
    }
    throw refused(
        word.isEmpty()
            ? "a unit is missing (w, d, h, m, s, ms)"
            : "there is no unit " + TimeRefusal.printable(word));
  }

  private UserError refused(String why) {
    return TimeRefusal.of("the duration", text, why + EXAMPLES);
  }

  static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  /// Writes a duration so that [#parse] reads it back: `1h30m`, `7d`, `0s`. What is below a
  /// millisecond is left out.
  ///
  /// @throws IllegalArgumentException if it is negative
  public static String format(Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException("a duration must not be negative, was " + duration);
    }
    long millis = duration.toMillis();
    StringBuilder text = new StringBuilder();
    for (Unit unit : Unit.values()) {
      if (unit != Unit.WEEK && millis >= unit.millis) {
        text.append(millis / unit.millis).append(unit.text);
        millis %= unit.millis;
      }
    }
    return text.isEmpty() ? "0s" : text.toString();
  }
}
