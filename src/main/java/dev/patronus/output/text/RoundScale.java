package dev.patronus.output.text;

import dev.patronus.output.table.Column.Kind;

/// The number that the axis of a chart ends at.
public final class RoundScale {
  private static final double[] STEPS = {1, 1.5, 2, 3, 4, 5, 6, 8};

  private RoundScale() {}

  /// A round number that is not below: 1, 1.5, 2, 3, 4, 5, 6 or 8 times a power of ten; of bytes a
  /// second, one of bits. Zero for what is not above it.
  public static double top(Kind kind, double value) {
    double unit = kind == Kind.BYTE_RATE ? 8 : 1;
    double scaled = value * unit;
    if (scaled <= 0) {
      return 0;
    }
    double power = Math.pow(10, Math.floor(Math.log10(scaled)));
    for (double step : STEPS) {
      if (scaled <= step * power) {
        return step * power / unit;
      }
    }
    return 10 * power / unit;
  }

  /// What stands at an axis: the number without zeros at its end, `50 Mbit/s` for `50.0 Mbit/s`.
  public static String label(HumanFormat humane, Kind kind, double value) {
    String text = humane.text(kind, value);
    int unit = text.indexOf(' ') < 0 ? text.length() : text.indexOf(' ');
    if (!text.substring(0, unit).contains(".")) {
      return text;
    }
    int end = unit;
    while (text.charAt(end - 1) == '0') {
      end--;
    }
    return text.substring(0, text.charAt(end - 1) == '.' ? end - 1 : end) + text.substring(unit);
  }
}
