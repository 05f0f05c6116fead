package dev.patronus.time;

/// A text that names no time, range or duration. The message is one line for the person who wrote
/// it: what was written, why it cannot be read, what can be written instead.
public final class UnreadableTime extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /// How much of somebody's text a message repeats.
  private static final int QUOTED_CHARS = 60;

  UnreadableTime(String message) {
    super(message);
  }

  /// The refusal of `text` as `what` ("the step").
  ///
  /// @param why what is wrong, and what can be written instead
  public static UnreadableTime of(String what, String text, String why) {
    return new UnreadableTime("cannot read " + what + " " + quoted(text) + ": " + why);
  }

  /// The text in quotes, cut to a length that fits a line, control characters shown as `?`.
  static String quoted(String text) {
    String shown = text.length() <= QUOTED_CHARS ? text : text.substring(0, QUOTED_CHARS) + "…";
    StringBuilder safe = new StringBuilder("'");
    shown.codePoints().map(c -> Character.isISOControl(c) ? '?' : c).forEach(safe::appendCodePoint);
    return safe.append('\'').toString();
  }
}
