package dev.patronus.policy;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;

/// Numbers as people write limits: `500`, `1.5M`, `10GB`, `4GiB`, `100Mbit`, `5m`.
///
/// Prefixes are powers of a thousand (k, M, G, T, P), with an `i` of 1,024. Behind them `B` counts
/// bytes, `bit` eighths of them. `s`, `m` or `min`, `h` and `d` count seconds.
public final class Quantity {
  private static final Map<String, Long> PREFIXES =
      Map.of(
          "", 1L,
          "k", 1_000L,
          "m", 1_000_000L,
          "g", 1_000_000_000L,
          "t", 1_000_000_000_000L,
          "p", 1_000_000_000_000_000L);
  private static final Map<String, Long> TIMES =
      Map.of("s", 1L, "m", 60L, "min", 60L, "h", 3_600L, "d", 86_400L);
  private static final String TAKES = "; write 500, 1.5M, 10GB, 4GiB, 100Mbit/s or 5min";

  private Quantity() {}

  /// The number; of bits, the bytes that they make.
  ///
  /// @param seconds whether a length of time is meant
  /// @throws IllegalArgumentException that says what can be written
  public static double parse(String text, boolean seconds) {
    String word = text.strip().toLowerCase(Locale.ROOT).replace("/s", "").replace(" ", "");
    int digits = 0;
    while (digits < word.length() && "0123456789.".indexOf(word.charAt(digits)) >= 0) {
      digits++;
    }
    try {
      double number = new BigDecimal(word.substring(0, digits)).doubleValue();
      String unit = word.substring(digits);
      return number * (seconds ? time(unit, text) : amount(unit, text));
    } catch (NumberFormatException _) {
      throw refused(text);
    }
  }

  private static double time(String unit, String text) {
    Long factor = TIMES.get(unit.isEmpty() ? "s" : unit);
    if (factor == null) {
      throw refused(text);
    }
    return factor.doubleValue();
  }

  private static double amount(String unit, String text) {
    boolean bits = unit.endsWith("bit");
    String prefix = bits ? unit.substring(0, unit.length() - 3) : unit;
    prefix = prefix.endsWith("b") ? prefix.substring(0, prefix.length() - 1) : prefix;
    boolean binary = prefix.endsWith("i");
    Long factor = PREFIXES.get(binary ? prefix.substring(0, prefix.length() - 1) : prefix);
    if (factor == null || (binary && factor == 1)) {
      throw refused(text);
    }
    double scaled =
        binary ? Math.pow(1024, Math.log10(factor.doubleValue()) / 3) : factor.doubleValue();
    return bits ? scaled / 8 : scaled;
  }

  private static IllegalArgumentException refused(String text) {
    return new IllegalArgumentException("cannot read the number '" + text + "'" + TAKES);
  }
}
