package dev.patronus.source.netflow;

import dev.patronus.flow.FlowKey;

/// The type and code of an ICMP flow, `type << 8 | code`, from wherever the exporter put them: an
/// element of their own (32, 139), two elements (176 to 179), or the destination port, as NetFlow
/// v5 has it. Of several the first that is not zero counts.
final class Icmp {
  private Icmp() {}

  static int typeAndCode(Layout layout, byte[] bytes, int[] at, int base, int protocol) {
    boolean v6 = protocol == FlowKey.ICMPV6;
    int own = value(layout, bytes, at, base, v6 ? Slot.ICMP_V6 : Slot.ICMP_V4);
    if (own != 0) {
      return own;
    }
    int type = value(layout, bytes, at, base, v6 ? Slot.ICMP_TYPE_V6 : Slot.ICMP_TYPE_V4);
    int code = value(layout, bytes, at, base, v6 ? Slot.ICMP_CODE_V6 : Slot.ICMP_CODE_V4);
    if ((type | code) != 0) {
      return (type & 0xff) << 8 | (code & 0xff);
    }
    int port = value(layout, bytes, at, base, Slot.DST_PORT);
    return port != 0 || !v6 ? port : value(layout, bytes, at, base, Slot.ICMP_V4);
  }

  /// What comes back: as the biflow says, else the answer to what was asked, else the same.
  static int reply(Layout layout, byte[] bytes, int[] at, int base, int protocol, int typeAndCode) {
    boolean v6 = protocol == FlowKey.ICMPV6;
    int said = value(layout, bytes, at, base, v6 ? Slot.REVERSE_ICMP_V6 : Slot.REVERSE_ICMP_V4);
    return said != 0 ? said : v6 ? answerV6(typeAndCode) : answerV4(typeAndCode);
  }

  private static int answerV4(int typeAndCode) {
    return switch (typeAndCode) {
      case 8 << 8 -> 0; // echo
      case 0 -> 8 << 8;
      case 13 << 8 -> 14 << 8; // timestamp
      case 14 << 8 -> 13 << 8;
      default -> typeAndCode;
    };
  }

  private static int answerV6(int typeAndCode) {
    return switch (typeAndCode) {
      case 128 << 8 -> 129 << 8; // echo
      case 129 << 8 -> 128 << 8;
      default -> typeAndCode;
    };
  }

  private static int value(Layout layout, byte[] bytes, int[] at, int base, int slot) {
    return layout.has(slot)
        ? (int) Wire.integer(bytes, base + at[slot], layout.length[slot]) & 0xffff
        : 0;
  }
}
