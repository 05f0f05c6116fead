package dev.patronus.flow;

/// How much was seen: packets, and their IP bytes (IP header and all after it).
///
/// Immutable; never negative.
public record Volume(long packets, long bytes) {
  public static final Volume ZERO = new Volume(0, 0);

  public Volume {
    if (packets < 0) {
      throw new IllegalArgumentException("packets must not be negative, was " + packets);
    }
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes must not be negative, was " + bytes);
    }
  }

  /// The sum of two amounts that are not negative; it stays at the largest number where it would
  /// leave 63 bits, as sums of damaged rows may.
  public static long saturatedSum(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }

  /// The average rate of so much in a span of time, per second; a span of less than a second counts
  /// as one.
  ///
  /// @param firstMillis when the span starts, in epoch milliseconds
  /// @param lastMillis when it ends
  public static double perSecond(long amount, long firstMillis, long lastMillis) {
    return amount * 1000.0 / Math.max(1000, lastMillis - firstMillis);
  }
}
