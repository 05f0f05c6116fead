package dev.patronus.source.netflow;

import dev.patronus.flow.FlowKey;
import dev.patronus.source.netflow.template.FieldIndex;
import dev.patronus.source.netflow.template.Layout;
import dev.patronus.source.netflow.wire.Wire;

/// The type and code of an ICMP flow, `type << 8 | code`, from wherever the exporter put them: an
/// element of their own (32, 139), two elements (176 to 179), or the destination port, as NetFlow
/// v5 has it. The first of these that the template has counts, 0 too: the answer to a ping is 0.
final class Icmp {
  private Icmp() {}

  static int typeAndCode(Layout layout, byte[] bytes, int[] at, int base, int protocol) {
    boolean v6 = protocol == FlowKey.ICMPV6;
    int own = v6 ? FieldIndex.ICMP_V6 : FieldIndex.ICMP_V4;
    if (layout.has(own)) {
      return value(layout, bytes, at, base, own);
    }
    if (layout.has(v6 ? FieldIndex.ICMP_TYPE_V6 : FieldIndex.ICMP_TYPE_V4)) {
      int type =
          value(layout, bytes, at, base, v6 ? FieldIndex.ICMP_TYPE_V6 : FieldIndex.ICMP_TYPE_V4);
      int code =
          value(layout, bytes, at, base, v6 ? FieldIndex.ICMP_CODE_V6 : FieldIndex.ICMP_CODE_V4);
      return (type & 0xff) << 8 | (code & 0xff);
    }
    int port = value(layout, bytes, at, base, FieldIndex.DST_PORT);
    return port != 0 || !v6 ? port : value(layout, bytes, at, base, FieldIndex.ICMP_V4);
  }

  /// The type and code of the other way of a biflow: as the exporter says, else the same, because
  /// both ways share what names the flow (RFC 5103 §2).
  static int ofReverse(
      Layout layout, byte[] bytes, int[] at, int base, int protocol, int typeAndCode) {
    int slot = protocol == FlowKey.ICMPV6 ? FieldIndex.REVERSE_ICMP_V6 : FieldIndex.REVERSE_ICMP_V4;
    return layout.has(slot) ? value(layout, bytes, at, base, slot) : typeAndCode;
  }

  private static int value(Layout layout, byte[] bytes, int[] at, int base, int slot) {
    return layout.has(slot)
        ? (int) Wire.integer(bytes, base + at[slot], layout.length[slot]) & 0xffff
        : 0;
  }
}
