package dev.patronus.policy.match;

import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// Rows of bits, one bit for each policy of a block, one behind the other in one array; equal rows
/// are kept once.
///
/// Confined to the thread that compiles.
final class BitRows {
  private final int width;
  private final Map<LongBuffer, Integer> offsets = new HashMap<>();
  private long[] words = new long[64];
  private int length;

  /// @param width words of a row
  BitRows(int width) {
    this.width = width;
  }

  /// Where in [#toArray()] the row begins that has these bits.
  int offset(long[] row) {
    Integer known = offsets.putIfAbsent(LongBuffer.wrap(row.clone()), length);
    return known != null ? known : append(row);
  }

  private int append(long[] row) {
    if (length + width > words.length) {
      words = Arrays.copyOf(words, Math.max(2 * words.length, length + width));
    }
    System.arraycopy(row, 0, words, length, width);
    int offset = length;
    length += width;
    return offset;
  }

  long[] toArray() {
    return Arrays.copyOf(words, length);
  }
}
