package dev.patronus.policy.match;

/// The line of 128-bit values without a sign (IPv6 addresses), cut into intervals as [Intervals]
/// is.
///
/// Immutable.
final class WideIntervals {
  private final long[] highs;
  private final long[] lows;
  private final int[] offsets;

  /// @param highs first halves of the lowest value of each interval, with the sign bit flipped
  /// @param lows second halves, with the sign bit flipped
  /// @param offsets where in the block's rows the row of each interval begins
  WideIntervals(long[] highs, long[] lows, int[] offsets) {
    this.highs = highs;
    this.lows = lows;
    this.offsets = offsets;
  }

  /// Where the row begins that holds for the value of these halves.
  int offset(long high, long low) {
    long highKey = high ^ Long.MIN_VALUE;
    long lowKey = low ^ Long.MIN_VALUE;
    int base = 0;
    int length = highs.length;
    while (length > 1) {
      int half = length >>> 1;
      base = startsBy(base + half, highKey, lowKey) ? base + half : base;
      length -= half;
    }
    return offsets[base];
  }

  private boolean startsBy(int index, long highKey, long lowKey) {
    long start = highs[index];
    return start < highKey || (start == highKey && lows[index] <= lowKey);
  }
}
