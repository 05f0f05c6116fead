package dev.patronus.testing;

import dev.patronus.flow.IpAddress;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/// An sFlow datagram of version 5 in the making.
///
/// ```java
/// byte[] datagram = new SflowDatagram("192.0.2.1", 0, 7)
///     .sample(new Sample(1, 100, 100, 0).rawHeader(frame, 1500 + 18, 4))
///     .bytes();
/// ```
public final class SflowDatagram {
  /// A flow sample in the making.
  public static final class Sample {
    private final ByteArrayOutputStream head = new ByteArrayOutputStream();
    private final ByteArrayOutputStream records = new ByteArrayOutputStream();
    private final boolean expanded;
    private int count;

    public Sample(int sequence, long rate, long pool, long drops) {
      this(false, sequence, 3, rate, pool, drops);
    }

    public Sample(boolean expanded, int sequence, int source, long rate, long pool, long drops) {
      this.expanded = expanded;
      u32(head, sequence);
      u32s(head, source);
      u32(head, rate);
      u32(head, pool);
      u32(head, drops);
      u32s(head, 1);
      u32s(head, 2);
    }

    /// In an expanded sample a number has its kind before it.
    private void u32s(ByteArrayOutputStream to, long value) {
      if (expanded) {
        u32(to, 0);
      }
      u32(to, value);
    }

    /// The header of an Ethernet frame.
    ///
    /// @param frameLength the frame on the wire, with what was stripped
    public Sample rawHeader(byte[] header, int frameLength, int stripped) {
      return rawHeader(1, header, frameLength, stripped);
    }

    public Sample rawHeader(int protocol, byte[] header, int frameLength, int stripped) {
      ByteArrayOutputStream data = new ByteArrayOutputStream();
      u32(data, protocol);
      u32(data, frameLength);
      u32(data, stripped);
      u32(data, header.length);
      data.writeBytes(header);
      return record(1, data.toByteArray());
    }

    public Sample ethernet(int length, int type) {
      ByteArrayOutputStream data = new ByteArrayOutputStream();
      u32(data, length);
      data.writeBytes(new byte[16]);
      u32(data, type);
      return record(2, data.toByteArray());
    }

    /// A sampled IPv4 or IPv6 record.
    public Sample ip(int length, int protocol, String src, int sport, String dst, int dport) {
      ByteArrayOutputStream data = new ByteArrayOutputStream();
      u32(data, length);
      u32(data, protocol);
      data.writeBytes(address(src));
      data.writeBytes(address(dst));
      u32(data, sport);
      u32(data, dport);
      u32(data, 0);
      u32(data, 0);
      return record(IpAddress.parse(src).isV4() ? 3 : 4, data.toByteArray());
    }

    public Sample record(int format, byte[] data) {
      u32(records, format);
      u32(records, data.length);
      records.writeBytes(data);
      records.writeBytes(new byte[-data.length & 3]);
      count++;
      return this;
    }
  }

  private final ByteArrayOutputStream head = new ByteArrayOutputStream();
  private final ByteArrayOutputStream samples = new ByteArrayOutputStream();
  private int count;

  public SflowDatagram(String agent, int subAgent, int sequence) {
    u32(head, 5);
    u32(head, IpAddress.parse(agent).isV4() ? 1 : 2);
    head.writeBytes(address(agent));
    u32(head, subAgent);
    u32(head, sequence);
    u32(head, 60_000);
  }

  public SflowDatagram sample(Sample sample) {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    data.writeBytes(sample.head.toByteArray());
    u32(data, sample.count);
    data.writeBytes(sample.records.toByteArray());
    return sample(sample.expanded ? 3 : 1, data.toByteArray());
  }

  public SflowDatagram sample(int format, byte[] data) {
    u32(samples, format);
    u32(samples, data.length);
    samples.writeBytes(data);
    count++;
    return this;
  }

  public byte[] bytes() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(head.toByteArray());
    u32(all, count);
    all.writeBytes(samples.toByteArray());
    return all.toByteArray();
  }

  /// An Ethernet frame with an IPv4 packet of TCP: the header only.
  public static byte[] tcpFrame(int total) {
    return HexFormat.of()
        .parseHex(
            "020000000002020000000001"
                + "0800"
                + "4500%04x0001400040060000".formatted(total)
                + "0a000001"
                + "0a000002"
                + "9c4001bb"
                + "00000001000000005010ffff00000000");
  }

  private static byte[] address(String text) {
    IpAddress address = IpAddress.parse(text);
    ByteBuffer halves = ByteBuffer.allocate(16);
    halves.putLong(address.high()).putLong(address.low());
    byte[] all = halves.array();
    return address.isV4() ? Arrays.copyOfRange(all, 12, 16) : all;
  }

  private static void u32(ByteArrayOutputStream to, long value) {
    to.writeBytes(ByteBuffer.allocate(4).putInt((int) value).array());
  }
}
