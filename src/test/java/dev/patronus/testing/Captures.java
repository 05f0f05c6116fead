package dev.patronus.testing;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A capture file in the making: Ethernet frames with packets of given sizes at given times.
///
/// ```java
/// try (Captures capture = Captures.create(folder.resolve("a.pcap"))) {
///   capture.at(1_700_000_000_000L).tcp("10.0.0.1", 40000, "10.0.0.2", 443, 1500);
///   capture.after(20).icmp("2001:db8::1", "2001:db8::2", 128, 0, 64);
/// }
/// ```
///
/// The sizes are IP lengths: header and all after it, as the program counts them. Payload is zeros;
/// the checksum of the IPv4 header is right, the others are not filled in. The format is classic
/// pcap, big-endian, microseconds (draft-ietf-opsawg-pcap).
public final class Captures implements AutoCloseable {
  /// A packet that was written.
  ///
  /// @param srcPort of ICMP, its type; 0 for a protocol without ports
  /// @param dstPort of ICMP, its code
  public record Packet(
      long millis, String src, int srcPort, String dst, int dstPort, int protocol, int ipBytes) {}

  private static final int ICMP = 1;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int ICMPV6 = 58;
  private static final int ACK = 0x10;

  private final DataOutputStream out;
  private final List<Packet> packets = new ArrayList<>();
  private int snapLength = 65535;
  private long millis;

  private Captures(DataOutputStream out) {
    this.out = out;
  }

  /// Begins a file; the caller closes it.
  public static Captures create(Path file) throws IOException {
    DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)));
    out.writeInt(0xa1b2c3d4);
    out.writeShort(2);
    out.writeShort(4);
    out.writeInt(0);
    out.writeInt(0);
    out.writeInt(65535);
    out.writeInt(1); // LINKTYPE_ETHERNET
    return new Captures(out);
  }

  /// Keeps only so many bytes of each frame from now on.
  public Captures snap(int bytes) {
    snapLength = bytes;
    return this;
  }

  /// The time of the packets that follow, in epoch milliseconds.
  public Captures at(long millis) {
    this.millis = millis;
    return this;
  }

  /// Moves the time on.
  public Captures after(long millis) {
    return at(this.millis + millis);
  }

  public Captures tcp(String src, int srcPort, String dst, int dstPort, int ipBytes)
      throws IOException {
    return tcp(src, srcPort, dst, dstPort, ACK, ipBytes);
  }

  /// A TCP segment with other flags than an ACK.
  ///
  /// @param flags as in the header: 1 FIN, 2 SYN, 4 RST, 16 ACK
  public Captures tcp(String src, int srcPort, String dst, int dstPort, int flags, int ipBytes)
      throws IOException {
    ByteBuffer header = ByteBuffer.allocate(20);
    header.putShort((short) srcPort).putShort((short) dstPort).putInt(1).putInt(1);
    header.put((byte) 0x50).put((byte) flags).putShort((short) 0x2000);
    return write(src, srcPort, dst, dstPort, TCP, header, ipBytes);
  }

  public Captures udp(String src, int srcPort, String dst, int dstPort, int ipBytes)
      throws IOException {
    ByteBuffer header = ByteBuffer.allocate(8);
    int length = ipBytes - (isV4(src) ? 20 : 40);
    header.putShort((short) srcPort).putShort((short) dstPort).putShort((short) length);
    return write(src, srcPort, dst, dstPort, UDP, header, ipBytes);
  }

  /// An ICMP or, between IPv6 addresses, an ICMPv6 message.
  public Captures icmp(String src, String dst, int type, int code, int ipBytes) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(8);
    header.put((byte) type).put((byte) code);
    return write(src, type, dst, code, isV4(src) ? ICMP : ICMPV6, header, ipBytes);
  }

  /// A packet of any other protocol: no header of its own.
  public Captures ip(String src, String dst, int protocol, int ipBytes) throws IOException {
    return write(src, 0, dst, 0, protocol, ByteBuffer.allocate(0), ipBytes);
  }

  private Captures write(
      String src,
      int srcPort,
      String dst,
      int dstPort,
      int protocol,
      ByteBuffer transport,
      int ipBytes)
      throws IOException {
    byte[] ip = isV4(src) ? ipv4(src, dst, protocol, ipBytes) : ipv6(src, dst, protocol, ipBytes);
    if (ip.length + transport.capacity() > ipBytes) {
      throw new IllegalArgumentException(ipBytes + " bytes are too few for the headers");
    }
    ByteBuffer frame = ByteBuffer.allocate(14 + ipBytes);
    frame.put(new byte[] {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1});
    frame.putShort((short) (isV4(src) ? 0x0800 : 0x86dd));
    frame.put(ip).put(transport.rewind());
    frame(frame.array());
    packets.add(new Packet(millis, src, srcPort, dst, dstPort, protocol, ipBytes));
    return this;
  }

  /// Writes a frame as it is, from its Ethernet header on; it is not among the [#packets].
  public Captures frame(byte... frame) throws IOException {
    int kept = Math.min(frame.length, snapLength);
    out.writeInt((int) (millis / 1000));
    out.writeInt((int) (millis % 1000) * 1000);
    out.writeInt(kept);
    out.writeInt(frame.length);
    out.write(frame, 0, kept);
    return this;
  }

  private static byte[] ipv4(String src, String dst, int protocol, int ipBytes) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(20);
    header.put((byte) 0x45).put((byte) 0).putShort((short) ipBytes);
    header.putInt(0x00004000).put((byte) 64).put((byte) protocol).putShort((short) 0);
    header.put(address(src)).put(address(dst));
    return header.putShort(10, checksum(header)).array();
  }

  private static byte[] ipv6(String src, String dst, int protocol, int ipBytes) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(40);
    header.putInt(0x60000000).putShort((short) (ipBytes - 40));
    header.put((byte) protocol).put((byte) 64).put(address(src)).put(address(dst));
    return header.array();
  }

  private static short checksum(ByteBuffer header) {
    int sum = 0;
    for (int at = 0; at < header.capacity(); at += 2) {
      sum += header.getShort(at) & 0xffff;
    }
    sum = (sum & 0xffff) + (sum >>> 16);
    return (short) ~(sum + (sum >>> 16));
  }

  private static boolean isV4(String address) {
    return address.indexOf(':') < 0;
  }

  private static byte[] address(String text) throws IOException {
    return InetAddress.getByName(text).getAddress();
  }

  /// What has been written so far, in order.
  public List<Packet> packets() {
    return List.copyOf(packets);
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
