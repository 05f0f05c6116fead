package dev.patronus.output.text;

/// A few numbers as a line of small bars, the newest at the right: `▁▂▅█▃`, without Unicode
/// `.-*#=`.
///
/// The highest of them is a full bar. A number that is not there is a blank.
public final class Sparkline {
  private static final String BLOCKS = "▁▂▃▄▅▆▇█";
  private static final String ASCII = "_.-=+*%#";

  private Sparkline() {}

  /// The last `width` of the numbers, padded with blanks at the left.
  ///
  /// @param broken where the counters restart: a stroke stands there instead of a bar
  public static String of(double[] numbers, boolean[] broken, int width, boolean unicode) {
    int from = Math.max(0, numbers.length - width);
    double highest = 0;
    for (int i = from; i < numbers.length; i++) {
      highest = numbers[i] > highest ? numbers[i] : highest;
    }
    StringBuilder line = new StringBuilder(" ".repeat(width - (numbers.length - from)));
    for (int i = from; i < numbers.length; i++) {
      line.append(broken[i] ? (unicode ? '╎' : '|') : bar(numbers[i], highest, unicode));
    }
    return line.toString();
  }

  private static char bar(double number, double highest, boolean unicode) {
    if (Double.isNaN(number)) {
      return ' ';
    }
    String bars = unicode ? BLOCKS : ASCII;
    double part = highest > 0 ? number / highest : 0;
    return bars.charAt(Math.clamp((int) Math.ceil(part * bars.length()) - 1, 0, bars.length() - 1));
  }
}
