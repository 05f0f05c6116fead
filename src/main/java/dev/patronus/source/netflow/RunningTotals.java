package dev.patronus.source.netflow;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.Volume;
import dev.patronus.source.TotalsGrowth;
import dev.patronus.source.netflow.exporter.Stream;
import dev.patronus.source.netflow.wire.Header;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/// The last running totals of flows whose exporter sends totals instead of deltas (IE 85, 86).
///
/// A value below the one before it, or another start time, is a new flow with the same key: it
/// counts from zero. So does the first value of a flow. But a lower value in a message that was
/// sent before the last one, by its sequence number and export time, is late and counts nothing.
/// Bounded: at [#LIMIT] the least recently updated flow is evicted. A flow is identified by a
/// 64-bit hash over all its distinguishing fields; with as many flows as the limit, two share a
/// hash in one of eight thousand million cases. Confined to the decoder's thread, but for the
/// [Store].
final class RunningTotals {
  /// The maximum number of stored flows.
  static final int LIMIT = 65_536;

  /// How long flows without a start time are treated as old ones.
  static final long BASELINE_MILLIS = 3_600_000;

  private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;

  /// The maximum number of units by which a late message can be behind; beyond it the numbering has
  /// restarted.
  private static final int MOST_BEHIND = 1 << 20;

  /// The last totals of a flow, and the message that told them.
  private static final class Total {
    private final long packets;
    private final long bytes;
    private final int sequence;
    private final long exportMillis;
    private final int receiver;

    Total(long packets, long bytes, int sequence, long exportMillis, int receiver) {
      this.packets = packets;
      this.bytes = bytes;
      this.sequence = sequence;
      this.exportMillis = exportMillis;
      this.receiver = receiver;
    }

    /// Whether a message was sent before the one of these totals.
    boolean isAfter(Header header) {
      int behind = sequence - header.sequence();
      return behind > 0 && behind <= MOST_BEHIND && header.exportMillis() <= exportMillis;
    }
  }

  /// The flows that the receivers of an address have in common: a flow continues at whatever
  /// receiver its exporter arrives, and the one that has taken its last totals saves them. Its lock
  /// guards them.
  static final class Store {
    private final Map<Long, Total> last = new LinkedHashMap<>(16, 0.75f, true);
    private long baselineMillis;
    private boolean restored;

    /// Whether those of an earlier run are there.
    boolean isRestored() {
      return restored;
    }

    void restored() {
      restored = true;
    }
  }

  private final Store store;
  private final int receiver;
  private long newPackets;
  private long newBytes;
  private long evicted;
  private boolean late;

  /// @param receiver whose totals these are
  RunningTotals(Store store, int receiver) {
    this.store = store;
    this.receiver = receiver;
  }

  /// The number of a flow, the same in each run of the program.
  ///
  /// @param start when it began, in whatever unit the exporter has
  static long flow(IpAddress exporter, Stream.Id stream, FlowKey key, boolean reverse, long start) {
    long hash = mix(exporter.high(), exporter.low());
    hash = mix(hash, (long) stream.port() << 40 | (long) stream.version() << 32);
    hash = mix(hash, stream.domain());
    hash = mix(hash, key.srcHigh());
    hash = mix(hash, key.srcLow());
    hash = mix(hash, key.dstHigh());
    hash = mix(hash, key.dstLow());
    hash = mix(hash, (long) key.srcPort() << 40 | (long) key.dstPort() << 8 | key.protocol());
    return mix(hash, reverse ? ~start : start);
  }

  /// The step of SplitMix64.
  private static long mix(long hash, long word) {
    long mixed = (hash ^ word) + MULTIPLIER;
    mixed = (mixed ^ mixed >>> 30) * 0xBF58_476D_1CE4_E5B9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94D0_49BB_1331_11EBL;
    return mixed ^ mixed >>> 31;
  }

  /// Treats the first total of each flow that started before an instant as a baseline, which counts
  /// nothing, because the volume already counted is unknown. For records without a start time, this
  /// applies for [#BASELINE_MILLIS].
  void takeBaseline(long nowMillis) {
    synchronized (store) {
      store.baselineMillis = nowMillis;
    }
  }

  private boolean isBaseline(FlowTimes times) {
    boolean startIsUnknown = times.startMillis() == times.endMillis();
    return times.startMillis() < store.baselineMillis
        || (startIsUnknown && times.endMillis() < store.baselineMillis + BASELINE_MILLIS);
  }

  /// Processes the totals of a flow; [#newPackets] and [#newBytes] are then their growth, and
  /// [#isLate] whether they are late.
  void take(long flow, Volume total, FlowTimes times, Header header, TotalsGrowth to) {
    synchronized (store) {
      Total before = store.last.get(flow);
      if (before == null && store.baselineMillis != 0 && isBaseline(times)) {
        before = total(total, header);
      }
      if (before != null && before.packets <= total.packets() && before.bytes <= total.bytes()) {
        late = false;
        newPackets = total.packets() - before.packets;
        newBytes = total.bytes() - before.bytes;
      } else {
        late = before != null && before.isAfter(header);
        newPackets = late ? 0 : total.packets();
        newBytes = late ? 0 : total.bytes();
      }
      if (!late) {
        store.last.put(flow, total(total, header));
        evict(to);
      }
    }
  }

  private Total total(Volume total, Header header) {
    return new Total(
        total.packets(), total.bytes(), header.sequence(), header.exportMillis(), receiver);
  }

  private void evict(TotalsGrowth to) {
    if (store.last.size() > LIMIT) {
      long oldest = store.last.keySet().iterator().next();
      store.last.remove(oldest);
      to.gone(oldest);
      evicted++;
    }
  }

  /// Removes a flow that has ended.
  void end(long flow, TotalsGrowth to) {
    synchronized (store) {
      store.last.remove(flow);
    }
    to.gone(flow);
  }

  /// Restores the totals of a flow of an earlier run; of several, the highest.
  ///
  /// @param from the receiver that has saved it
  void restore(long flow, Volume total, int from) {
    synchronized (store) {
      Total known = store.last.get(flow);
      boolean higher = known == null || known.packets <= total.packets();
      if (higher && (known != null || store.last.size() < LIMIT)) {
        store.last.put(flow, new Total(total.packets(), total.bytes(), 0, Long.MIN_VALUE, from));
      }
    }
  }

  /// Passes the stored totals that this receiver saves to a consumer, for [#restore] in a later
  /// run.
  void forEach(BiConsumer<Long, Volume> to) {
    Map<Long, Volume> own = new LinkedHashMap<>();
    synchronized (store) {
      store.last.forEach((flow, total) -> {
        if (total.receiver == receiver) {
          own.put(flow, new Volume(total.packets, total.bytes));
        }
      });
    }
    own.forEach(to);
  }

  /// How many flows are stored, of all receivers.
  int size() {
    synchronized (store) {
      return store.last.size();
    }
  }

  /// Whether the totals that were taken last are older than those before.
  boolean isLate() {
    return late;
  }

  long newPackets() {
    return newPackets;
  }

  long newBytes() {
    return newBytes;
  }

  /// The number of flows evicted since the last call.
  long takeEvicted() {
    long taken = evicted;
    evicted = 0;
    return taken;
  }
}
