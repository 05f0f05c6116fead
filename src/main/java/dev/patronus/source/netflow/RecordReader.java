package dev.patronus.source.netflow;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.FlowSink;
import dev.patronus.flow.Volume;
import dev.patronus.source.TotalsGrowth;
import dev.patronus.source.netflow.exporter.Exporter;
import dev.patronus.source.netflow.exporter.ExporterCounters;
import dev.patronus.source.netflow.exporter.Rate;
import dev.patronus.source.netflow.exporter.Stream;
import dev.patronus.source.netflow.template.FieldIndex;
import dev.patronus.source.netflow.template.Layout;
import dev.patronus.source.netflow.wire.Drop;
import dev.patronus.source.netflow.wire.Header;
import dev.patronus.source.netflow.wire.Wire;
import dev.patronus.source.pcap.Decoded;
import dev.patronus.source.pcap.LinkLayer;
import dev.patronus.source.pcap.PacketDecoder;
import dev.patronus.source.pcap.Skipped;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads the data records of flow export.
///
/// The template is compiled in advance ([Layout]); a record is then read at fixed offsets. The only
/// objects created are the [FlowRecord] and its key. Confined to the decoder's thread.
final class RecordReader {
  /// A packet has at least an IPv4 header ...
  static final int LEAST_PACKET_BYTES = 20;

  /// ... and at most the payload of an IPv6 packet and its header.
  static final int MOST_PACKET_BYTES = 65_575;

  private static final int MOST_PACKETS_BITS = 40; // in one record; a larger value is garbage
  private static final long STUCK = 0xffff_ffffL;
  private static final long V4_PREFIX = 0xffffL << 32;
  private static final long IN_RECORD_SAMPLING =
      1L << FieldIndex.INTERVAL
          | 1L << FieldIndex.SAMPLER_ID
          | 1L << FieldIndex.SELECTOR_ID
          | 1L << FieldIndex.PACKET_SPACE;
  private static final long V4 = 1L << FieldIndex.SRC_V4 | 1L << FieldIndex.DST_V4;
  private static final long V6 = 1L << FieldIndex.SRC_V6 | 1L << FieldIndex.DST_V6;
  private static final long TOTALS =
      1L << FieldIndex.BYTES_TOTAL
          | 1L << FieldIndex.PACKETS_TOTAL
          | 1L << FieldIndex.REVERSE_BYTES_TOTAL
          | 1L << FieldIndex.REVERSE_PACKETS_TOTAL;
  private static final int EGRESS = 1;
  private static final int IP_IN_IP = 4;
  private static final int IPV6_IN_IP = 41;

  /// The tolerance added to a flow's duration when its volume is checked against `max-rate`: clocks
  /// of exporters count in seconds, and buffered traffic is reported at once.
  static final long SLACK_MILLIS = 60_000;

  /// The period that a record of unknown duration may cover: the longest common active timeout is
  /// 30 minutes.
  static final long UNKNOWN_DURATION_MILLIS = 3_600_000;

  private NetflowSettings settings;
  private final RunningTotals totals;
  private final TotalsGrowth growth;
  private final FlowTimes times = new FlowTimes();
  private final Sampling sampling;
  private final FirewallConnections connections;
  private final int[] shifting = new int[FieldIndex.COUNT];
  private final int[] shiftingSizes = new int[FieldIndex.COUNT];
  private long maxBytesPerMilli;

  // The set that is being read.
  private Exporter exporter;
  private Stream stream;
  private Header header;
  private ExporterCounters counters;
  private FlowSink sink;
  private Layout layout;
  private byte[] bytes;
  private int[] at;
  private int[] sizes;
  private ByteBuffer buffer = ByteBuffer.allocate(0);
  private boolean v4;
  private boolean v6;
  private boolean running;
  private boolean biflow;
  private boolean firewall;
  private boolean event; // of a firewall or of address translation
  private boolean payload;
  private long dropped;
  private Drop dropReason;

  // The record that is being read.
  private Rate rate = Rate.NONE;
  private boolean ended;
  private long emitted;
  private long mostBytes;

  /// @param growth receives the records of flows with totals, instead of the sink
  @SuppressWarnings("NullAway.Init") // the state of a set is set when it is read
  RecordReader(
      NetflowSettings settings,
      RunningTotals totals,
      FirewallConnections connections,
      Optional<TotalsGrowth> growth) {
    this.settings = settings;
    this.connections = connections;
    this.totals = totals;
    this.growth = growth.orElse((_, _, record) -> sink.accept(record));
    this.sampling = new Sampling(settings);
    this.maxBytesPerMilli = settings.maxRateBits() / 8000;
  }

  /// Uses other settings from the next set on.
  void use(NetflowSettings other) {
    settings = other;
    sampling.use(other);
    maxBytesPerMilli = other.maxRateBits() / 8000;
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
    this.header = header;
    this.counters = exporter.counters();
    this.sink = sink;
    this.layout = layout;
    this.bytes = bytes;
    this.at = layout.variable ? shifting : layout.at;
    this.sizes = layout.variable ? shiftingSizes : layout.length;
    v4 = (layout.present & V4) == V4;
    v6 = (layout.present & V6) == V6;
    running = (layout.present & TOTALS) != 0;
    biflow = layout.biflow;
    firewall = layout.has(FieldIndex.FIREWALL_EVENT);
    event = firewall || layout.has(FieldIndex.NAT_EVENT);
    payload = false;
    rate = sampling.ofSet(exporter.address(), stream, header);
    times.begin(stream, header, layout);
    emitted = 0;
    dropped = 0;
  }

  private void finish(Exporter exporter, Header header) {
    counters.records().add(emitted);
    counters.timesReplaced(times.takeReplaced());
    counters.samplerUnknown(sampling.takeUnknown());
    exporter.longest().take(times.takeLongest(), header.arrival());
    if (emitted > 0) {
      exporter.applied(rate, header.arrivalMillis());
      exporter.countsPayload(payload);
    }
  }

  private void drop(Drop why) {
    counters.drop(why, 1);
    if (why.loses()) {
      dropped++;
      dropReason = why;
    }
  }

  /// How many records of the last set were dropped, so that traffic may be missing.
  long dropped() {
    return dropped;
  }

  /// Why the last of them was; meaningless if none was.
  Drop dropReason() {
    return dropReason;
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
      int next = layout.locate(bytes, start, end, shifting, shiftingSizes);
      if (next < 0) {
        drop(Drop.TRUNCATED);
        break;
      }
      record(0);
      start = next;
      records++;
    }
    return records;
  }

  private void record(int base) {
    if (layout.natEvent) {
      drop(Drop.NOTHING_NEW);
      return;
    }
    if (layout.sampledPacket) {
      sampledPacket(base);
      return;
    }
    FlowKey key = key(base);
    if (key == null) {
      drop(Drop.NO_ADDRESSES);
      return;
    }
    int own = ownCounters(base);
    int back = biflow ? reverseCounters(base, own) : NO_COUNTERS;
    long packets = own < 0 ? 0 : counter(base, layout.packets[own]);
    long octets = own < 0 ? 0 : counter(base, layout.bytes[own]);
    long backPackets = back < 0 ? 0 : counter(base, layout.reversePackets[back]);
    long backOctets = back < 0 ? 0 : counter(base, layout.reverseBytes[back]);
    if ((packets | octets | backPackets | backOctets) <= 0) {
      boolean nothing = (packets | octets | backPackets | backOctets) == 0;
      Drop without = event ? Drop.NOTHING_NEW : Drop.NO_VOLUME;
      drop(nothing ? without : Drop.COUNTER_OVERFLOW);
      return;
    }
    if (!begin(base)) {
      return;
    }
    if (own >= 0) {
      emit(base, key, false, packets, octets, layout.packets[own], layout.bytes[own]);
    }
    if (back >= 0) {
      emit(
          base,
          reversed(key, base),
          true,
          backPackets,
          backOctets,
          layout.reversePackets[back],
          layout.reverseBytes[back]);
    }
  }

  /// Reads the fields of the record as a whole; false if it was observed in a direction that is not
  /// counted.
  private boolean begin(int base) {
    if (layout.has(FieldIndex.DIRECTION) && !isWanted(base)) {
      drop(Drop.OTHER_DIRECTION);
      return false;
    }
    if ((layout.present & IN_RECORD_SAMPLING) != 0) {
      rate = sampling.ofRecord(stream, layout, bytes, at, base);
    }
    ended = layout.has(FieldIndex.END_REASON) && isEnd(value(base, FieldIndex.END_REASON));
    times.read(bytes, at, base);
    long lasted = times.lastedMillis();
    boolean known = lasted != FlowTimes.UNKNOWN_DURATION;
    mostBytes = maxBytesPerMilli * (known ? lasted + SLACK_MILLIS : UNKNOWN_DURATION_MILLIS);
    return true;
  }

  /// In place of an index of counters: all are zero.
  private static final int NO_COUNTERS = -1;

  /// The first counters of the record's own way that are not zero.
  private int ownCounters(int base) {
    for (int i = 0; i < layout.bytes.length; i++) {
      if ((counter(base, layout.packets[i]) | counter(base, layout.bytes[i])) != 0) {
        return i;
      }
    }
    return NO_COUNTERS;
  }

  /// The counters of the reverse way that go with those of the own way, or the first that are not
  /// zero if those are.
  private int reverseCounters(int base, int own) {
    int first = Math.max(own, 0);
    int last = own < 0 ? layout.bytes.length - 1 : own;
    for (int i = first; i <= last; i++) {
      if ((counter(base, layout.reversePackets[i]) | counter(base, layout.reverseBytes[i])) != 0) {
        return i;
      }
    }
    return NO_COUNTERS;
  }

  /// A record that is a packet itself (PSAMP): its beginning, from the link layer or the IP header
  /// on.
  private void sampledPacket(int base) {
    boolean frame = layout.has(FieldIndex.FRAME) && sizes[FieldIndex.FRAME] > 0;
    int field =
        frame || !layout.has(FieldIndex.IP_PACKET) ? FieldIndex.FRAME : FieldIndex.IP_PACKET;
    buffer = ByteBuffer.wrap(bytes);
    int captured = sizes[field];
    long size = layout.has(FieldIndex.FRAME_SIZE) ? value(base, FieldIndex.FRAME_SIZE) : 0;
    switch (PacketDecoder.decode(
        frame ? LinkLayer.ETHERNET : LinkLayer.RAW, buffer, base + at[field], captured, size)) {
      case Decoded.IpPacket packet -> {
        if (begin(base)) {
          FlowRecord record = scaled(packet.key(), 1, packet.bytes());
          if (record != null) {
            emitted++;
            sink.accept(record);
          }
        }
      }
      case Skipped _ -> drop(Drop.NO_ADDRESSES);
    }
  }

  /// Whether any record of the last set was handed on.
  boolean hasEmitted() {
    return emitted > 0;
  }

  /// The connections of firewalls that were forgotten for lack of space since the last call.
  long takeConnectionsEvicted() {
    return connections.takeEvicted();
  }

  /// flowEndReason (RFC 5102 §5.11.3): idle, or its end was seen. The other reasons only mean that
  /// the exporter stopped tracking it.
  private static boolean isEnd(long reason) {
    return reason == 1 || reason == 3;
  }

  private boolean isWanted(int base) {
    boolean egress = value(base, FieldIndex.DIRECTION) == EGRESS;
    counters.seen(egress);
    return switch (settings.direction()) {
      case BOTH -> true;
      case INGRESS -> !egress;
      case EGRESS -> egress;
    };
  }

  private void emit(
      int base,
      FlowKey key,
      boolean reverse,
      long packets,
      long octets,
      int packetsSlot,
      int bytesSlot) {
    if (!isPlausible(packets, octets, packetsSlot, bytesSlot)) {
      drop(Drop.IMPLAUSIBLE_VOLUME);
    } else if (!isPossible(packets, octets)) {
      drop(Drop.ABOVE_MAX_RATE);
    } else if (running && (isTotal(packetsSlot) || isTotal(bytesSlot))) {
      emitGrowth(key, reverse, packets, octets, packetsSlot, bytesSlot);
    } else if (firewall && isPayload(bytesSlot)) {
      emitEvent(base, key, reverse, packets, octets, packetsSlot != FieldIndex.NONE);
    } else {
      payload |= isPayload(bytesSlot);
      FlowRecord record = scaled(key, packets, octets);
      if (record != null) {
        emitted++;
        sink.accept(record);
      }
    }
  }

  /// Emits the volume of a firewall event for one direction of a connection, less what earlier
  /// events reported.
  private void emitEvent(
      int base, FlowKey key, boolean reverse, long packets, long octets, boolean countsPackets) {
    long id = layout.has(FieldIndex.CONNECTION) ? value(base, FieldIndex.CONNECTION) : 0;
    long connection = RunningTotals.flow(exporter.address(), stream.id(), key, reverse, id);
    connections.take(connection, (int) value(base, FieldIndex.FIREWALL_EVENT), packets, octets);
    payload = true;
    FlowRecord record = grown(key, connections.newPackets(), connections.newBytes(), countsPackets);
    if (record != null) {
      emitted++;
      sink.accept(record);
    }
  }

  /// Whether the counter is of layer 4 payload, without the headers (IANA, elements 231 and 232).
  private static boolean isPayload(int field) {
    return field == FieldIndex.INITIATOR_BYTES || field == FieldIndex.RESPONDER_BYTES;
  }

  /// Whether the exporter's link can have carried this volume during the flow.
  private boolean isPossible(long packets, long octets) {
    return octets <= mostBytes && packets <= mostBytes / LEAST_PACKET_BYTES;
  }

  private void emitGrowth(
      FlowKey key, boolean reverse, long packets, long octets, int packetsSlot, int bytesSlot) {
    Volume total = new Volume(packets, octets);
    long flow = RunningTotals.flow(exporter.address(), stream.id(), key, reverse, times.start());
    totals.take(flow, total, times, header, growth);
    if (totals.isLate()) {
      drop(Drop.LATE_TOTALS);
      return;
    }
    long newPackets = isTotal(packetsSlot) ? totals.newPackets() : packets;
    long newOctets = isTotal(bytesSlot) ? totals.newBytes() : octets;
    boolean both = packetsSlot != FieldIndex.NONE && bytesSlot != FieldIndex.NONE;
    FlowRecord record = grown(key, newPackets, newOctets, both);
    if (record != null) {
      emitted++;
      growth.grown(flow, total, record);
    }
    if (ended) {
      totals.end(flow, growth);
    }
  }

  private static boolean isTotal(int field) {
    return field != FieldIndex.NONE && (TOTALS & 1L << field) != 0;
  }

  /// Creates the record of what is new since the totals before; null if nothing is, or if these
  /// packets cannot have carried these octets. One packet more is allowed: an exporter does not
  /// read two counters at the same instant.
  ///
  /// @param both whether the exporter counts packets and octets
  private @Nullable FlowRecord grown(FlowKey key, long packets, long octets, boolean both) {
    if ((packets | octets) == 0) {
      drop(Drop.NOTHING_NEW);
      return null;
    }
    if (both && octets > (packets + 1) * MOST_PACKET_BYTES) {
      drop(Drop.IMPLAUSIBLE_VOLUME);
      return null;
    }
    return scaled(key, packets, octets);
  }

  /// Creates the record with the scaled volume; null if that is beyond 63 bits, or implausible.
  private @Nullable FlowRecord scaled(FlowKey key, long packets, long octets) {
    if (!rate.isSampled()) {
      return recordOf(key, packets, octets, false);
    }
    try {
      long scaledPackets = exporter.packets(rate, packets);
      long scaledOctets = rate.scale(octets);
      if (!isPossible(scaledPackets, scaledOctets)) {
        drop(Drop.ABOVE_MAX_RATE);
        return null;
      }
      return recordOf(key, scaledPackets, scaledOctets, true);
    } catch (ArithmeticException _) {
      drop(Drop.COUNTER_OVERFLOW);
      return null;
    }
  }

  private FlowRecord recordOf(FlowKey key, long packets, long octets, boolean estimated) {
    return new FlowRecord(
        key,
        packets,
        octets,
        times.startMillis(),
        times.endMillis(),
        estimated,
        ended,
        exporter.address());
  }

  private boolean isPlausible(long packets, long octets, int packetsSlot, int bytesSlot) {
    if (isStuck(packets, packetsSlot) || isStuck(octets, bytesSlot)) {
      return false;
    }
    if (packetsSlot == FieldIndex.NONE || bytesSlot == FieldIndex.NONE) {
      return true;
    }
    int least = isPayload(bytesSlot) ? 0 : LEAST_PACKET_BYTES; // an acknowledgement has no payload
    return packets >>> MOST_PACKETS_BITS == 0
        && octets >= packets * least
        && octets <= packets * MOST_PACKET_BYTES;
  }

  private boolean isStuck(long value, int field) {
    return value == STUCK && field != FieldIndex.NONE && layout.length[field] == 4;
  }

  private long counter(int base, int field) {
    return field == FieldIndex.NONE ? 0 : value(base, field);
  }

  private long value(int base, int field) {
    return Wire.integer(bytes, base + at[field], layout.length[field]);
  }

  /// The key of the record, or null if it has no addresses that can be read.
  private @Nullable FlowKey key(int base) {
    int protocol =
        layout.has(FieldIndex.PROTOCOL) ? (int) value(base, FieldIndex.PROTOCOL) & 0xff : 0;
    boolean icmp = protocol == FlowKey.ICMP || protocol == FlowKey.ICMPV6;
    int srcPort = icmp ? 0 : port(base, FieldIndex.SRC_PORT);
    int dstPort =
        icmp
            ? Icmp.typeAndCode(layout, bytes, at, base, protocol)
            : port(base, FieldIndex.DST_PORT);
    if (protocol == IP_IN_IP || protocol == IPV6_IN_IP) {
      srcPort = 0; // ports that a record has beside it are those of the header inside
      dstPort = 0;
    }
    int version = ipVersion(base, protocol);
    if (version == 4) {
      long src = V4_PREFIX | Wire.u32(bytes, base + at[FieldIndex.SRC_V4]);
      long dst = V4_PREFIX | Wire.u32(bytes, base + at[FieldIndex.DST_V4]);
      return new FlowKey(0, src, 0, dst, srcPort, dstPort, protocol);
    }
    if (version == 6) {
      int src = base + at[FieldIndex.SRC_V6];
      int dst = base + at[FieldIndex.DST_V6];
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

  private int port(int base, int field) {
    return layout.has(field) ? (int) value(base, field) & 0xffff : 0;
  }

  /// 4, 6, or 0 if there are no addresses of the version that the record names.
  ///
  /// A record may describe two headers, one in the other. Where its protocol says that IP is
  /// inside, that is the outer header, which is then of the other version.
  private int ipVersion(int base, int protocol) {
    if (layout.has(FieldIndex.IP_VERSION)) {
      long named = value(base, FieldIndex.IP_VERSION);
      return named == 4 && v4 ? 4 : named == 6 && v6 ? 6 : 0;
    }
    if (v4 && v6) {
      boolean empty =
          (Wire.i32(bytes, base + at[FieldIndex.SRC_V4])
                  | Wire.i32(bytes, base + at[FieldIndex.DST_V4]))
              == 0;
      return empty || (protocol == IP_IN_IP && hasV6(base)) ? 6 : 4;
    }
    return v4 ? 4 : v6 ? 6 : 0;
  }

  private boolean hasV6(int base) {
    int src = base + at[FieldIndex.SRC_V6];
    return (Wire.i64(bytes, src) | Wire.i64(bytes, src + 8)) != 0;
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
