package dev.patronus.source.conntrack;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.Volume;
import dev.patronus.source.conntrack.ConntrackEntry.Counted;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.function.Consumer;

/// Writes requests about the kernel's table, and reads what it says.
///
/// ```text
/// message   length u32 | type u16 | flags u16 | sequence u32 | port u32
///           family u8 | version u8 | resource u16 | attributes
/// entry     (1) original tuple  (2) reply tuple  (3) status  (9) (10) counters  (12) id  (18) zone
/// tuple     (1) addresses: (1) (2) v4 source, destination  (3) (4) v6
///           (2) protocol: (1) number  (2) (3) ports  (5) (6) ICMP type, code  (8) (9) ICMPv6
/// counters  (1) packets u64  (2) bytes u64
/// ```
///
/// The header and the lengths are in this machine's byte order, values in that of the network.
/// Pure, and total: any bytes give messages. Sources: `linux/netlink.h`,
/// `linux/netfilter/nfnetlink.h`, `linux/netfilter/nfnetlink_conntrack.h`.
final class ConntrackMessages {
  /// The group that hears of entries that end.
  static final int DESTROY_GROUP = 3;

  private static final int HEADER = 16;
  private static final int FAMILY_HEADER = 4;
  private static final int ATTRIBUTE = 4;
  private static final int NESTED = 0x8000;
  private static final int INET = 2;
  private static final int INET6 = 10;
  private static final int ERROR = 2;
  private static final int DONE = 3;
  private static final int CONNTRACK = 1 << 8;
  private static final int NEW = CONNTRACK;
  private static final int GET = CONNTRACK | 1;
  private static final int DELETE = CONNTRACK | 2;
  private static final int REQUEST = 1;
  private static final int DUMP = 0x300;
  private static final int DUMP_INTERRUPTED = 0x10;

  /// In place of a reason: the table changed its shape while it was dumped.
  static final int INTERRUPTED = 4;

  private ConntrackMessages() {}

  /// The request for all entries.
  static byte[] dump(int sequence) {
    ByteBuffer request = ByteBuffer.allocate(HEADER + FAMILY_HEADER).order(ByteOrder.nativeOrder());
    request.putInt(request.capacity()).putShort((short) GET).putShort((short) (REQUEST | DUMP));
    return request.putInt(sequence).array(); // port 0: the kernel fills it in; any family
  }

  /// The request for the entry of a UDP flow from an address and port to the same ones.
  ///
  /// @param address of 4 or 16 bytes
  static byte[] entryToItself(int sequence, byte[] address, int port) {
    boolean v4 = address.length == 4;
    int addresses = ATTRIBUTE + 2 * (ATTRIBUTE + address.length);
    int protocol = ATTRIBUTE + 3 * (ATTRIBUTE + 4); // each value takes 4 bytes, padding included
    int length = HEADER + FAMILY_HEADER + ATTRIBUTE + addresses + protocol;
    ByteBuffer request = ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
    request.putInt(length).putShort((short) GET).putShort((short) REQUEST);
    request.putInt(sequence).putInt(0);
    request.put((byte) (v4 ? INET : INET6)).put((byte) 0).putShort((short) 0);
    attribute(request, ATTRIBUTE + addresses + protocol, 1 | NESTED);
    attribute(request, addresses, 1 | NESTED);
    attribute(request, ATTRIBUTE + address.length, v4 ? 1 : 3).put(address);
    attribute(request, ATTRIBUTE + address.length, v4 ? 2 : 4).put(address);
    attribute(request, protocol, 2 | NESTED);
    attribute(request, ATTRIBUTE + 1, 1).put(new byte[] {(byte) FlowKey.UDP, 0, 0, 0});
    for (int type = 2; type <= 3; type++) {
      attribute(request, ATTRIBUTE + 2, type);
      request.put(new byte[] {(byte) (port >> 8), (byte) port, 0, 0});
    }
    return request.array();
  }

  private static ByteBuffer attribute(ByteBuffer to, int length, int type) {
    return to.putShort((short) length).putShort((short) type);
  }

  /// Reads the messages of a datagram, in this machine's byte order, one after the other.
  static void read(ByteBuffer bytes, Consumer<ConntrackMessage> to) {
    int at = 0;
    int limit = bytes.limit();
    while (limit - at >= HEADER) {
      int length = bytes.getInt(at);
      if (length < HEADER || length > limit - at) {
        to.accept(new ConntrackMessage.Malformed());
        return;
      }
      to.accept(message(bytes, at, at + length));
      at += Math.min(length + 3 & ~3, limit - at);
    }
  }

  private static ConntrackMessage message(ByteBuffer bytes, int at, int end) {
    int body = at + HEADER;
    boolean interrupted = (bytes.getShort(at + 6) & DUMP_INTERRUPTED) != 0;
    return switch (bytes.getShort(at + 4)) {
      case DONE -> new ConntrackMessage.Done(interrupted ? INTERRUPTED : reason(bytes, body, end));
      case ERROR -> new ConntrackMessage.Answer(reason(bytes, body, end));
      case NEW -> entry(bytes, body, end).map(ConntrackMessages::present).orElse(MALFORMED);
      case DELETE -> entry(bytes, body, end).map(ConntrackMessages::destroyed).orElse(MALFORMED);
      default -> new ConntrackMessage.Other();
    };
  }

  private static final ConntrackMessage MALFORMED = new ConntrackMessage.Malformed();

  private static ConntrackMessage present(ConntrackEntry entry) {
    return new ConntrackMessage.Present(entry);
  }

  private static ConntrackMessage destroyed(ConntrackEntry entry) {
    return new ConntrackMessage.Destroyed(entry);
  }

  /// The kernel writes reasons as negative numbers; the least of them has no positive one.
  private static int reason(ByteBuffer bytes, int at, int end) {
    return end - at < 4 ? 0 : Math.abs(Math.max(bytes.getInt(at), -Integer.MAX_VALUE));
  }

  private static Optional<ConntrackEntry> entry(ByteBuffer bytes, int at, int end) {
    if (end - at < FAMILY_HEADER) {
      return Optional.empty();
    }
    Reading reading = new Reading();
    Attributes attributes = new Attributes(bytes, at + FAMILY_HEADER, end);
    while (attributes.next()) {
      reading.take(attributes);
    }
    return attributes.damaged() ? Optional.empty() : reading.entry();
  }

  /// An entry as far as it has been read.
  private static final class Reading {
    private final Tuple original = new Tuple();
    private final Tuple reply = new Tuple();
    private Optional<Volume> originalVolume = Optional.empty();
    private Optional<Volume> replyVolume = Optional.empty();
    private int id;
    private int zone;
    private int status;
    private boolean damaged;

    void take(Attributes attribute) {
      switch (attribute.type()) {
        case 1 -> damaged |= original.read(attribute.nested());
        case 2 -> damaged |= reply.read(attribute.nested());
        case 3 -> status = attribute.int32();
        case 9 -> originalVolume = volume(attribute.nested());
        case 10 -> replyVolume = volume(attribute.nested());
        case 12 -> id = attribute.int32();
        case 18 -> zone = attribute.uint16();
        default -> {} // timeouts, marks, labels, the state of TCP
      }
    }

    private Optional<Volume> volume(Attributes counters) {
      long packets = 0;
      long bytes = 0;
      while (counters.next()) {
        switch (counters.type()) {
          case 1 -> packets = counters.int64();
          case 2 -> bytes = counters.int64();
          default -> {} // padding
        }
      }
      damaged |= counters.damaged() || packets < 0 || bytes < 0;
      return damaged ? Optional.empty() : Optional.of(new Volume(packets, bytes));
    }

    Optional<ConntrackEntry> entry() {
      if (damaged || !original.hasAddresses()) {
        return Optional.empty();
      }
      Optional<Counted> counted =
          originalVolume.flatMap(there -> replyVolume.map(back -> new Counted(there, back)));
      return Optional.of(
          new ConntrackEntry(id, zone, original.key(), reply.icmp(), status, counted));
    }
  }

  /// One direction of an entry, as far as it has been read.
  private static final class Tuple {
    private static final long V4_PREFIX = 0xffffL << 32;

    private long srcHigh;
    private long srcLow;
    private long dstHigh;
    private long dstLow;
    private boolean hasSource;
    private boolean hasDestination;
    private int protocol;
    private int srcPort;
    private int dstPort;
    private int icmpType;
    private int icmpCode;

    /// @return whether something in it cannot be right
    boolean read(Attributes tuple) {
      boolean damaged = false;
      while (tuple.next()) {
        Attributes inner = tuple.nested();
        while (tuple.type() <= 2 && inner.next()) {
          if (tuple.type() == 1) {
            address(inner);
          } else {
            transport(inner);
          }
        }
        damaged |= inner.damaged();
      }
      return damaged || tuple.damaged();
    }

    private void address(Attributes address) {
      switch (address.type()) {
        case 1 -> source(0, V4_PREFIX | (address.int32() & 0xffff_ffffL));
        case 2 -> destination(0, V4_PREFIX | (address.int32() & 0xffff_ffffL));
        case 3 -> source(address.half(0), address.half(8));
        case 4 -> destination(address.half(0), address.half(8));
        default -> {}
      }
    }

    private void source(long high, long low) {
      srcHigh = high;
      srcLow = low;
      hasSource = true;
    }

    private void destination(long high, long low) {
      dstHigh = high;
      dstLow = low;
      hasDestination = true;
    }

    private void transport(Attributes part) {
      switch (part.type()) {
        case 1 -> protocol = part.uint8();
        case 2 -> srcPort = part.uint16();
        case 3 -> dstPort = part.uint16();
        case 5, 8 -> icmpType = part.uint8();
        case 6, 9 -> icmpCode = part.uint8();
        default -> {} // the number of an echo
      }
    }

    boolean hasAddresses() {
      return hasSource && hasDestination;
    }

    int icmp() {
      return icmpType << 8 | icmpCode;
    }

    /// The kernel keeps the keys of GRE where ports are; they are none.
    FlowKey key() {
      return switch (protocol) {
        case FlowKey.ICMP, FlowKey.ICMPV6 -> key(0, icmp());
        case FlowKey.TCP, FlowKey.UDP, DCCP, SCTP, UDP_LITE -> key(srcPort, dstPort);
        default -> key(0, 0);
      };
    }

    private static final int DCCP = 33;
    private static final int SCTP = 132;
    private static final int UDP_LITE = 136;

    private FlowKey key(int src, int dst) {
      return new FlowKey(srcHigh, srcLow, dstHigh, dstLow, src, dst, protocol);
    }
  }
}
