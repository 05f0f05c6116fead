package dev.patronus.source.pcap;

import static dev.patronus.source.pcap.LinkLayer.u16;

import dev.patronus.flow.FlowKey;
import dev.patronus.source.pcap.Decoded.IpPacket;
import dev.patronus.source.pcap.Decoded.Length;
import dev.patronus.source.pcap.Decoded.Ports;
import java.nio.ByteBuffer;

/// Turns the bytes of one packet into the flow that it belongs to and the IP bytes that it had on
/// the wire.
///
/// Pure, safe from any thread, and total: any bytes give an answer. Only the outermost IP header
/// counts; what is inside a tunnel, or quoted in an ICMP error, does not. The first fragment of a
/// packet has ports and belongs to their flow; those after it have none and belong to ports 0.
///
/// Sources: RFC 791 §3.1 (IPv4), RFC 8200 §4 (IPv6 and its extension headers), RFC 2675 §2 (jumbo
/// payload), RFC 4302 §2 (authentication header).
public final class PacketDecoder {
  /// The most extension headers of a packet that are walked through.
  static final int EXTENSION_LIMIT = 32;

  private static final int V4_HEADER = 20;
  private static final int V6_HEADER = 40;
  private static final long V4_PREFIX = 0xffffL << 32;

  private static final int HOP_BY_HOP = 0;
  private static final int ROUTING = 43;
  private static final int FRAGMENT = 44;
  private static final int AUTHENTICATION = 51;
  private static final int NO_NEXT_HEADER = 59;
  private static final int DESTINATION = 60;
  private static final int JUMBO_OPTION = 0xc2;

  private static final int DCCP = 33;
  private static final int SCTP = 132;
  private static final int UDP_LITE = 136;

  private PacketDecoder() {}

  /// Decodes one packet.
  ///
  /// @param bytes in network order; the packet begins at `at`
  /// @param captured how many of its bytes are there
  /// @param wireBytes how many there were, link header included; less than `captured` is a lie and
  ///   not believed
  public static Decoded decode(
      LinkLayer link, ByteBuffer bytes, int at, int captured, long wireBytes) {
    int end = at + captured;
    int ip = link.network(bytes, at, end);
    if (ip < 0) {
      return ip == LinkLayer.CUT ? Skipped.CUT : Skipped.NOT_IP;
    }
    if (ip >= end) {
      return Skipped.CUT;
    }
    long onWire = Math.max(wireBytes, captured) - (ip - at);
    return switch (bytes.get(ip) >>> 4 & 0xf) {
      case 4 -> v4(bytes, ip, end, onWire);
      case 6 -> v6(bytes, ip, end, onWire);
      default -> Skipped.MALFORMED;
    };
  }

  private static Decoded v4(ByteBuffer bytes, int at, int end, long onWire) {
    if (end - at < V4_HEADER) {
      return Skipped.CUT;
    }
    int header = (bytes.get(at) & 0xf) * 4;
    int total = u16(bytes, at + 2);
    if (header < V4_HEADER || (total != 0 && total < header)) {
      return Skipped.MALFORMED;
    }
    Length length = total == 0 ? Length.WIRE : total > onWire ? Length.BEYOND_WIRE : Length.HEADER;
    long ipBytes = total == 0 ? onWire : total;
    boolean later = (u16(bytes, at + 6) & 0x1fff) != 0;
    int protocol = bytes.get(at + 9) & 0xff;
    long src = V4_PREFIX | (bytes.getInt(at + 12) & 0xffff_ffffL);
    long dst = V4_PREFIX | (bytes.getInt(at + 16) & 0xffff_ffffL);
    int limit = (int) Math.min(end, at + ipBytes);
    int transport = later ? NO_TRANSPORT : at + header;
    return packet(bytes, 0, src, 0, dst, protocol, transport, limit, ipBytes, length);
  }

  /// In place of where a transport header begins: there is none.
  private static final int NO_TRANSPORT = -1;

  /// In place of where a transport header begins: it was not captured.
  private static final int CUT_BEFORE = Integer.MAX_VALUE - 4;

  private static Decoded v6(ByteBuffer bytes, int at, int end, long onWire) {
    if (end - at < V6_HEADER) {
      return Skipped.CUT;
    }
    int payload = u16(bytes, at + 4);
    long claimed = payload == 0 ? withoutPayloadLength(bytes, at, end) : V6_HEADER + payload;
    // A jumbo payload of more than the wire carried is not believed: its length has 32 bits.
    boolean fromWire = claimed == 0 || (payload == 0 && claimed > onWire);
    long ipBytes = fromWire ? onWire : claimed;
    Length length = fromWire ? Length.WIRE : ipBytes > onWire ? Length.BEYOND_WIRE : Length.HEADER;
    int limit = (int) Math.min(end, at + ipBytes);
    return extensions(bytes, at, limit, ipBytes, length);
  }

  /// The length of a packet whose header says 0: of a jumbo payload, or of no payload at all; 0 if
  /// only the wire knows, since the network card was to cut the packet (TSO).
  private static long withoutPayloadLength(ByteBuffer bytes, int at, int end) {
    int next = bytes.get(at + 6) & 0xff;
    if (next == NO_NEXT_HEADER) {
      return V6_HEADER;
    }
    return next == HOP_BY_HOP ? jumbo(bytes, at + V6_HEADER, end) : 0;
  }

  /// The jumbo option among the options of a hop-by-hop header, RFC 2675 §2.
  private static long jumbo(ByteBuffer bytes, int header, int end) {
    if (header + 2 > end) {
      return 0;
    }
    int optionsEnd = Math.min(end, header + ((bytes.get(header + 1) & 0xff) + 1) * 8);
    int at = header + 2;
    while (at + 6 <= optionsEnd) {
      int type = bytes.get(at) & 0xff;
      if (type == JUMBO_OPTION) {
        return V6_HEADER + (bytes.getInt(at + 2) & 0xffff_ffffL);
      }
      at += type == 0 ? 1 : 2 + (bytes.get(at + 1) & 0xff);
    }
    return 0;
  }

  /// Walks to the transport header. A packet whose chain is cut, or longer than the limit, has the
  /// number of the header that could not be read as its protocol.
  private static Decoded extensions(
      ByteBuffer bytes, int at, int limit, long ipBytes, Length length) {
    int next = bytes.get(at + 6) & 0xff;
    int here = at + V6_HEADER;
    for (int walked = 0; isExtension(next); walked++) {
      if (walked == EXTENSION_LIMIT || here + 8 > limit) {
        here = CUT_BEFORE;
        break;
      }
      int after = bytes.get(here) & 0xff;
      if (next == FRAGMENT && u16(bytes, here + 2) >>> 3 != 0) {
        next = after;
        here = NO_TRANSPORT;
        break;
      }
      here += size(next, bytes.get(here + 1) & 0xff);
      next = after;
    }
    long srcHigh = bytes.getLong(at + 8);
    long srcLow = bytes.getLong(at + 16);
    long dstHigh = bytes.getLong(at + 24);
    long dstLow = bytes.getLong(at + 32);
    return packet(bytes, srcHigh, srcLow, dstHigh, dstLow, next, here, limit, ipBytes, length);
  }

  private static boolean isExtension(int header) {
    return switch (header) {
      case HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION -> true;
      default -> false;
    };
  }

  private static int size(int header, int lengthField) {
    return switch (header) {
      case FRAGMENT -> 8;
      case AUTHENTICATION -> (lengthField + 2) * 4;
      default -> (lengthField + 1) * 8;
    };
  }

  /// @param transport where the transport header begins
  /// @param limit where the captured part of the packet ends
  private static Decoded packet(
      ByteBuffer bytes,
      long srcHigh,
      long srcLow,
      long dstHigh,
      long dstLow,
      int protocol,
      int transport,
      int limit,
      long ipBytes,
      Length length) {
    Ports ports = transport == NO_TRANSPORT ? Ports.NONE : ports(protocol, transport, limit);
    int src = 0;
    int dst = 0;
    if (ports == Ports.HEADER) {
      boolean icmp = isIcmp(protocol);
      src = icmp ? 0 : u16(bytes, transport);
      dst = u16(bytes, icmp ? transport : transport + 2); // of ICMP: its type and code
    }
    FlowKey key = new FlowKey(srcHigh, srcLow, dstHigh, dstLow, src, dst, protocol);
    return new IpPacket(key, ipBytes, length, ports);
  }

  private static boolean isIcmp(int protocol) {
    return protocol == FlowKey.ICMP || protocol == FlowKey.ICMPV6;
  }

  private static Ports ports(int protocol, int transport, int limit) {
    return switch (protocol) {
      case FlowKey.ICMP, FlowKey.ICMPV6 -> transport + 2 <= limit ? Ports.HEADER : Ports.CUT;
      case FlowKey.TCP, FlowKey.UDP, DCCP, SCTP, UDP_LITE ->
          transport + 4 <= limit ? Ports.HEADER : Ports.CUT;
      default -> transport == CUT_BEFORE ? Ports.CUT : Ports.NONE;
    };
  }
}
