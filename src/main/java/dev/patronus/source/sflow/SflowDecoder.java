package dev.patronus.source.sflow;

import static dev.patronus.source.netflow.wire.Wire.i32;
import static dev.patronus.source.netflow.wire.Wire.i64;
import static dev.patronus.source.netflow.wire.Wire.u32;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.FlowSink;
import dev.patronus.flow.IpAddress;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.netflow.DatagramDecoder;
import dev.patronus.source.netflow.NetflowSettings;
import dev.patronus.source.netflow.Receivers;
import dev.patronus.source.netflow.exporter.Exporter;
import dev.patronus.source.netflow.exporter.ExporterCounters;
import dev.patronus.source.netflow.exporter.ExporterStatus;
import dev.patronus.source.netflow.exporter.Exporters;
import dev.patronus.source.netflow.exporter.Rate;
import dev.patronus.source.netflow.exporter.Stream;
import dev.patronus.source.netflow.exporter.TemplateListing;
import dev.patronus.source.netflow.template.MemoryBudget;
import dev.patronus.source.netflow.wire.Drop;
import dev.patronus.source.netflow.wire.Header;
import dev.patronus.source.netflow.wire.Timestamps;
import dev.patronus.source.pcap.Decoded;
import dev.patronus.source.pcap.LinkLayer;
import dev.patronus.source.pcap.PacketDecoder;
import dev.patronus.source.pcap.Skipped;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Turns sFlow datagrams of version 5 into flow records, one for each sampled packet.
///
/// ```
/// datagram  version 4  address type 4  agent 4 or 16  sub-agent 4  sequence 4  uptime 4  samples 4
/// sample    format 4   length 4        then so many bytes
/// flow      sequence 4 source 4        rate 4  pool 4  drops 4  input 4  output 4  records 4
/// expanded  sequence 4 source 8        rate 4  pool 4  drops 4  input 8  output 8  records 4
/// record    format 4   length 4        then so many bytes, padded to four
/// ```
///
/// Of a sample counts one record: the packet's header, else its IPv4 or IPv6 record. Bytes are
/// those of layer 3. An exporter is an agent, whatever address its datagrams come from; the allowed
/// blocks are compared with the address that they come from. Samples of counters and of discarded
/// packets are passed over.
///
/// Never throws because of a datagram's content: each length is checked against what is there
/// before it is used, and nothing is allocated for it. Confined to one thread, except for [#use]
/// and [#exporters].
///
/// Source: sFlow Version 5 (sflow.org, July 2004), sections 4 and 5.
public final class SflowDecoder implements DatagramDecoder {
  static final int VERSION = 5;

  /// The shortest header: that of an agent with an IPv4 address.
  private static final int LEAST_HEADER = 28;

  private static final int FLOW = 1;
  private static final int COUNTERS = 2;
  private static final int EXPANDED_FLOW = 3;
  private static final int EXPANDED_COUNTERS = 4;
  private static final int DISCARDED_PACKET = 5;

  private static final int RAW_HEADER = 1;
  private static final int SAMPLED_ETHERNET = 2;
  private static final int SAMPLED_IPV4 = 3;
  private static final int SAMPLED_IPV6 = 4;

  private static final int V4_RECORD_BYTES = 32;
  private static final int V6_RECORD_BYTES = 56;
  private static final long V4_PREFIX = 0xffffL << 32;
  private static final int LEAST_PACKET_BYTES = 20;
  private static final int MOST_PACKET_BYTES = 65_575;

  /// A sample says nothing about how long its packets took: at most so long, as for flow records
  /// without times.
  private static final long SAMPLE_MILLIS = 3_600_000;

  private volatile NetflowSettings settings;
  private final Exporters exporters;
  private final ExporterCounters strangers;
  private final SamplePools pools;

  // The datagram that is being read.
  private byte[] bytes = {};
  private ByteBuffer buffer = ByteBuffer.wrap(bytes);
  private Exporter exporter;
  private Stream stream;
  private Timestamps arrival;
  private FlowSink sink;
  private boolean decoded;

  // The record that was found best in the sample that is being read.
  private @Nullable FlowKey key;
  private long ipBytes;
  private @Nullable Drop why;

  /// @param source the label of its metrics
  public SflowDecoder(NetflowSettings settings, Metrics metrics, String source) {
    this(settings, metrics, source, 1);
  }

  /// As the other one.
  ///
  /// @param parts how many decoders share the limits of memory
  @SuppressWarnings("NullAway.Init") // the state of a datagram is set when it is read
  SflowDecoder(NetflowSettings settings, Metrics metrics, String source, int parts) {
    this.settings = settings;
    pools = new SamplePools(parts);
    MemoryBudget budget = MemoryBudget.ofHeap(Runtime.getRuntime().maxMemory(), parts);
    exporters = new Exporters(budget, metrics, source, _ -> {});
    strangers = new ExporterCounters(metrics, source, ExporterCounters.UNKNOWN);
  }

  @Override
  public void use(NetflowSettings other) {
    settings = other;
  }

  @Override
  public void redistributed(Receivers receivers, Timestamps now) {
    exporters.all().forEach(Exporter::forgetSequences);
    pools.forget();
  }

  @Override
  public void decode(
      IpAddress sender, int port, byte[] datagram, int length, Timestamps arrival, FlowSink sink) {
    if (!settings.allows(sender)) {
      strangers.drop(Drop.EXPORTER_NOT_ALLOWED, 1);
      return;
    }
    if (length >= 4 && i32(datagram, 0) != VERSION) {
      strangers.drop(Drop.UNKNOWN_VERSION, 1);
      return;
    }
    int addressBytes = length < LEAST_HEADER ? 0 : addressBytes(i32(datagram, 4));
    int samples = LEAST_HEADER - 4 + addressBytes;
    if (addressBytes == 0 || length < samples) {
      strangers.drop(length < LEAST_HEADER ? Drop.TOO_SHORT : Drop.CONTRADICTS_LENGTH, 1);
      return;
    }
    bytes = datagram;
    buffer = ByteBuffer.wrap(datagram);
    this.arrival = arrival;
    this.sink = sink;
    decoded = false;
    long before = exporters.memoryBytes();
    int at = 8 + addressBytes;
    hear(agent(sender, addressBytes), at);
    samples(samples, length, u32(datagram, at + 12));
    exporter.counters().agentDropped(pools.takeDropped());
    exporter.counters().rateContradicted(pools.takeContradicting());
    if (decoded) {
      exporters.decoded(exporter, stream, arrival.steadyMillis());
    }
    exporters.keepWithinBudget(before);
  }

  /// The bytes of an address of that type; 0 if the type is unknown.
  private static int addressBytes(int type) {
    return type == 1 ? 4 : type == 2 ? 16 : 0;
  }

  /// The agent's address, else the sender's if the agent does not know its own.
  private IpAddress agent(IpAddress sender, int addressBytes) {
    IpAddress agent =
        addressBytes == 4
            ? new IpAddress(0, V4_PREFIX | u32(bytes, 8))
            : new IpAddress(i64(bytes, 8), i64(bytes, 16));
    boolean unknown = agent.high() == 0 && (agent.low() & ~V4_PREFIX) == 0;
    return unknown ? sender : agent;
  }

  private void hear(IpAddress agent, int at) {
    int subAgent = i32(bytes, at);
    int sequence = i32(bytes, at + 4);
    exporter = exporters.of(agent);
    // The exporter's clock is not in the datagram.
    exporter.heard(
        new Header(
            VERSION, 0, i32(bytes, at + 8), arrival.epochMillis(), sequence, subAgent, 0, arrival));
    stream = exporter.stream(0, VERSION, subAgent);
    stream.heard(arrival.steadyMillis());
    stream.sequence().observe(sequence, 1, 1);
    exporter.counters().lost(stream.sequence().takeLost());
    exporter.counters().restarts(stream.sequence().takeRestarts());
  }

  private void samples(int from, int end, long count) {
    int at = from;
    for (long left = count; left > 0; left--) {
      long length = end - at < 8 ? -1 : u32(bytes, at + 4);
      if (length < 0 || length > end - at - 8) {
        exporter.counters().drop(Drop.MALFORMED_SET, 1);
        return;
      }
      sample(i32(bytes, at), at + 8, at + 8 + (int) length);
      at += 8 + (int) length;
    }
  }

  private void sample(int format, int from, int end) {
    switch (format) {
      case FLOW -> flow(from, end, 4);
      case EXPANDED_FLOW -> flow(from, end, 8);
      case COUNTERS, EXPANDED_COUNTERS, DISCARDED_PACKET -> {}
      default -> exporter.counters().drop(Drop.RESERVED_SET, 1);
    }
  }

  /// Reads a flow sample.
  ///
  /// @param wide the bytes of the source, the input and the output
  private void flow(int from, int end, int wide) {
    int header = 20 + 3 * wide;
    if (end - from < header) {
      exporter.counters().drop(Drop.TRUNCATED, 1);
      return;
    }
    int at = from + 4 + wide;
    long source =
        wide == 4 ? u32(bytes, from + 4) : u32(bytes, from + 4) << 32 | u32(bytes, from + 8);
    Rate announced = announced(u32(bytes, at));
    Rate rate =
        pools.rate(
            new SamplePools.DataSource(exporter.address(), stream.id().domain(), source),
            announced,
            i32(bytes, from),
            i32(bytes, at + 4),
            i32(bytes, at + 8));
    records(from + header, end, u32(bytes, from + header - 4));
    if (why != null) {
      exporter.counters().drop(why, 1);
    } else if (key != null) {
      emit(key, announced.isOverride() ? announced : rate, announced);
    }
  }

  /// The rate in force: the administrator's, else the sample's own, else the default.
  private Rate announced(long rate) {
    NetflowSettings now = settings;
    Rate override = now.samplingOf(exporter.address(), stream.id().domain());
    return override.isOverride()
        ? override
        : Rate.isRate(rate, 1) ? new Rate(rate, 1, Rate.Origin.RECORD) : now.samplingDefault();
  }

  /// Finds the best record of a sample: the raw header, else addresses that the agent read from it.
  private void records(int from, int end, long count) {
    key = null;
    why = Drop.NO_ADDRESSES;
    int at = from;
    for (long left = count; left > 0; left--) {
      long length = end - at < 8 ? -1 : u32(bytes, at + 4);
      if (length < 0 || length > end - at - 8) {
        why = key == null ? Drop.TRUNCATED : why;
        return;
      }
      int data = at + 8;
      switch (i32(bytes, at)) {
        case RAW_HEADER -> {
          if (header(data, (int) length)) {
            return;
          }
        }
        case SAMPLED_IPV4 -> ipv4(data, (int) length);
        case SAMPLED_IPV6 -> ipv6(data, (int) length);
        case SAMPLED_ETHERNET -> {} // it has no addresses of layer 3
        default -> {} // what the agent knows besides: routes, users, other headers
      }
      long padded = length + 3 & ~3L;
      at = (int) Math.min(end, data + padded);
    }
  }

  /// Reads a raw header.
  ///
  /// @return whether the sample needs no other record
  private boolean header(int at, int length) {
    if (length < 16) {
      return false;
    }
    LinkLayer link =
        switch (i32(bytes, at)) {
          case 1 -> LinkLayer.ETHERNET;
          case 7, 14 -> LinkLayer.PPP;
          case 11, 12 -> LinkLayer.RAW;
          default -> null;
        };
    long frame = u32(bytes, at + 4) - u32(bytes, at + 8);
    long captured = Math.min(u32(bytes, at + 12), length - 16);
    if (link == null) {
      return false;
    }
    return switch (PacketDecoder.decode(link, buffer, at + 16, (int) captured, frame)) {
      case Decoded.IpPacket packet -> {
        key = packet.key();
        ipBytes = packet.bytes();
        why = null;
        yield true;
      }
      case Skipped skipped -> {
        if (key == null && skipped == Skipped.NOT_IP) {
          why = Drop.NOT_IP;
        }
        yield false;
      }
    };
  }

  private void ipv4(int at, int length) {
    if (length >= V4_RECORD_BYTES) {
      int protocol = i32(bytes, at + 4) & 0xff;
      take(
          new FlowKey(
              0,
              V4_PREFIX | u32(bytes, at + 8),
              0,
              V4_PREFIX | u32(bytes, at + 12),
              port(protocol, at + 16),
              port(protocol, at + 20),
              protocol),
          u32(bytes, at));
    }
  }

  private void ipv6(int at, int length) {
    if (length >= V6_RECORD_BYTES) {
      int protocol = i32(bytes, at + 4) & 0xff;
      take(
          new FlowKey(
              i64(bytes, at + 8),
              i64(bytes, at + 16),
              i64(bytes, at + 24),
              i64(bytes, at + 32),
              port(protocol, at + 40),
              port(protocol, at + 44),
              protocol),
          u32(bytes, at));
    }
  }

  /// The port at that place; 0 for ICMP, of which these records have no type and code.
  private int port(int protocol, int at) {
    return protocol == FlowKey.ICMP || protocol == FlowKey.ICMPV6 ? 0 : i32(bytes, at) & 0xffff;
  }

  private void take(FlowKey read, long length) {
    key = read;
    ipBytes = length;
    why = null;
  }

  private void emit(FlowKey key, Rate rate, Rate announced) {
    ExporterCounters counters = exporter.counters();
    exporter.applied(announced, arrival.epochMillis());
    if (ipBytes < LEAST_PACKET_BYTES || ipBytes > MOST_PACKET_BYTES) {
      counters.drop(Drop.IMPLAUSIBLE_VOLUME, 1);
      return;
    }
    // A packet of 2^16 bytes times 2^32: no overflow.
    long scaled = rate.scale(ipBytes);
    long packets = exporter.packets(rate, 1);
    if (scaled / SAMPLE_MILLIS > settings.maxRateBits() / 8000) {
      counters.drop(Drop.ABOVE_MAX_RATE, 1);
      return;
    }
    long millis = arrival.epochMillis();
    boolean estimated = rate.isSampled();
    sink.accept(
        new FlowRecord(key, packets, scaled, millis, millis, estimated, false, exporter.address()));
    counters.records().increment();
    decoded = true;
  }

  @Override
  public void tick(Timestamps now) {}

  @Override
  public void defect(IpAddress sender) {
    strangers.drop(Drop.DEFECT, 1);
  }

  @Override
  public List<ExporterStatus> exporters() {
    return exporters.status();
  }

  @Override
  public List<TemplateListing> templates() {
    return List.of(); // sFlow has none
  }
}
