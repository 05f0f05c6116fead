package dev.patronus.error;

/// A number of things in a message, in the singular or plural.
public final class Counted {
  private Counted() {}

  /// `1 row`, `1,234 rows`.
  public static String of(long count, String thing) {
    return of(count, thing, thing + "s");
  }

  /// `1 policy`, `2 policies`.
  public static String of(long count, String one, String several) {
    return grouped(count) + " " + (count == 1 ? one : several);
  }

  /// `the only one`, `the 3 that exist`.
  public static String existing(long count) {
    return count == 1 ? "the only one" : "the " + grouped(count) + " that exist";
  }

  /// `1,234,567`.
  public static String grouped(long value) {
    String digits = Long.toString(value);
    int start = value < 0 ? 1 : 0;
    StringBuilder text = new StringBuilder(digits);
    for (int i = digits.length() - 3; i > start; i -= 3) {
      text.insert(i, ',');
    }
    return text.toString();
  }
}
