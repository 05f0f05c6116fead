package dev.patronus.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What tshark counts in a capture: packets and IP bytes, by protocol and by flow.
public final class Tshark {
  /// How much there is of something.
  public record Total(long packets, long bytes) {
    Total plus(long more) {
      return new Total(packets + 1, bytes + more);
    }
  }

  /// The columns that are asked for, in this order.
  private enum Field {
    PROTOCOLS("frame.protocols"),
    IP_LEN("ip.len"),
    IP_SRC("ip.src"),
    IP_DST("ip.dst"),
    IP_PROTO("ip.proto"),
    IP_FRAGMENT("ip.frag_offset"),
    IPV6_PLEN("ipv6.plen"),
    IPV6_SRC("ipv6.src"),
    IPV6_DST("ipv6.dst"),
    IPV6_NEXT("ipv6.nxt"),
    HOP_BY_HOP_NEXT("ipv6.hopopts.nxt"),
    DESTINATION_NEXT("ipv6.dstopts.nxt"),
    ROUTING_NEXT("ipv6.routing.nxt"),
    AUTHENTICATION_NEXT("ah.next_header"),
    FRAGMENT_NEXT("ipv6.fraghdr.nxt"),
    FRAGMENT_OFFSET("ipv6.fraghdr.offset"),
    TCP_SRC("tcp.srcport"),
    TCP_DST("tcp.dstport"),
    UDP_SRC("udp.srcport"),
    UDP_DST("udp.dstport"),
    ICMP_TYPE("icmp.type"),
    ICMP_CODE("icmp.code"),
    ICMPV6_TYPE("icmpv6.type"),
    ICMPV6_CODE("icmpv6.code");

    private final String name;

    Field(String name) {
      this.name = name;
    }
  }

  /// What tshark says about one packet.
  private record Row(Map<Field, String> values) {
    static Row of(String line) {
      Iterator<String> values = List.of(line.split("\t", -1)).iterator();
      Map<Field, String> row = new EnumMap<>(Field.class);
      for (Field field : Field.values()) {
        row.put(field, values.next());
      }
      return new Row(row);
    }

    String text(Field field) {
      return values.get(field);
    }

    boolean has(Field field) {
      return !text(field).isEmpty();
    }

    /// 4 or 6, of the outermost IP header; 0 if there is none.
    int outerVersion() {
      for (String protocol : text(Field.PROTOCOLS).split(":", -1)) {
        if (protocol.equals("ip") || protocol.equals("ipv6")) {
          return protocol.equals("ip") ? 4 : 6;
        }
      }
      return 0;
    }

    /// The number in a field; 0 if it is empty.
    int number(Field field) {
      return has(field) ? Integer.decode(text(field)) : 0;
    }

    /// The first of these that is there.
    int firstOf(Field... fields) {
      for (Field field : fields) {
        if (has(field)) {
          return number(field);
        }
      }
      return 0;
    }
  }

  private Tshark() {}

  /// The totals of a capture by `src:port > dst:port protocol`. Of ICMP the ports are 0 and type
  /// and code as `type << 8 | code`; of a fragment that is not the first they are 0.
  ///
  /// Packets are not put together again, and only the first IP header of each counts. Of a chain of
  /// extension headers the destination options are taken to be the last, then the fragment header,
  /// as RFC 8200 §4.1 recommends.
  public static Map<String, Total> flows(Path capture) {
    Map<String, Total> flows = new TreeMap<>();
    for (String line : lines(capture)) {
      Row row = Row.of(line);
      int version = row.outerVersion();
      if (version == 4 && row.has(Field.IP_LEN)) {
        add(flows, v4(row), row.number(Field.IP_LEN));
      } else if (version == 6 && row.has(Field.IPV6_PLEN)) {
        add(flows, v6(row), 40 + row.number(Field.IPV6_PLEN));
      }
    }
    return flows;
  }

  private static List<String> lines(Path capture) {
    List<Object> words = new ArrayList<>(List.of("-n", "-r", capture));
    words.addAll(List.of("-T", "fields", "-E", "occurrence=f", "-E", "separator=/t"));
    words.addAll(List.of("-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE"));
    words.addAll(List.of("-o", "tcp.desegment_tcp_streams:FALSE"));
    for (Field field : Field.values()) {
      words.addAll(List.of("-e", field.name));
    }
    return Namespace.succeed(Program.of("tshark", words.toArray())).lines().toList();
  }

  private static void add(Map<String, Total> flows, String flow, int bytes) {
    flows.merge(flow, new Total(1, bytes), (total, _) -> total.plus(bytes));
  }

  private static String v4(Row row) {
    boolean later = row.number(Field.IP_FRAGMENT) != 0;
    int protocol = row.number(Field.IP_PROTO);
    return flow(row.text(Field.IP_SRC), row.text(Field.IP_DST), protocol, later, row);
  }

  private static String v6(Row row) {
    boolean later = row.number(Field.FRAGMENT_OFFSET) != 0;
    int protocol =
        row.firstOf(
            Field.DESTINATION_NEXT,
            Field.AUTHENTICATION_NEXT,
            Field.FRAGMENT_NEXT,
            Field.ROUTING_NEXT,
            Field.HOP_BY_HOP_NEXT,
            Field.IPV6_NEXT);
    return flow(row.text(Field.IPV6_SRC), row.text(Field.IPV6_DST), protocol, later, row);
  }

  private static String flow(String src, String dst, int protocol, boolean later, Row row) {
    return switch (later ? 0 : protocol) {
      case 1 -> key(src, 0, dst, icmp(row, Field.ICMP_TYPE, Field.ICMP_CODE), protocol);
      case 6 -> key(src, row.number(Field.TCP_SRC), dst, row.number(Field.TCP_DST), protocol);
      case 17 -> key(src, row.number(Field.UDP_SRC), dst, row.number(Field.UDP_DST), protocol);
      case 58 -> key(src, 0, dst, icmp(row, Field.ICMPV6_TYPE, Field.ICMPV6_CODE), protocol);
      default -> key(src, 0, dst, 0, protocol);
    };
  }

  private static int icmp(Row row, Field type, Field code) {
    return row.number(type) << 8 | row.number(code);
  }

  /// How a flow is named in the totals.
  public static String key(Object src, int from, Object dst, int to, int protocol) {
    return src + ":" + from + " > " + dst + ":" + to + " " + protocol;
  }
}
