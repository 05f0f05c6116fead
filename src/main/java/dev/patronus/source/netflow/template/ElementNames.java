package dev.patronus.source.netflow.template;

/// The names of the information elements that are read.
///
/// Source: IANA "IPFIX Information Elements"; RFC 5103 §6.1 for the reverse direction. Elements of
/// vendors are named by enterprise and number.
final class ElementNames {
  private static final int REVERSE = 29305;

  private ElementNames() {}

  /// The name of a field's element: `octetDeltaCount`, `reverseOctetDeltaCount`, `9/12236`.
  static String of(TemplateField field) {
    if (field.enterprise() == 0) {
      return of(field.element());
    }
    String name = field.enterprise() == REVERSE ? of(field.element()) : "";
    return name.isEmpty() || Character.isDigit(name.charAt(0))
        ? Integer.toUnsignedString(field.enterprise()) + "/" + field.element()
        : "reverse" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }

  private static String of(int element) {
    return switch (element) {
      case 1 -> "octetDeltaCount";
      case 2 -> "packetDeltaCount";
      case 4 -> "protocolIdentifier";
      case 7 -> "sourceTransportPort";
      case 8 -> "sourceIPv4Address";
      case 11 -> "destinationTransportPort";
      case 12 -> "destinationIPv4Address";
      case 21 -> "flowEndSysUpTime";
      case 22 -> "flowStartSysUpTime";
      case 23 -> "postOctetDeltaCount";
      case 24 -> "postPacketDeltaCount";
      case 27 -> "sourceIPv6Address";
      case 28 -> "destinationIPv6Address";
      case 32 -> "icmpTypeCodeIPv4";
      case 34 -> "samplingInterval";
      case 48 -> "samplerId";
      case 50 -> "samplerRandomInterval";
      case 60 -> "ipVersion";
      case 61 -> "flowDirection";
      case 85 -> "octetTotalCount";
      case 86 -> "packetTotalCount";
      case 104 -> "layer2packetSectionData";
      case 136 -> "flowEndReason";
      case 139 -> "icmpTypeCodeIPv6";
      case 148 -> "flowId";
      default -> ofLater(element);
    };
  }

  private static String ofLater(int element) {
    return switch (element) {
      case 150 -> "flowStartSeconds";
      case 151 -> "flowEndSeconds";
      case 152 -> "flowStartMilliseconds";
      case 153 -> "flowEndMilliseconds";
      case 154 -> "flowStartMicroseconds";
      case 155 -> "flowEndMicroseconds";
      case 156 -> "flowStartNanoseconds";
      case 157 -> "flowEndNanoseconds";
      case 158 -> "flowStartDeltaMicroseconds";
      case 159 -> "flowEndDeltaMicroseconds";
      case 160 -> "systemInitTimeMilliseconds";
      case 176 -> "icmpTypeIPv4";
      case 177 -> "icmpCodeIPv4";
      case 178 -> "icmpTypeIPv6";
      case 179 -> "icmpCodeIPv6";
      case 180 -> "udpSourcePort";
      case 181 -> "udpDestinationPort";
      case 182 -> "tcpSourcePort";
      case 183 -> "tcpDestinationPort";
      case 230 -> "natEvent";
      case 231 -> "initiatorOctets";
      case 232 -> "responderOctets";
      case 233 -> "firewallEvent";
      case 298 -> "initiatorPackets";
      case 299 -> "responderPackets";
      case 302 -> "selectorId";
      case 305 -> "samplingPacketInterval";
      case 306 -> "samplingPacketSpace";
      case 309 -> "samplingSize";
      case 310 -> "samplingPopulation";
      case 311 -> "samplingProbability";
      case 312 -> "dataLinkFrameSize";
      case 313 -> "ipHeaderPacketSection";
      case 315 -> "dataLinkFrameSection";
      default -> Integer.toString(element);
    };
  }
}
