package dev.patronus.collect;

import dev.patronus.flow.FlowKey;
import java.util.Optional;

/// Determines the flow that a flow would be the reply to.
final class ReplyKey {
  private ReplyKey() {}

  /// The key of the opposite flow; empty for ICMP messages that are neither requests nor replies.
  static Optional<FlowKey> opposite(FlowKey flow) {
    return switch (flow.protocol()) {
      case FlowKey.ICMP -> answering(flow, oppositeType(flow.dstPort() >>> 8));
      case FlowKey.ICMPV6 -> answering(flow, oppositeTypeV6(flow.dstPort() >>> 8));
      default -> Optional.of(flow.reversed());
    };
  }

  /// Whether, of a flow and its opposite, this one is likely the request: an ICMP request, or the
  /// flow to the lower port, where servers are.
  static boolean isLikelyQuestion(FlowKey flow) {
    int type = flow.dstPort() >>> 8;
    return switch (flow.protocol()) {
      case FlowKey.ICMP -> type == 8 || type == 13 || type == 15 || type == 17;
      case FlowKey.ICMPV6 -> type == 128;
      default -> flow.dstPort() <= flow.srcPort();
    };
  }

  private static Optional<FlowKey> answering(FlowKey flow, int type) {
    if (type < 0) {
      return Optional.empty();
    }
    FlowKey back = flow.reversed();
    return Optional.of(
        new FlowKey(
            back.srcHigh(),
            back.srcLow(),
            back.dstHigh(),
            back.dstLow(),
            flow.srcPort(),
            type << 8 | (flow.dstPort() & 0xff),
            flow.protocol()));
  }

  /// RFC 792: echo, timestamp, information; RFC 950: address mask.
  private static int oppositeType(int type) {
    return switch (type) {
      case 0 -> 8;
      case 8 -> 0;
      case 13 -> 14;
      case 14 -> 13;
      case 15 -> 16;
      case 16 -> 15;
      case 17 -> 18;
      case 18 -> 17;
      default -> -1;
    };
  }

  /// RFC 4443 §4: echo.
  private static int oppositeTypeV6(int type) {
    return switch (type) {
      case 128 -> 129;
      case 129 -> 128;
      default -> -1;
    };
  }
}
