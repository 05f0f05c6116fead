package dev.patronus.source.netflow;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.FlowSink;
import dev.patronus.flow.Volume;
import dev.patronus.source.Growth;
import java.util.Optional;

/// Reads data records: where every byte of traffic passes through.
///
/// The template was compiled before ([Layout]); here a record is a straight walk over fixed places.
/// The only objects made are the [FlowRecord] and its key. Confined to the decoder's thread.
final class RecordReader {
  /// A packet has at least an IPv4 header ...
  static final int LEAST_PACKET_BYTES = 20;

  /// ... and at most the payload of an IPv6 packet and its header.
  static final int MOST_PACKET_BYTES = 65_575;

  private static final int MOST_PACKETS_BITS = 40; // in one record; above it, rubbish
  private static final long STUCK = 0xffff_ffffL;
  private static final long V4_PREFIX = 0xffffL << 32;
  private static final long IN_RECORD_SAMPLING =
      1L << Slot.INTERVAL | 1L << Slot.SAMPLER_ID | 1L << Slot.SELECTOR_ID;
  private static final long V4 = 1L << Slot.SRC_V4 | 1L << Slot.DST_V4;
  private static final long V6 = 1L << Slot.SRC_V6 | 1L << Slot.DST_V6;
  private static final long TOTALS =
      1L << Slot.BYTES_TOTAL
          | 1L << Slot.PACKETS_TOTAL
          | 1L << Slot.REVERSE_BYTES_TOTAL
          | 1L << Slot.REVERSE_PACKETS_TOTAL;
  private static final int EGRESS = 1;

  private final Settings settings;
  private final RunningTotals totals;
  private final Growth growth;
  private final FlowTimes times = new FlowTimes();
  private final Sampling sampling;
  private final int[] shifting = new int[Slot.COUNT];

  // The set that is being read.
  private Exporter exporter;
  private Stream stream;
  private Tally tally;
  private FlowSink sink;
  private Layout layout;
  private byte[] bytes;
  private int[] at;
  private boolean v4;
  private boolean v6;
  private boolean running;
  private boolean biflow;

  // The record that is being read.
  private Rate rate = Rate.NONE;
  private boolean ended;
  private long emitted;

  /// @param growth takes the records of flows with totals, in place of the sink
  RecordReader(Settings settings, RunningTotals totals, Optional<Growth> growth) {
    this.settings = settings;
    this.totals = totals;
    this.growth = growth.orElse((_, _, record) -> sink.accept(record));
    this.sampling = new Sampling(settings);
  }

  /// Reads the records in `[from, end)`; less than a record at the end is padding.
  ///
  /// @return how many there were, whether they were handed on or not
  int read(
      Exporter exporter,
      Stream stream,
      Header header,
      Layout layout,
      byte[] bytes,
      int from,
      int end,
      FlowSink sink) {
    begin(exporter, stream, header, layout, bytes, sink);
    int records = layout.variable ? variable(from, end) : fixed(from, end);
    finish(exporter, header);
    return records;
  }

  private void begin(
      Exporter exporter, Stream stream, Header header, Layout layout, byte[] bytes, FlowSink sink) {
    this.exporter = exporter;
    this.stream = stream;
    this.tally = exporter.tally();
    this.sink = sink;
    this.layout = layout;
    this.bytes = bytes;
    this.at = layout.variable ? shifting : layout.at;
    v4 = (layout.present & V4) == V4;
    v6 = (layout.present & V6) == V6;
    running = (layout.present & TOTALS) != 0;
    biflow = layout.reverseBytes != Slot.NONE || layout.reversePackets != Slot.NONE;
    rate = sampling.ofSet(stream, header);
    times.begin(stream, header, layout);
    emitted = 0;
  }

  private void finish(Exporter exporter, Header header) {
    tally.records().add(emitted);
    tally.timesReplaced().add(times.takeReplaced());
    tally.samplerUnknown().add(sampling.takeUnknown());
    exporter.longest().take(times.takeLongest(), header.arrival());
    if (emitted > 0) {
      exporter.applied(rate, header.arrivalMillis());
    }
  }

  private int fixed(int from, int end) {
    int length = layout.recordLength;
    int last = end - length;
    int records = 0;
    for (int base = from; base <= last; base += length) {
      record(base);
      records++;
    }
    return records;
  }

  private int variable(int from, int end) {
    int records = 0;
    int start = from;
    while (end - start >= layout.recordLength) {
      int next = layout.locate(bytes, start, end, shifting);
      if (next < 0) {
        tally.drop(Drop.TRUNCATED, 1);
        break;
      }
      record(0);
      start = next;
      records++;
    }
    return records;
  }

  private void record(int base) {
    FlowKey key = key(base);
    if (key == null) {
      tally.drop(Drop.NO_ADDRESSES, 1);
      return;
    }
    long packets = counter(base, layout.packets);
    long octets = counter(base, layout.bytes);
    long backPackets = biflow ? counter(base, layout.reversePackets) : 0;
    long backOctets = biflow ? counter(base, layout.reverseBytes) : 0;
    if ((packets | octets | backPackets | backOctets) <= 0) {
      boolean nothing = (packets | octets | backPackets | backOctets) == 0;
      tally.drop(nothing ? Drop.NO_VOLUME : Drop.COUNTER_OVERFLOW, 1);
      return;
    }
    if (layout.has(Slot.DIRECTION) && !isWanted(base)) {
      tally.drop(Drop.OTHER_DIRECTION, 1);
      return;
    }
    if ((layout.present & IN_RECORD_SAMPLING) != 0) {
      rate = sampling.ofRecord(stream, layout, bytes, at, base);
    }
    ended = layout.has(Slot.END_REASON) && isEnd(value(base, Slot.END_REASON));
    times.read(bytes, at, base);
    if ((packets | octets) != 0) {
      emit(key, false, packets, octets, layout.packets, layout.bytes);
    }
    if ((backPackets | backOctets) != 0) {
      FlowKey back = reversed(key, base);
      emit(back, true, backPackets, backOctets, layout.reversePackets, layout.reverseBytes);
    }
  }

  /// flowEndReason (RFC 5102 §5.11.3): idle, or its end was seen. The other reasons say only that
  /// the exporter let go of it.
  private static boolean isEnd(long reason) {
    return reason == 1 || reason == 3;
  }

  private boolean isWanted(int base) {
    boolean egress = value(base, Slot.DIRECTION) == EGRESS;
    (egress ? tally.egress() : tally.ingress()).increment();
    return switch (settings.direction()) {
      case BOTH -> true;
      case INGRESS -> !egress;
      case EGRESS -> egress;
    };
  }

  private void emit(
      FlowKey key, boolean reverse, long packets, long octets, int packetsSlot, int bytesSlot) {
    if (!isPlausible(packets, octets, packetsSlot, bytesSlot)) {
      tally.drop(Drop.IMPLAUSIBLE_VOLUME, 1);
      return;
    }
    if (running && (isTotal(packetsSlot) || isTotal(bytesSlot))) {
      emitGrowth(key, reverse, packets, octets, packetsSlot, bytesSlot);
    } else {
      FlowRecord record = scaled(key, packets, octets);
      if (record != null) {
        emitted++;
        sink.accept(record);
      }
    }
  }

  private void emitGrowth(
      FlowKey key, boolean reverse, long packets, long octets, int packetsSlot, int bytesSlot) {
    Volume total = new Volume(packets, octets);
    long flow = RunningTotals.flow(exporter.address(), stream.id(), key, reverse, times.start());
    totals.take(flow, total, times, growth);
    long newPackets = isTotal(packetsSlot) ? totals.newPackets() : packets;
    long newOctets = isTotal(bytesSlot) ? totals.newBytes() : octets;
    if ((newPackets | newOctets) == 0) {
      tally.drop(Drop.NO_VOLUME, 1);
    } else {
      FlowRecord record = scaled(key, newPackets, newOctets);
      if (record != null) {
        emitted++;
        growth.grown(flow, total, record);
      }
    }
    if (ended) {
      totals.end(flow, growth);
    }
  }

  private static boolean isTotal(int slot) {
    return slot != Slot.NONE && (TOTALS & 1L << slot) != 0;
  }

  /// The record of what so much stands for; null if that is beyond 63 bits.
  private FlowRecord scaled(FlowKey key, long packets, long octets) {
    if (!rate.isSampled()) {
      return recordOf(key, packets, octets, false);
    }
    try {
      return recordOf(key, rate.scale(packets), rate.scale(octets), true);
    } catch (ArithmeticException _) {
      tally.drop(Drop.COUNTER_OVERFLOW, 1);
      return null;
    }
  }

  private FlowRecord recordOf(FlowKey key, long packets, long octets, boolean estimated) {
    return new FlowRecord(
        key, packets, octets, times.startMillis(), times.endMillis(), estimated, ended);
  }

  private boolean isPlausible(long packets, long octets, int packetsSlot, int bytesSlot) {
    if (packetsSlot == Slot.NONE || bytesSlot == Slot.NONE) {
      return true;
    }
    return packets >>> MOST_PACKETS_BITS == 0
        && octets >= packets * LEAST_PACKET_BYTES
        && octets <= packets * MOST_PACKET_BYTES
        && !isStuck(packets, packetsSlot)
        && !isStuck(octets, bytesSlot);
  }

  private boolean isStuck(long value, int slot) {
    return value == STUCK && layout.length[slot] == 4;
  }

  private long counter(int base, int slot) {
    return slot == Slot.NONE ? 0 : value(base, slot);
  }

  private long value(int base, int slot) {
    return Wire.integer(bytes, base + at[slot], layout.length[slot]);
  }

  /// The key of the record, or null if it has no addresses that can be read.
  private FlowKey key(int base) {
    int protocol = layout.has(Slot.PROTOCOL) ? (int) value(base, Slot.PROTOCOL) & 0xff : 0;
    boolean icmp = protocol == FlowKey.ICMP || protocol == FlowKey.ICMPV6;
    int srcPort = icmp ? 0 : port(base, Slot.SRC_PORT);
    int dstPort =
        icmp ? Icmp.typeAndCode(layout, bytes, at, base, protocol) : port(base, Slot.DST_PORT);
    int version = ipVersion(base);
    if (version == 4) {
      long src = V4_PREFIX | Wire.u32(bytes, base + at[Slot.SRC_V4]);
      long dst = V4_PREFIX | Wire.u32(bytes, base + at[Slot.DST_V4]);
      return new FlowKey(0, src, 0, dst, srcPort, dstPort, protocol);
    }
    if (version == 6) {
      int src = base + at[Slot.SRC_V6];
      int dst = base + at[Slot.DST_V6];
      return new FlowKey(
          Wire.i64(bytes, src),
          Wire.i64(bytes, src + 8),
          Wire.i64(bytes, dst),
          Wire.i64(bytes, dst + 8),
          srcPort,
          dstPort,
          protocol);
    }
    return null;
  }

  private int port(int base, int slot) {
    return layout.has(slot) ? (int) value(base, slot) & 0xffff : 0;
  }

  /// 4, 6, or 0 if there are no addresses of the version that the record names.
  private int ipVersion(int base) {
    if (layout.has(Slot.IP_VERSION)) {
      long named = value(base, Slot.IP_VERSION);
      return named == 4 && v4 ? 4 : named == 6 && v6 ? 6 : 0;
    }
    if (v4 && v6) {
      boolean empty =
          (Wire.i32(bytes, base + at[Slot.SRC_V4]) | Wire.i32(bytes, base + at[Slot.DST_V4])) == 0;
      return empty ? 6 : 4;
    }
    return v4 ? 4 : v6 ? 6 : 0;
  }

  private FlowKey reversed(FlowKey key, int base) {
    if (key.protocol() != FlowKey.ICMP && key.protocol() != FlowKey.ICMPV6) {
      return key.reversed();
    }
    int back = Icmp.ofReverse(layout, bytes, at, base, key.protocol(), key.dstPort());
    return new FlowKey(
        key.dstHigh(), key.dstLow(), key.srcHigh(), key.srcLow(), 0, back, key.protocol());
  }
}
