package dev.patronus.source.pcap;

import java.nio.ByteBuffer;
import java.util.Optional;

/// What lies before the IP header of a captured packet, and how to get past it.
///
/// Source: the registry of link-layer types that goes with draft-ietf-opsawg-pcaplinktype. Pure.
public enum LinkLayer {
  /// Two addresses and a type.
  ETHERNET {
    @Override
    int network(ByteBuffer bytes, int at, int end) {
      return at + 14 > end ? CUT : EtherTypes.follow(bytes, u16(bytes, at + 12), at + 14, end);
    }
  },
  /// IPv4 or IPv6 from the first byte on.
  RAW {
    @Override
    int network(ByteBuffer bytes, int at, int end) {
      return at;
    }
  },
  /// Linux cooked, version 1: `-i any` until 2020. The protocol is in the last two of 16 bytes.
  COOKED {
    @Override
    int network(ByteBuffer bytes, int at, int end) {
      return at + 16 > end ? CUT : EtherTypes.follow(bytes, u16(bytes, at + 14), at + 16, end);
    }
  },
  /// Linux cooked, version 2: the protocol comes first of 20 bytes.
  COOKED_2 {
    @Override
    int network(ByteBuffer bytes, int at, int end) {
      return at + 20 > end ? CUT : EtherTypes.follow(bytes, u16(bytes, at), at + 20, end);
    }
  },
  /// The loopback of BSD: an address family of 4 bytes in the byte order of that machine.
  NULL {
    @Override
    int network(ByteBuffer bytes, int at, int end) {
      if (at + 4 > end) {
        return CUT;
      }
      int family = bytes.getInt(at);
      return isIp(family >>> 16 == 0 ? family : Integer.reverseBytes(family)) ? at + 4 : NOT_IP;
    }

    // AF_INET is 2 everywhere; AF_INET6 is 10 on Linux, 24 on NetBSD, 28 on FreeBSD, 30 on macOS.
    private static boolean isIp(int family) {
      return family == 2 || family == 10 || family == 24 || family == 28 || family == 30;
    }
  },
  /// PPP, with or without the two bytes of HDLC before it; the protocol may be one byte. In the
  /// same link types lie the frames of Cisco HDLC, which begin with 0x0f or 0x8f and a zero.
  PPP {
    @Override
    int network(ByteBuffer bytes, int at, int end) {
      int first = at + 2 <= end ? u16(bytes, at) : 0;
      if (first == 0x0f00 || first == 0x8f00) {
        return CISCO_HDLC.network(bytes, at, end);
      }
      int begin = first == 0xff03 ? at + 2 : at;
      return begin + 2 > end ? CUT : EtherTypes.followPpp(bytes, begin, end);
    }
  },
  /// A PPPoE session, from its own header on.
  PPPOE {
    @Override
    int network(ByteBuffer bytes, int at, int end) {
      return EtherTypes.follow(bytes, EtherTypes.PPPOE_SESSION, at, end);
    }
  },
  /// HDLC as Cisco does it: two bytes and an Ethernet type.
  CISCO_HDLC {
    @Override
    int network(ByteBuffer bytes, int at, int end) {
      return at + 4 > end ? CUT : EtherTypes.follow(bytes, u16(bytes, at + 2), at + 4, end);
    }
  };

  /// There is no IP behind this header.
  static final int NOT_IP = -1;

  /// The header was not captured as a whole.
  static final int CUT = -2;

  /// Where the IP header begins; [#NOT_IP] or [#CUT] if there is none.
  ///
  /// @param at where the packet begins
  /// @param end where its captured bytes end
  abstract int network(ByteBuffer bytes, int at, int end);

  /// The link layer of a number in a file; empty if it is one that is not read.
  static Optional<LinkLayer> of(int linkType) {
    return switch (linkType) {
      case 1 -> Optional.of(ETHERNET);
      case 12, 14, 101, 228, 229 -> Optional.of(RAW);
      case 113 -> Optional.of(COOKED);
      case 276 -> Optional.of(COOKED_2);
      case 0, 108 -> Optional.of(NULL);
      case 9, 50 -> Optional.of(PPP);
      case 51 -> Optional.of(PPPOE);
      case 104 -> Optional.of(CISCO_HDLC);
      default -> Optional.empty();
    };
  }

  static String problem(int linkType) {
    return "this capture has packets of link type "
        + linkType
        + ", which is not read; Ethernet, raw IP, Linux cooked (-i any), loopback, PPP are";
  }

  static int u16(ByteBuffer bytes, int at) {
    return bytes.getShort(at) & 0xffff;
  }
}
