package dev.patronus.policy;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;

/// Numbers as people write limits: `500`, `1.5M`, `10GB`, `4GiB`, `100Mbit/s`, `100Mbps`, `5m`.
///
/// Prefixes are powers of a thousand (k, M, G, T, P), with an `i` of 1,024. Behind them `B` counts
/// bytes, `bit` and `bps` eighths of them. `s`, `m` or `min`, `h` and `d` count seconds.
public final class Quantity {
  /// What is measured, and so what a number without a unit counts.
  public enum Unit {
    SECONDS,
    /// Bytes, packets, flows, or a second of packets or flows.
    AMOUNT,
    /// Bytes a second.
    BYTE_RATE,
    /// Bits a second.
    BIT_RATE,
    /// Millions of bits a second.
    MEGABIT_RATE
  }

  /// What a unit that was written behind a number counts.
  enum Written {
    NEITHER,
    BITS,
    BYTES
  }

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
  private static final double BITS = 8;
  private static final double MEGA = 1e6;
  private static final String TAKES = "; write 500, 1.5M, 10GB, 4GiB, 100Mbit/s or 5min";

  private Quantity() {}

  /// The number in seconds, in what is counted, in bytes a second (also of a bit rate), or in
  /// millions of bits a second.
  ///
  /// @throws IllegalArgumentException that says what can be written
  public static double parse(String text, Unit measured) {
    String word = text.strip().toLowerCase(Locale.ROOT).replace("/s", "").replace(" ", "");
    int digits = 0;
    while (digits < word.length() && "0123456789.".indexOf(word.charAt(digits)) >= 0) {
      digits++;
    }
    try {
      double number = new BigDecimal(word.substring(0, digits)).doubleValue();
      String unit = word.substring(digits);
      return number
          * switch (measured) {
            case SECONDS -> time(unit, text);
            case AMOUNT -> amount(unit, text);
            case BYTE_RATE -> rate(unit, 1, text);
            case BIT_RATE -> rate(unit, 1 / BITS, text);
            case MEGABIT_RATE -> rate(unit, MEGA / BITS, text) * BITS / MEGA;
          };
    } catch (NumberFormatException _) {
      throw refused(text);
    }
  }

  /// What the unit behind a number that can be read counts.
  static Written written(String text) {
    String word = text.strip().toLowerCase(Locale.ROOT).replace("/s", "");
    if (word.endsWith("bit") || word.endsWith("bps")) {
      return Written.BITS;
    }
    return word.endsWith("b") ? Written.BYTES : Written.NEITHER;
  }

  private static double time(String unit, String text) {
    Long factor = TIMES.get(unit.isEmpty() ? "s" : unit);
    if (factor == null) {
      throw refused(text);
    }
    return factor.doubleValue();
  }

  /// @param bare the bytes a second of 1 without a unit
  private static double rate(String unit, double bare, String text) {
    if (unit.endsWith("b") && text.indexOf('B') < 0) {
      throw new IllegalArgumentException(
          "bits or bytes in '" + text + "'? write 100Mbit/s or 12.5MB/s");
    }
    boolean hasUnit = unit.endsWith("b") || unit.endsWith("bit") || unit.endsWith("bps");
    return hasUnit ? amount(unit, text) : amount(unit, text) * bare;
  }

  private static double amount(String unit, String text) {
    boolean bits = unit.endsWith("bit") || unit.endsWith("bps");
    String prefix = bits ? unit.substring(0, unit.length() - "bit".length()) : unit;
    prefix = prefix.endsWith("b") ? prefix.substring(0, prefix.length() - 1) : prefix;
    boolean binary = prefix.endsWith("i");
    Long factor = PREFIXES.get(binary ? prefix.substring(0, prefix.length() - 1) : prefix);
    if (factor == null || (binary && factor == 1)) {
      throw refused(text);
    }
    double scaled =
        binary ? Math.pow(1024, Math.log10(factor.doubleValue()) / 3) : factor.doubleValue();
    return bits ? scaled / BITS : scaled;
  }

  private static IllegalArgumentException refused(String text) {
    return new IllegalArgumentException("cannot read the number '" + text + "'" + TAKES);
  }
}
