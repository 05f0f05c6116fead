package dev.patronus.flow.filter;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.IpPrefix;
import dev.patronus.policy.Quantity;
import dev.patronus.policy.TrafficLimit.Relation;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/// A condition on flows: `src net 10.0.0.0/8 and (dst port 443 or udp)`.
///
/// Immutable. [#toString] gives a text that [#parse] reads as the same filter; policies are ids in
/// it.
///
/// The language is that of pcap-filter(7) for addresses, ports and protocols, with these
/// differences: `and` binds tighter than `or`, as in nfdump(1), and names of hosts and services are
/// not looked up.
public sealed interface FlowFilter {
  /// The filter that every flow matches.
  FlowFilter ALL = new And(List.of());

  /// The longest text of a filter, in characters.
  int LENGTH_MAX = 8192;

  boolean matches(FlowView flow);

  /// The number of comparisons that it makes at most.
  int terms();

  /// Whether it compares the path of a flow.
  boolean readsPath();

  /// Reads a filter; an empty text is [#ALL].
  ///
  /// @param policies the id of the policy of a name or id; what it throws is thrown here
  /// @throws UnreadableFilter that says where it cannot be read, and what is expected there
  static FlowFilter parse(String text, ToLongFunction<String> policies) {
    return new FilterParser(text, policies).parse();
  }

  /// Whether tcpdump, where `and` and `or` bind alike, would read a filter in another way.
  ///
  /// @throws UnreadableFilter if it cannot be read
  static boolean isUnlikeTcpdump(String text) {
    FilterParser parser = new FilterParser(text, _ -> 0);
    parser.parse();
    return parser.isMixed();
  }

  /// The flows that match both.
  static FlowFilter both(FlowFilter one, FlowFilter other) {
    return And.of(List.of(one, other));
  }

  /// Which end of a flow a condition is for.
  enum Side {
    EITHER(""),
    SRC("src "),
    DST("dst "),
    BOTH("src and dst ");

    private final String words;

    Side(String words) {
      this.words = words;
    }

    boolean holds(boolean src, boolean dst) {
      return switch (this) {
        case EITHER -> src || dst;
        case SRC -> src;
        case DST -> dst;
        case BOTH -> src && dst;
      };
    }
  }

  /// Filters that are combined.
  sealed interface Several extends FlowFilter {
    List<FlowFilter> parts();

    @Override
    default int terms() {
      return parts().stream().mapToInt(FlowFilter::terms).sum();
    }

    @Override
    default boolean readsPath() {
      return parts().stream().anyMatch(FlowFilter::readsPath);
    }

    /// The filters, with the parts of those that are combined in the same way in their place.
    private static List<FlowFilter> flat(
        List<FlowFilter> filters, Class<? extends Several> combination) {
      List<FlowFilter> flat = new ArrayList<>();
      for (FlowFilter each : filters) {
        if (combination.isInstance(each)) {
          flat.addAll(combination.cast(each).parts());
        } else {
          flat.add(each);
        }
      }
      return flat;
    }
  }

  /// All of them.
  record And(List<FlowFilter> parts) implements Several {
    public And {
      parts = List.copyOf(parts);
    }

    /// All of them, without an [And] within another.
    static FlowFilter of(List<FlowFilter> parts) {
      List<FlowFilter> flat = Several.flat(parts, And.class);
      return flat.size() == 1 ? flat.getFirst() : new And(flat);
    }

    @Override
    public boolean matches(FlowView flow) {
      for (FlowFilter part : parts) {
        if (!part.matches(flow)) {
          return false;
        }
      }
      return true;
    }

    @Override
    public String toString() {
      return parts.stream()
          .map(part -> part instanceof Or ? "(" + part + ")" : part.toString())
          .collect(Collectors.joining(" and "));
    }
  }

  /// At least one of them.
  record Or(List<FlowFilter> parts) implements Several {
    public Or {
      parts = List.copyOf(parts);
      if (parts.size() < 2) {
        throw new IllegalArgumentException("'or' needs two parts, has " + parts);
      }
    }

    /// At least one of them, without an [Or] within another.
    static FlowFilter of(List<FlowFilter> parts) {
      List<FlowFilter> flat = Several.flat(parts, Or.class);
      return flat.size() == 1 ? flat.getFirst() : new Or(flat);
    }

    @Override
    public boolean matches(FlowView flow) {
      for (FlowFilter part : parts) {
        if (part.matches(flow)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public String toString() {
      return parts.stream().map(FlowFilter::toString).collect(Collectors.joining(" or "));
    }
  }

  /// What does not match.
  record Not(FlowFilter part) implements FlowFilter {
    public Not {
      Objects.requireNonNull(part, "part");
    }

    /// The opposite, without a [Not] within another.
    static FlowFilter of(FlowFilter part) {
      return part instanceof Not(FlowFilter inner) ? inner : new Not(part);
    }

    @Override
    public boolean matches(FlowView flow) {
      return !part.matches(flow);
    }

    @Override
    public int terms() {
      return part.terms();
    }

    @Override
    public boolean readsPath() {
      return part.readsPath();
    }

    @Override
    public String toString() {
      return part instanceof And || part instanceof Or ? "not (" + part + ")" : "not " + part;
    }
  }

  /// A condition without parts.
  sealed interface Term extends FlowFilter {
    @Override
    default int terms() {
      return 1;
    }

    @Override
    default boolean readsPath() {
      return false;
    }
  }

  /// Addresses of a block; a block of IPv6 addresses contains no IPv4 address.
  record Net(Side side, IpPrefix prefix) implements Term {
    public Net {
      Objects.requireNonNull(side, "side");
      Objects.requireNonNull(prefix, "prefix");
    }

    @Override
    public boolean matches(FlowView flow) {
      return side.holds(
          contains(flow.srcHigh(), flow.srcLow()), contains(flow.dstHigh(), flow.dstLow()));
    }

    private boolean contains(long high, long low) {
      return prefix.contains(high, low) && IpAddress.isV4(high, low) == prefix.isV4();
    }

    @Override
    public String toString() {
      return side.words + (prefix.bits() == 128 ? "host " + prefix.first() : "net " + prefix);
    }
  }

  /// Ports from `low` to `high` of a protocol that has ports: TCP, UDP, DCCP, SCTP, UDP-Lite.
  ///
  /// @param protocol only of this one; [#ANY] for all that have ports
  record Ports(Side side, int low, int high, int protocol) implements Term {
    static final int ANY = -1;

    private static final int DCCP = 33;
    private static final int SCTP = 132;
    private static final int UDP_LITE = 136;

    public Ports {
      Objects.requireNonNull(side, "side");
      if (low < 0 || high > 0xffff || low > high) {
        throw new IllegalArgumentException("ports must be 0..65535, were " + low + "-" + high);
      }
    }

    @Override
    public boolean matches(FlowView flow) {
      int of = flow.protocol();
      return (protocol == ANY ? hasPorts(of) : of == protocol)
          && side.holds(contains(flow.srcPort()), contains(flow.dstPort()));
    }

    private static boolean hasPorts(int protocol) {
      return switch (protocol) {
        case FlowKey.TCP, FlowKey.UDP, DCCP, SCTP, UDP_LITE -> true;
        default -> false;
      };
    }

    private boolean contains(int port) {
      return port >= low && port <= high;
    }

    @Override
    public String toString() {
      String of = protocol == ANY ? "" : FilterParser.transport(protocol) + " ";
      String ports = low == high ? "port " + low : "portrange " + low + "-" + high;
      return of + side.words + ports;
    }
  }

  /// An IP protocol.
  ///
  /// @param version 4 or 6 if only of this version of IP, else 0
  /// @param number 0 to 255
  record Protocol(int version, int number) implements Term {
    public Protocol {
      if ((number & ~0xff) != 0) {
        throw new IllegalArgumentException("protocol must be 0..255, was " + number);
      }
    }

    @Override
    public boolean matches(FlowView flow) {
      return flow.protocol() == number && (version == 0 || Version.of(flow) == version);
    }

    @Override
    public String toString() {
      return (version == 0 ? "" : Version.word(version) + " ") + "proto " + number;
    }
  }

  /// A version of IP: 4 or 6.
  record Version(int version) implements Term {
    static int of(FlowView flow) {
      return IpAddress.isV4(flow.srcHigh(), flow.srcLow()) ? 4 : 6;
    }

    static String word(int version) {
      return version == 4 ? "ip" : "ip6";
    }

    @Override
    public boolean matches(FlowView flow) {
      return of(flow) == version;
    }

    @Override
    public String toString() {
      return word(version);
    }
  }

  /// Flows that are counted to a policy.
  record OfPolicy(long policyId) implements Term {
    @Override
    public boolean matches(FlowView flow) {
      return flow.policyId() == policyId;
    }

    @Override
    public String toString() {
      return "policy " + Long.toUnsignedString(policyId);
    }
  }

  /// Flows that no policy matches.
  record Unmatched() implements Term {
    @Override
    public boolean matches(FlowView flow) {
      return flow.isUnmatched();
    }

    @Override
    public String toString() {
      return "unmatched";
    }
  }

  /// Flows that take a path.
  record OnPath(long pathId) implements Term {
    @Override
    public boolean matches(FlowView flow) {
      OptionalLong path = flow.pathId();
      return path.isPresent() && path.getAsLong() == pathId;
    }

    @Override
    public boolean readsPath() {
      return true;
    }

    @Override
    public String toString() {
      return "path " + pathId;
    }
  }

  /// Flows that an exporter reported last.
  record FromExporter(IpAddress address) implements Term {
    public FromExporter {
      Objects.requireNonNull(address, "address");
    }

    @Override
    public boolean matches(FlowView flow) {
      return address.equals(flow.exporter());
    }

    @Override
    public String toString() {
      return "exporter " + address;
    }
  }

  /// What is measured of a flow.
  enum Measure {
    BYTES,
    PACKETS,
    /// Bytes per second.
    RATE;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    Quantity.Unit unit() {
      return this == RATE ? Quantity.Unit.BYTE_RATE : Quantity.Unit.AMOUNT;
    }

    double of(FlowView flow) {
      return switch (this) {
        case BYTES -> flow.bytes();
        case PACKETS -> flow.packets();
        case RATE -> flow.bytesPerSecond();
      };
    }
  }

  /// A comparison of a flow's volume or rate with a bound.
  record Amount(Measure measure, Relation relation, double bound) implements Term {
    public Amount {
      Objects.requireNonNull(measure, "measure");
      Objects.requireNonNull(relation, "relation");
      if (!(bound >= 0 && bound < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("bound must be finite, was " + bound);
      }
    }

    @Override
    public boolean matches(FlowView flow) {
      return relation.holds(measure.of(flow), bound);
    }

    @Override
    public String toString() {
      String number = BigDecimal.valueOf(bound).stripTrailingZeros().toPlainString();
      return measure.word() + " " + relation.sign() + " " + number;
    }
  }
}
