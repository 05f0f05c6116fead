package dev.patronus.source.netflow.template;

/// The supported information elements, each with its index in a [Layout].
///
/// Plain numbers, so that the place is a constant in the compiled code. Sources: IANA "IPFIX
/// Information Elements"; RFC 3954 §8, whose field types are the same numbers up to 127; RFC 5103
/// for the reverse direction; RFC 5477 §8.5 for sampled packets; Cisco "ASA NetFlow Implementation
/// Guide" for firewall events; vendors' registries for the elements that stand for IANA's.
public final class FieldIndex {
  /// Marks an element that is skipped by its length.
  public static final int NONE = -1;

  public static final int SRC_V4 = 0;
  public static final int DST_V4 = 1;
  public static final int SRC_V6 = 2;
  public static final int DST_V6 = 3;
  public static final int SRC_PORT = 4;
  public static final int DST_PORT = 5;
  public static final int PROTOCOL = 6;
  public static final int IP_VERSION = 7;
  public static final int ICMP_V4 = 8;
  public static final int ICMP_V6 = 9;
  public static final int ICMP_TYPE_V4 = 10;
  public static final int ICMP_CODE_V4 = 11;
  public static final int ICMP_TYPE_V6 = 12;
  public static final int ICMP_CODE_V6 = 13;

  static final int BYTES = 14;
  static final int PACKETS = 15;
  public static final int BYTES_TOTAL = 16;
  public static final int PACKETS_TOTAL = 17;
  static final int BYTES_OUT = 18;
  static final int PACKETS_OUT = 19;
  public static final int INITIATOR_BYTES = 20;
  static final int INITIATOR_PACKETS = 21;
  public static final int RESPONDER_BYTES = 22;
  static final int RESPONDER_PACKETS = 23;
  static final int REVERSE_BYTES = 24;
  static final int REVERSE_PACKETS = 25;
  public static final int REVERSE_BYTES_TOTAL = 26;
  public static final int REVERSE_PACKETS_TOTAL = 27;
  public static final int REVERSE_ICMP_V4 = 28;
  public static final int REVERSE_ICMP_V6 = 29;

  public static final int START_UPTIME = 30;
  public static final int END_UPTIME = 31;
  public static final int START_SECONDS = 32;
  public static final int END_SECONDS = 33;
  public static final int START_MILLIS = 34;
  public static final int END_MILLIS = 35;
  static final int START_MICROS = 36;
  static final int END_MICROS = 37;
  static final int START_NANOS = 38;
  static final int END_NANOS = 39;
  public static final int START_DELTA = 40;
  public static final int END_DELTA = 41;
  public static final int BOOT_MILLIS = 42;
  public static final int END_REASON = 43;
  public static final int DIRECTION = 44;

  public static final int INTERVAL = 45;
  public static final int SAMPLER_ID = 46;
  public static final int SELECTOR_ID = 47;
  public static final int SAMPLER_INTERVAL = 48;
  public static final int PACKET_INTERVAL = 49;
  public static final int PACKET_SPACE = 50;
  public static final int SAMPLE_SIZE = 51;
  public static final int SAMPLE_POPULATION = 52;
  public static final int PROBABILITY = 53;

  public static final int CONNECTION = 54;
  public static final int FIREWALL_EVENT = 55;
  public static final int FRAME = 56;
  public static final int IP_PACKET = 57;
  public static final int FRAME_SIZE = 58;

  public static final int NAT_EVENT = 59;

  /// How many there are; at most 64, the bits of [Layout#present].
  public static final int COUNT = 60;

  /// The enterprise number that turns an element round: RFC 5103 §6.1.
  private static final int REVERSE = 29305;

  private static final int CISCO = 9;
  private static final int IXIA = 3054;
  private static final int PROCERA = 15397;

  /// Where Cisco's own elements begin in NetFlow v9, which has no enterprise numbers.
  private static final int CISCO_IN_V9 = 0x8000;

  private FieldIndex() {}

  /// The place of an element, or [#NONE].
  ///
  /// @param enterprise the private enterprise number, 0 for IANA's elements
  static int of(int enterprise, int element) {
    return switch (enterprise) {
      case 0 -> ofIana(element);
      case REVERSE -> ofReverse(element);
      case CISCO -> ofCisco(element);
      case IXIA -> element == 176 ? REVERSE_BYTES : element == 177 ? REVERSE_PACKETS : NONE;
      case PROCERA -> element == 3 ? BYTES : element == 4 ? REVERSE_BYTES : NONE;
      default -> NONE;
    };
  }

  /// Whether a vendor's element stands for one of IANA's: it counts where a template lacks that.
  static boolean isStandIn(int enterprise, int element) {
    return enterprise == 0 ? element >= CISCO_IN_V9 : enterprise != REVERSE;
  }

  /// Client and server of a connection, whose initiator's counters are from client to server.
  private static int ofCisco(int element) {
    return switch (element) {
      case 12236 -> SRC_V4;
      case 12237 -> DST_V4;
      case 12240 -> SRC_PORT;
      case 12241 -> DST_PORT;
      default -> NONE;
    };
  }

  private static int ofIana(int element) {
    return switch (element) {
      case 1 -> BYTES;
      case 2 -> PACKETS;
      case 4 -> PROTOCOL;
      case 7, 180, 182 -> SRC_PORT; // sourceTransportPort, udpSourcePort, tcpSourcePort
      case 8 -> SRC_V4;
      case 11, 181, 183 -> DST_PORT;
      case 12 -> DST_V4;
      case 21 -> END_UPTIME;
      case 22 -> START_UPTIME;
      case 23 -> BYTES_OUT;
      case 24 -> PACKETS_OUT;
      case 27 -> SRC_V6;
      case 28 -> DST_V6;
      case 32 -> ICMP_V4;
      case 34 -> INTERVAL;
      case 48 -> SAMPLER_ID;
      case 50 -> SAMPLER_INTERVAL;
      case 60 -> IP_VERSION;
      case 61 -> DIRECTION;
      case 85 -> BYTES_TOTAL;
      case 86 -> PACKETS_TOTAL;
      default -> ofLaterIana(element);
    };
  }

  private static int ofLaterIana(int element) {
    return switch (element) {
      case 136 -> END_REASON;
      case 139 -> ICMP_V6;
      case 148 -> CONNECTION;
      case 150 -> START_SECONDS;
      case 151 -> END_SECONDS;
      case 152 -> START_MILLIS;
      case 153 -> END_MILLIS;
      case 154 -> START_MICROS;
      case 155 -> END_MICROS;
      case 156 -> START_NANOS;
      case 157 -> END_NANOS;
      case 158 -> START_DELTA;
      case 159 -> END_DELTA;
      case 160 -> BOOT_MILLIS;
      case 176 -> ICMP_TYPE_V4;
      case 177 -> ICMP_CODE_V4;
      case 178 -> ICMP_TYPE_V6;
      case 179 -> ICMP_CODE_V6;
      case 230 -> NAT_EVENT;
      case 231 -> INITIATOR_BYTES;
      case 232 -> RESPONDER_BYTES;
      case 233, 40005 -> FIREWALL_EVENT; // 40005: ASA before 8.4
      case 298 -> INITIATOR_PACKETS;
      case 299 -> RESPONDER_PACKETS;
      case 302 -> SELECTOR_ID;
      case 305 -> PACKET_INTERVAL;
      case 306 -> PACKET_SPACE;
      case 309 -> SAMPLE_SIZE;
      case 310 -> SAMPLE_POPULATION;
      case 311 -> PROBABILITY;
      case 312 -> FRAME_SIZE;
      case 313 -> IP_PACKET;
      case 104, 315 -> FRAME; // layer2packetSectionData, dataLinkFrameSection
      // 352 and its like count layer 2 bytes: not ours
      default -> element >= CISCO_IN_V9 ? ofCisco(element - CISCO_IN_V9) : NONE;
    };
  }

  private static int ofReverse(int element) {
    return switch (element) {
      case 1 -> REVERSE_BYTES;
      case 2 -> REVERSE_PACKETS;
      case 32 -> REVERSE_ICMP_V4;
      case 85 -> REVERSE_BYTES_TOTAL;
      case 86 -> REVERSE_PACKETS_TOTAL;
      case 139 -> REVERSE_ICMP_V6;
      default -> NONE;
    };
  }

  /// Whether it is an address, or says of which version the addresses are.
  static boolean isAddress(int slot) {
    return slot <= DST_V6 || slot == IP_VERSION || slot == FRAME || slot == IP_PACKET;
  }

  /// Whether it counts packets or bytes.
  static boolean isCounter(int slot) {
    return slot >= BYTES && slot <= REVERSE_PACKETS_TOTAL;
  }

  /// Whether a field of this length can be read as the element.
  static boolean fits(int slot, int length) {
    return switch (slot) {
      case SRC_V4, DST_V4 -> length == 4;
      case SRC_V6, DST_V6 -> length == 16;
      case START_MICROS, END_MICROS, START_NANOS, END_NANOS -> length == 8;
      case PROBABILITY -> length == 4 || length == 8;
      case FRAME, IP_PACKET -> length >= 20; // of variable length mostly
      default -> length >= 1 && length <= 8;
    };
  }
}
