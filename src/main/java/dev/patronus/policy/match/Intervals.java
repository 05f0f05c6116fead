package dev.patronus.policy.match;

/// The line of 32-bit values without a sign (ports, IPv4 addresses), cut into intervals, each with
/// the row of the policies that allow it.
///
/// ```
/// starts   0          80         444        1024
///          |----------|----------|----------|----------...
/// rows     {a}        {a, b}     {a}        {a, c}
/// ```
///
/// Immutable. The first interval starts at 0, so that every value is in one.
final class Intervals {
  private final int[] starts;
  private final int[] offsets;

  /// @param starts the lowest value of each interval, rising, with the sign bit flipped
  /// @param offsets where in the block's rows the row of each interval begins
  Intervals(int[] starts, int[] offsets) {
    this.starts = starts;
    this.offsets = offsets;
  }

  /// Where the row begins that holds for `value`.
  int offset(int value) {
    int key = value ^ Integer.MIN_VALUE;
    int base = 0;
    int length = starts.length;
    while (length > 1) {
      int half = length >>> 1;
      base = starts[base + half] <= key ? base + half : base;
      length -= half;
    }
    return offsets[base];
  }
}
