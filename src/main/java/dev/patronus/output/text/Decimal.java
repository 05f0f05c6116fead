package dev.patronus.output.text;

/// The shortest text that means exactly this number. It always shows that a fraction is possible
/// (`3.0`), and has the form that SQLite gives its REAL values: an exponent below 0.0001 and from
/// 1e15 on. Where 15 digits say all, which is what SQLite prints, both texts are the same.
public final class Decimal {
  private static final double EXACT = 1e15;
  private static final int LEAST_EXPONENT = -4;
  private static final int MOST_DIGITS = 15;

  private Decimal() {}

  /// The text of a finite number.
  public static String text(double value) {
    if (value == Math.rint(value) && Math.abs(value) < EXACT) {
      return (long) value + ".0";
    }
    String shortest = Double.toString(value);
    return shortest.indexOf('E') < 0 ? shortest : withExponent(shortest);
  }

  /// Java writes an exponent from 1e7 on and below 1e-3, SQLite later.
  private static String withExponent(String text) {
    int e = text.indexOf('E');
    int exponent = Integer.parseInt(text, e + 1, text.length(), 10);
    String sign = text.startsWith("-") ? "-" : "";
    String mantissa = text.substring(sign.length(), e);
    String digits = mantissa.endsWith(".0") ? mantissa.substring(0, 1) : mantissa.replace(".", "");
    if (exponent >= 0 && exponent < MOST_DIGITS) {
      return sign + plain(digits, exponent + 1);
    }
    if (exponent < 0 && exponent >= LEAST_EXPONENT) {
      return sign + "0." + "0".repeat(-exponent - 1) + digits;
    }
    String power = (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    return sign + mantissa + (exponent < 0 ? "e-" : "e+") + power;
  }

  private static String plain(String digits, int before) {
    return digits.length() <= before
        ? digits + "0".repeat(before - digits.length()) + ".0"
        : digits.substring(0, before) + "." + digits.substring(before);
  }
}
