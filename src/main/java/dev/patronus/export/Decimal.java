package dev.patronus.export;

/// The shortest text that means exactly this number; it always shows that a fraction is possible
/// (`3.0`), as SQLite writes its REAL values.
final class Decimal {
  private static final double EXACT = 1e15;

  private Decimal() {}

  /// The text of a finite number.
  static String text(double value) {
    if (value == Math.rint(value) && Math.abs(value) < EXACT) {
      return (long) value + ".0";
    }
    return Double.toString(value);
  }
}
