package dev.patronus.source.pcap;

import static dev.patronus.source.pcap.LinkLayer.CUT;
import static dev.patronus.source.pcap.LinkLayer.NOT_IP;
import static dev.patronus.source.pcap.LinkLayer.u16;

import java.nio.ByteBuffer;

/// The chain of Ethernet types before an IP header: VLAN tags on top of each other, LLC/SNAP,
/// PPPoE, MPLS, the tags of switches and rings.
///
/// Pure. The chain is as long as what was captured: each link takes at least 4 bytes.
final class EtherTypes {
  static final int PPPOE_SESSION = 0x8864;

  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86dd;
  private static final int VLAN = 0x8100;
  private static final int VLAN_QINQ = 0x88a8;
  private static final int VLAN_OLD_1 = 0x9100;
  private static final int VLAN_OLD_2 = 0x9200;
  private static final int MPLS = 0x8847;
  private static final int MPLS_MULTICAST = 0x8848;

  /// Cisco metadata: version 1, length 1 in words of 32 bits, that many words, a type.
  private static final int CISCO_METADATA = 0x8909;

  /// IEEE 802.1BR and Cisco VN-Tag: 4 bytes, a type.
  private static final int VN_TAG = 0x8926;

  /// IEC 62439-3, HSR: 4 bytes, a type.
  private static final int HSR = 0x892f;

  /// IEEE 802.1ah: 4 bytes of service tag, then the customer's frame.
  private static final int BACKBONE_SERVICE = 0x88e7;

  /// Up to here a type is the length of an IEEE 802.3 frame.
  private static final int LENGTH_MAX = 1500;

  /// Linux cooked captures mark frames with 802.2 headers so.
  private static final int COOKED_8022 = 4;

  private static final int PPP_IPV4 = 0x0021;
  private static final int PPP_IPV6 = 0x0057;
  private static final int PPP_MPLS = 0x0281;
  private static final int PPP_MPLS_MULTICAST = 0x0283;

  private EtherTypes() {}

  /// Where the IP header begins that a chain leads to, of which the type was read and the rest
  /// begins at `at`; [LinkLayer#NOT_IP] or [LinkLayer#CUT] if it leads to none.
  static int follow(ByteBuffer bytes, int type, int at, int end) {
    int next = type;
    int here = at;
    while (true) {
      switch (next) {
        case IPV4, IPV6 -> {
          return here;
        }
        case VLAN, VLAN_QINQ, VLAN_OLD_1, VLAN_OLD_2 -> here += 4;
        case VN_TAG, HSR -> here += 6;
        case CISCO_METADATA -> here += here + 2 > end ? 4 : 4 + 4 * (bytes.get(here + 1) & 0xff);
        case BACKBONE_SERVICE -> here += 18;
        case PPPOE_SESSION -> {
          return here + 8 > end ? CUT : followPpp(bytes, here + 6, end);
        }
        case MPLS, MPLS_MULTICAST -> {
          return followMpls(bytes, here, end);
        }
        default -> {
          if (next > LENGTH_MAX && next != COOKED_8022) {
            return NOT_IP;
          }
          if (here + 8 > end) {
            return CUT;
          }
          if (bytes.getInt(here) != 0xaaaa0300) { // SNAP, and the first byte of its organisation
            return NOT_IP;
          }
          here += 8;
        }
      }
      if (here > end) {
        return CUT;
      }
      next = u16(bytes, here - 2);
    }
  }

  /// RFC 1661 §2: the protocol field is one byte if its lowest bit is set. Two bytes are there.
  /// MPLS is RFC 3032 §4.1.
  static int followPpp(ByteBuffer bytes, int at, int end) {
    int first = bytes.get(at) & 0xff;
    boolean compressed = (first & 1) != 0;
    int protocol = compressed ? first : u16(bytes, at);
    int next = at + (compressed ? 1 : 2);
    return switch (protocol) {
      case PPP_IPV4, PPP_IPV6 -> next;
      case PPP_MPLS, PPP_MPLS_MULTICAST -> followMpls(bytes, next, end);
      default -> NOT_IP;
    };
  }

  /// RFC 3032 §2.1: labels of 4 bytes, the last of which is marked. Nothing says what follows; an
  /// IP header begins with its version.
  private static int followMpls(ByteBuffer bytes, int at, int end) {
    int here = at;
    while (here + 4 < end) {
      boolean last = (bytes.get(here + 2) & 1) != 0;
      here += 4;
      if (last) {
        int version = bytes.get(here) >>> 4 & 0xf;
        return version == 4 || version == 6 ? here : NOT_IP;
      }
    }
    return CUT;
  }
}
