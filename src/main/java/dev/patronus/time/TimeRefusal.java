package dev.patronus.time;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;

/// What the reader of a text says when the text cannot be read: one line with what was written, why
/// it is refused, and what can be written instead.
public final class TimeRefusal {
  /// How much of somebody's text a message repeats.
  private static final int QUOTED_CHARS = 60;

  private TimeRefusal() {}

  /// The refusal of `text` as `what` ("the step").
  ///
  /// @param why what is wrong, and what can be written instead
  public static UserError of(String what, String text, String why) {
    return usage("cannot read " + what + " " + quoted(text) + ": " + why);
  }

  static UserError usage(String message) {
    return new UserError(ExitCode.USAGE, message);
  }

  /// The text in quotes, as [#printable] shows it.
  static String quoted(String text) {
    return "'" + printable(text) + "'";
  }

  /// The text cut to a length that fits a line, control characters shown as `?`.
  static String printable(String text) {
    String shown = text.length() <= QUOTED_CHARS ? text : text.substring(0, QUOTED_CHARS) + "…";
    StringBuilder safe = new StringBuilder();
    shown.codePoints().map(c -> Character.isISOControl(c) ? '?' : c).forEach(safe::appendCodePoint);
    return safe.toString();
  }
}
