import java.util.Arrays;
import java.util.Locale;

/// A number with its spread: the quartiles, where there are several runs.
///
/// @param processor processor time in seconds, where it was measured, else NaN
record Value(double median, double low, double high, String unit, double processor) {
  static Value one(double number, String unit) {
    return new Value(number, number, number, unit, Double.NaN);
  }

  String text() {
    String spread = low == high ? "" : " (" + short3(low) + "-" + short3(high) + ")";
    return short3(median) + " " + unit + spread;
  }

  static Value of(double[] all, String unit) {
    double[] sorted = all.clone();
    Arrays.sort(sorted);
    return new Value(
        quantile(sorted, 0.5), quantile(sorted, 0.25), quantile(sorted, 0.75), unit, Double.NaN);
  }

  static double quantile(double[] sorted, double part) {
    double at = part * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }

  /// A number in three digits.
  static String short3(double number) {
    if (number >= 100) {
      return String.format(Locale.ROOT, "%.0f", number);
    }
    return String.format(
        Locale.ROOT, number >= 10 ? "%.1f" : number >= 1 ? "%.2f" : "%.3f", number);
  }
}
