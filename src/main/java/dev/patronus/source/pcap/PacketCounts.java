package dev.patronus.source.pcap;

import static java.util.Objects.requireNonNull;

import dev.patronus.flow.FlowRecord;
import dev.patronus.metrics.Counter;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.pcap.Decoded.IpPacket;
import dev.patronus.source.pcap.Decoded.Length;
import dev.patronus.source.pcap.Decoded.Ports;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/// Delivers each packet of a capture as a record, and counts the outcome by reason.
///
/// `pcap_packets_received` = `pcap_packets_decoded` + `pcap_packets_dropped` over all reasons. A
/// packet that counts but has something odd about it is also one of `pcap_packets_doubtful`, by
/// reason:
///
/// - `ports_not_captured`: the ports are taken for 0; capture with a larger snap length
/// - `length_from_wire`: the header says 0, the network card was to cut the packet (TSO)
/// - `length_beyond_wire`: the header claims more bytes than the wire carried, and is believed
/// - `merged`: larger than any frame, so the kernel has merged several packets into it (GRO) or not
///   yet cut it (TSO): bytes are right, the number of packets is too low
/// - `time_unknown`: without a time, in the future, or before 1970: it is taken to be now
///
/// `pcap_packets_lost` is what the capturing program says that it could not write; only pcapng can
/// say it, tcpdump says it on its standard error alone. `pcap_packets_counted_before` are those
/// that an earlier run has counted, which are none of the others ([CaptureProgress]). Confined to
/// the source's thread.
final class PacketCounts implements CaptureFormat.Packets {
  /// The largest IP packet in an Ethernet frame of common hardware (a jumbo frame).
  static final int FRAME_MAX = 9_216;

  private final PacketSink to;
  private final InstantSource clock;
  private final Counter received;
  private final Counter decoded;
  private final Counter lost;
  private final Counter countedBefore;
  private final Map<Skipped, Counter> dropped = new EnumMap<>(Skipped.class);
  private final Counter portsNotCaptured;
  private final Counter lengthFromWire;
  private final Counter lengthBeyondWire;
  private final Counter merged;
  private final Counter timeUnknown;
  private final Map<Skipped, Long> skipped = new EnumMap<>(Skipped.class);
  private long packets;
  private long nowMillis;

  PacketCounts(String source, PacketSink to, Metrics metrics, InstantSource clock) {
    this.to = to;
    this.clock = clock;
    this.received = metrics.counter("pcap_packets_received", "source", source);
    this.decoded = metrics.counter("pcap_packets_decoded", "source", source);
    this.lost = metrics.counter("pcap_packets_lost", "source", source);
    this.countedBefore = metrics.counter("pcap_packets_counted_before", "source", source);
    for (Skipped why : Skipped.values()) {
      dropped.put(
          why, metrics.counter("pcap_packets_dropped", "source", source, "reason", why.label()));
    }
    this.portsNotCaptured = doubtful(metrics, source, "ports_not_captured");
    this.lengthFromWire = doubtful(metrics, source, "length_from_wire");
    this.lengthBeyondWire = doubtful(metrics, source, "length_beyond_wire");
    this.merged = doubtful(metrics, source, "merged");
    this.timeUnknown = doubtful(metrics, source, "time_unknown");
  }

  private static Counter doubtful(Metrics metrics, String source, String reason) {
    return metrics.counter("pcap_packets_doubtful", "source", source, "reason", reason);
  }

  @Override
  public void packet(
      LinkLayer link, ByteBuffer bytes, int at, int captured, long wireBytes, long millis) {
    switch (PacketDecoder.decode(link, bytes, at, captured, wireBytes)) {
      case IpPacket packet -> hand(packet, millis);
      case Skipped why -> unusable(why);
    }
  }

  private void hand(IpPacket packet, long millis) {
    packets++;
    FlowRecord record = FlowRecord.at(plausible(millis), packet.key(), 1, packet.bytes());
    if (to.accept(record, millis)) {
      received.increment();
      decoded.increment();
      doubt(packet);
    } else {
      countedBefore.increment();
    }
  }

  private void doubt(IpPacket packet) {
    if (packet.ports() == Ports.CUT) {
      portsNotCaptured.increment();
    }
    if (packet.length() == Length.WIRE) {
      lengthFromWire.increment();
    } else if (packet.length() == Length.BEYOND_WIRE) {
      lengthBeyondWire.increment();
    }
    if (packet.bytes() > FRAME_MAX) {
      merged.increment();
    }
  }

  /// The time of a packet, if it can be true; else now.
  private long plausible(long millis) {
    if (millis >= 0 && millis <= nowMillis) {
      return millis;
    }
    nowMillis = clock.millis();
    if (millis >= 0 && millis <= nowMillis) {
      return millis;
    }
    timeUnknown.increment();
    return nowMillis;
  }

  @Override
  public void unusable(Skipped why) {
    packets++;
    skipped.merge(why, 1L, Long::sum);
    received.increment();
    requireNonNull(dropped.get(why)).increment();
  }

  @Override
  public void lost(long packets) {
    lost.add(packets);
  }

  /// What was passed over of this reading, by its kind: `3 packets were read and 3 of them were not
  /// IP`; empty if all of it was counted.
  String remark() {
    if (skipped.isEmpty()) {
      return "";
    }
    String kinds =
        skipped.entrySet().stream()
            .map(each -> each.getValue() + " of them " + each.getKey().words())
            .collect(Collectors.joining(", "));
    return packets + (packets == 1 ? " packet was" : " packets were") + " read and " + kinds;
  }

  /// Flushes the staged records.
  void flush() {
    to.flush();
  }
}
