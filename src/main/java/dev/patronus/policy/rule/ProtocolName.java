package dev.patronus.policy.rule;

import dev.patronus.flow.FlowKey;

/// The names of IP protocols that people use: `tcp` for 6; the number where there is none.
public final class ProtocolName {
  private static final int GRE = 47;
  private static final int ESP = 50;
  private static final int SCTP = 132;

  private ProtocolName() {}

  public static String of(int protocol) {
    return switch (protocol) {
      case FlowKey.ICMP -> "icmp";
      case FlowKey.TCP -> "tcp";
      case FlowKey.UDP -> "udp";
      case FlowKey.ICMPV6 -> "icmpv6";
      case GRE -> "gre";
      case ESP -> "esp";
      case SCTP -> "sctp";
      default -> String.valueOf(protocol);
    };
  }

  /// The number of a protocol that is given by name or number.
  ///
  /// @throws IllegalArgumentException that names the text, if it is neither
  public static int parse(String text) {
    for (int protocol = 0; protocol <= 255; protocol++) {
      if (text.equalsIgnoreCase(of(protocol)) || text.equals(String.valueOf(protocol))) {
        return protocol;
      }
    }
    throw new IllegalArgumentException(
        "unknown protocol '" + text + "'; try tcp, udp, icmp, icmpv6 or a number from 0 to 255");
  }
}
