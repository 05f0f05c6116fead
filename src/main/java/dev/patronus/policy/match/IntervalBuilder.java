package dev.patronus.policy.match;

import dev.patronus.flow.IpAddress;
import java.util.Map;
import java.util.TreeMap;

/// Gathers which policy allows which span of a line, then walks along it once: at each place where
/// a span begins or ends, a new interval starts with its own row.
///
/// Confined to the thread that compiles. The spans of one policy must not overlap.
final class IntervalBuilder {
  private final int width;

  /// At each place, the bits that change there.
  private final TreeMap<IpAddress, long[]> changes = new TreeMap<>();

  IntervalBuilder(int width) {
    this.width = width;
    changes.put(new IpAddress(0, 0), new long[width]);
  }

  /// Says that `policy` allows what lies from `first` to `last`, both included.
  void allow(int policy, IpAddress first, IpAddress last) {
    flip(policy, first);
    if (!(last.high() == -1 && last.low() == -1)) {
      long low = last.low() + 1;
      flip(policy, new IpAddress(low == 0 ? last.high() + 1 : last.high(), low));
    }
  }

  /// Says that `policy` allows the numbers from `first` to `last`, both included.
  void allow(int policy, long first, long last) {
    allow(policy, new IpAddress(0, first), new IpAddress(0, last));
  }

  private void flip(int policy, IpAddress place) {
    changes.computeIfAbsent(place, _ -> new long[width])[policy >>> 6] ^= 1L << policy;
  }

  /// The intervals of a line that ends at 2^32.
  Intervals narrow(BitRows rows) {
    var walked = changes.headMap(new IpAddress(0, 1L << 32));
    int[] starts =
        walked.keySet().stream().mapToInt(at -> (int) at.low() ^ Integer.MIN_VALUE).toArray();
    return new Intervals(starts, offsets(walked, rows));
  }

  WideIntervals wide(BitRows rows) {
    long[] highs = changes.keySet().stream().mapToLong(at -> at.high() ^ Long.MIN_VALUE).toArray();
    long[] lows = changes.keySet().stream().mapToLong(at -> at.low() ^ Long.MIN_VALUE).toArray();
    return new WideIntervals(highs, lows, offsets(changes, rows));
  }

  private int[] offsets(Map<IpAddress, long[]> walked, BitRows rows) {
    long[] allowed = new long[width];
    int[] offsets = new int[walked.size()];
    int next = 0;
    for (long[] change : walked.values()) {
      for (int word = 0; word < width; word++) {
        allowed[word] ^= change[word];
      }
      offsets[next++] = rows.offset(allowed);
    }
    return offsets;
  }
}
