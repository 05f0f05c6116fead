package dev.patronus.source.netflow;

import dev.patronus.flow.FlowKey;
import java.util.LinkedHashMap;
import java.util.Map;

/// The last running totals of flows whose exporter sends totals instead of what is new (IE 85, 86).
///
/// A value below the one before it, or another start time, is a new flow with the same key: it
/// counts from zero. So does the first value of a flow. Bounded: at [#LIMIT] the flow that was
/// heard of longest ago goes. Confined to the decoder's thread.
final class RunningTotals {
  /// The most flows that are remembered.
  static final int LIMIT = 65_536;

  private record Flow(Stream stream, FlowKey key, boolean reverse) {}

  private record Total(long start, long packets, long bytes) {
    boolean isBefore(long laterStart, long laterPackets, long laterBytes) {
      return start == laterStart && packets <= laterPackets && bytes <= laterBytes;
    }
  }

  private final Map<Flow, Total> last = new LinkedHashMap<>(16, 0.75f, true);
  private long newPackets;
  private long newBytes;
  private long evicted;

  /// Takes the totals of a flow; [#newPackets] and [#newBytes] are then what they have grown by.
  ///
  /// @param start when the flow began, in whatever unit the exporter has; only compared
  /// @param ended whether nothing more will come of it, so that it can be forgotten
  void take(
      Stream stream,
      FlowKey key,
      boolean reverse,
      long start,
      long packets,
      long bytes,
      boolean ended) {
    Flow flow = new Flow(stream, key, reverse);
    Total before = ended ? last.remove(flow) : last.get(flow);
    boolean grown = before != null && before.isBefore(start, packets, bytes);
    newPackets = grown ? packets - before.packets : packets;
    newBytes = grown ? bytes - before.bytes : bytes;
    if (!ended) {
      remember(flow, new Total(start, packets, bytes));
    }
  }

  private void remember(Flow flow, Total total) {
    boolean isNew = last.put(flow, total) == null;
    if (isNew && last.size() > LIMIT) {
      last.remove(last.keySet().iterator().next());
      evicted++;
    }
  }

  long newPackets() {
    return newPackets;
  }

  long newBytes() {
    return newBytes;
  }

  /// The flows forgotten for want of room since the last call.
  long takeEvicted() {
    long taken = evicted;
    evicted = 0;
    return taken;
  }
}
