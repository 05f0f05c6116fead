package dev.patronus.flow.filter;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.IpPrefix;
import dev.patronus.flow.filter.FlowFilter.And;
import dev.patronus.flow.filter.FlowFilter.Measure;
import dev.patronus.flow.filter.FlowFilter.Not;
import dev.patronus.flow.filter.FlowFilter.Or;
import dev.patronus.flow.filter.FlowFilter.Ports;
import dev.patronus.flow.filter.FlowFilter.Side;
import dev.patronus.policy.Quantity;
import dev.patronus.policy.TrafficLimit.Relation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// Parses the text of a [FlowFilter].
///
/// ```
/// filter   = all { "or" all }                        "||"
/// all      = one { "and" one }                       "&&"
/// one      = { "not" } ( "(" filter ")" | term )     "!"
/// term     = qualifier value | word | value          value alone: of the last qualifier
/// value    = { "not" } ( "(" value { ("and" | "or") value } ")" | atom )
/// ```
///
/// As pcap-filter(7) has it, a value without a qualifier takes that of the value before it: `src
/// port 80 or 443` is `src port 80 or src port 443`.
///
/// Confined to one thread; used once. Time and memory grow with the length of the text alone.
final class FilterParser {
  /// The most brackets within each other.
  private static final int BRACKETS_MAX = 64;

  /// The protocols that are conditions by their names alone.
  private static final Map<String, Integer> PROTOCOLS =
      Map.ofEntries(
          Map.entry("tcp", FlowKey.TCP),
          Map.entry("udp", FlowKey.UDP),
          Map.entry("sctp", 132),
          Map.entry("icmp", FlowKey.ICMP),
          Map.entry("icmp6", FlowKey.ICMPV6),
          Map.entry("icmpv6", FlowKey.ICMPV6),
          Map.entry("igmp", 2),
          Map.entry("gre", 47),
          Map.entry("esp", 50),
          Map.entry("ah", 51),
          Map.entry("pim", 103),
          Map.entry("vrrp", 112));

  private static final String TERM =
      "a condition such as host, net, port, proto, tcp, policy or bytes";

  /// What a value is, which gives its words and what is expected.
  private enum Kind {
    ADDRESS("an address or a prefix"),
    HOST("an address"),
    NET("a prefix such as 10.0.0.0/8"),
    PORT("a port from 0 to 65535"),
    PORTRANGE("a range of ports such as 5060-5090"),
    PROTO("the name of a protocol or a number from 0 to 255"),
    POLICY("the name or id of a policy"),
    PATH("the number of a path"),
    EXPORTER("the address of an exporter");

    private final String expected;

    Kind(String expected) {
      this.expected = expected;
    }
  }

  /// What stands before a value.
  ///
  /// @param version 4 or 6 if only of this version of IP, else 0
  /// @param protocol of ports; [Ports#ANY] for all
  private record Qualifier(Kind kind, Side side, int version, int protocol) {
    Qualifier(Kind kind) {
      this(kind, Side.EITHER, 0, Ports.ANY);
    }
  }

  private final List<FilterToken> tokens;
  private final ToLongFunction<String> policies;
  private int next;
  private int depth;
  private int joinedParts; // of the list that was read last
  private boolean mixed;
  private @Nullable Qualifier last; // null if a value needs a qualifier, and an address is a host

  FilterParser(String text, ToLongFunction<String> policies) {
    requireFits(text, "");
    this.tokens = FilterToken.split(text);
    this.policies = policies;
  }

  private static void requireFits(String text, String as) {
    if (text.length() > FlowFilter.LENGTH_MAX) {
      throw new UnreadableFilter(
          "the filter has "
              + text.length()
              + " characters"
              + as
              + ", at most "
              + FlowFilter.LENGTH_MAX
              + " are possible",
          "",
          null);
    }
  }

  /// The filter, whose own text, in which qualifiers are repeated, has at most
  /// [FlowFilter#LENGTH_MAX] characters, too: a client sends it to the daemon.
  FlowFilter parse() {
    FlowFilter filter = whole();
    requireFits(filter.toString(), " when each value is written with its qualifier");
    return filter;
  }

  private FlowFilter whole() {
    if (peek().isEnd()) {
      return FlowFilter.ALL;
    }
    FlowFilter filter = any();
    if (peek().is(")")) {
      throw new UnreadableFilter("the ')' at character " + peek().at() + " has no '('", ")", null);
    }
    if (!peek().isEnd()) {
      throw refused("'and', 'or' or the end");
    }
    return filter;
  }

  /// Whether an `and` comes behind an `or` without brackets, so that it means something else where
  /// both bind alike.
  boolean isMixed() {
    return mixed;
  }

  private FlowFilter any() {
    return joined("or", "||", this::all, Or::of);
  }

  private FlowFilter all() {
    return joined("and", "&&", this::one, And::of);
  }

  private FlowFilter joined(
      String word,
      String sign,
      Supplier<FlowFilter> part,
      Function<List<FlowFilter>, FlowFilter> join) {
    List<FlowFilter> parts = new ArrayList<>(List.of(part.get()));
    while (take(word) || take(sign)) {
      parts.add(part.get());
      mixed |= word.equals("or") && joinedParts > 1;
    }
    joinedParts = parts.size();
    return join.apply(parts);
  }

  private FlowFilter one() {
    boolean negated = negated();
    FlowFilter part = take("(") ? enclosed(this::any) : term();
    return negated ? Not.of(part) : part;
  }

  /// Takes any number of `not`.
  private boolean negated() {
    boolean negated = false;
    while (take("not") || take("!")) {
      negated = !negated;
    }
    return negated;
  }

  private FlowFilter enclosed(Supplier<FlowFilter> inner) {
    if (++depth > BRACKETS_MAX) {
      throw new UnreadableFilter(
          "more than " + BRACKETS_MAX + " brackets within each other at character " + before(),
          "(",
          null);
    }
    FlowFilter filter = inner.get();
    if (!take(")")) {
      throw refused("'and', 'or' or ')'");
    }
    depth--;
    return filter;
  }

  /// The place of the token that was taken last.
  private int before() {
    return tokens.get(next - 1).at();
  }

  private FlowFilter term() {
    FilterToken token = peek();
    if (!token.isWord()) {
      throw refused(TERM);
    }
    String word = token.quoted() ? "" : token.word();
    if (PROTOCOLS.containsKey(word)) {
      return protocol(word);
    }
    return switch (word) {
      case "ip", "ipv4", "inet" -> version(4);
      case "ip6", "ipv6", "inet6" -> version(6);
      case "src", "dst", "host", "net", "port", "portrange" -> endpoint(0, Ports.ANY);
      case "proto" -> qualified(new Qualifier(Kind.PROTO));
      case "policy" -> qualified(new Qualifier(Kind.POLICY));
      case "path" -> qualified(new Qualifier(Kind.PATH));
      case "exporter" -> qualified(new Qualifier(Kind.EXPORTER));
      case "unmatched" -> word(new FlowFilter.Unmatched());
      case "bytes", "packets", "rate" -> amount();
      default -> alone(token);
    };
  }

  /// A condition of one word: no value can follow.
  private FlowFilter word(FlowFilter filter) {
    next++;
    last = null;
    return filter;
  }

  /// A value without a qualifier.
  private FlowFilter alone(FilterToken token) {
    if (last != null) {
      return atom(last);
    }
    if (token.quoted() || !isAddress(token)) {
      throw refused(TERM);
    }
    last = new Qualifier(Kind.ADDRESS);
    return atom(last);
  }

  private static boolean isAddress(FilterToken token) {
    return token.text().indexOf('.') > 0 || token.text().indexOf(':') >= 0;
  }

  /// `tcp`, or `tcp [src|dst] port N`.
  private FlowFilter protocol(String word) {
    int number = PROTOCOLS.getOrDefault(word, 0);
    next++;
    boolean hasPorts = word.equals("tcp") || word.equals("udp") || word.equals("sctp");
    if (hasPorts && isOneOf("src", "dst", "port", "portrange")) {
      return endpoint(0, number);
    }
    last = null;
    return new FlowFilter.Protocol(0, number);
  }

  /// The word of a protocol whose ports can be asked for.
  static String transport(int protocol) {
    return protocol == FlowKey.TCP ? "tcp" : protocol == FlowKey.UDP ? "udp" : "sctp";
  }

  /// `ip`, `ip proto N`, `ip [src|dst] host A`, or `ip A`.
  private FlowFilter version(int version) {
    next++;
    if (take("proto")) {
      return qualified(next, new Qualifier(Kind.PROTO, Side.EITHER, version, Ports.ANY));
    }
    if (isOneOf("src", "dst", "host", "net") || isAddress(peek())) {
      return endpoint(version, Ports.ANY);
    }
    last = null;
    return new FlowFilter.Version(version);
  }

  /// `[src|dst|src or dst|src and dst] [host|net|port|portrange] value`.
  private FlowFilter endpoint(int version, int protocol) {
    Side side = side();
    FilterToken token = peek();
    Kind kind =
        switch (token.quoted() ? "" : token.word()) {
          case "host" -> Kind.HOST;
          case "net" -> Kind.NET;
          case "port" -> Kind.PORT;
          case "portrange" -> Kind.PORTRANGE;
          default -> Kind.ADDRESS;
        };
    boolean ports = kind == Kind.PORT || kind == Kind.PORTRANGE;
    if (protocol != Ports.ANY && !ports) {
      throw refused("port or portrange");
    }
    if (version != 0 && ports) {
      throw refused("host, net or an address");
    }
    boolean startsValue = isAddress(token) || isOneOf("not", "!", "(");
    if (kind == Kind.ADDRESS && !startsValue) {
      throw refused("host, net, port, portrange, an address or a prefix");
    }
    return qualified(
        kind == Kind.ADDRESS ? next : next + 1, new Qualifier(kind, side, version, protocol));
  }

  private Side side() {
    if (!isOneOf("src", "dst")) {
      return Side.EITHER;
    }
    boolean src = tokens.get(next++).is("src");
    boolean joins = isOneOf("or", "and", "||", "&&");
    if (joins && tokens.get(next + 1).is(src ? "dst" : "src")) {
      boolean both = isOneOf("and", "&&");
      next += 2;
      return both ? Side.BOTH : Side.EITHER;
    }
    return src ? Side.SRC : Side.DST;
  }

  /// A qualifier of one word and its value.
  private FlowFilter qualified(Qualifier qualifier) {
    return qualified(next + 1, qualifier);
  }

  private FlowFilter qualified(int valueAt, Qualifier qualifier) {
    next = valueAt;
    last = qualifier;
    return value(qualifier);
  }

  private FlowFilter value(Qualifier qualifier) {
    boolean negated = negated();
    FlowFilter part = take("(") ? enclosed(() -> values(qualifier)) : atom(qualifier);
    return negated ? Not.of(part) : part;
  }

  private FlowFilter values(Qualifier qualifier) {
    return joined("or", "||", () -> joined("and", "&&", () -> value(qualifier), And::of), Or::of);
  }

  private FlowFilter atom(Qualifier of) {
    FilterToken token = peek();
    if (of.kind() == Kind.PORT && Relation.of(token.text()).isPresent()) {
      return portsBeyond(of);
    }
    if (!token.isWord() || isOneOf("and", "or")) {
      throw refused(of.kind().expected);
    }
    next++;
    FlowFilter read = read(of, token);
    boolean masked = of.kind() == Kind.NET && peek().is("mask") && token.text().indexOf('/') < 0;
    return masked && read instanceof FlowFilter.Net(Side _, IpPrefix prefix) && prefix.isV4()
        ? masked(of, prefix.first())
        : read;
  }

  /// The condition of a value that has just been taken.
  private FlowFilter read(Qualifier of, FilterToken token) {
    try {
      return switch (of.kind()) {
        case ADDRESS, NET -> net(of, token.text());
        case HOST -> host(of, token.text());
        case PORT -> {
          int port = number(token.text(), 0xffff);
          yield new Ports(of.side(), port, port, of.protocol());
        }
        case PORTRANGE -> range(of, token.text());
        case PROTO -> new FlowFilter.Protocol(of.version(), protocolNumber(token.text()));
        case POLICY -> new FlowFilter.OfPolicy(policies.applyAsLong(token.text()));
        case PATH -> new FlowFilter.OnPath(Long.parseLong(token.text()));
        case EXPORTER -> new FlowFilter.FromExporter(IpAddress.parse(token.text()));
      };
    } catch (IllegalArgumentException e) {
      next--;
      throw refused(of.kind().expected, e);
    }
  }

  /// An address, a prefix, or the first parts of an IPv4 network: `10`, `10.1/16`.
  private static FlowFilter net(Qualifier of, String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    boolean v6 = address.indexOf(':') >= 0;
    int parts = v6 ? 4 : (int) address.chars().filter(c -> c == '.').count() + 1;
    boolean isNet = of.kind() == Kind.NET || slash >= 0;
    String whole = parts < 4 && isNet ? address + ".0".repeat(4 - parts) : address;
    String length = slash >= 0 ? text.substring(slash) : parts < 4 && isNet ? "/" + 8 * parts : "";
    return inVersion(of, IpPrefix.parse(whole + length));
  }

  /// `net 10.0.0.0 mask 255.0.0.0`.
  private FlowFilter masked(Qualifier of, IpAddress address) {
    next++;
    try {
      IpAddress mask = IpAddress.parse(peek().text());
      int bits = Integer.numberOfLeadingZeros(~(int) mask.low());
      if (!mask.isV4() || (bits < 32 && (int) mask.low() << bits != 0)) {
        throw new IllegalArgumentException("not a mask");
      }
      next++;
      return new FlowFilter.Net(of.side(), new IpPrefix(address, 96 + bits));
    } catch (IllegalArgumentException e) {
      throw refused("a mask such as 255.0.0.0", e);
    }
  }

  private static FlowFilter host(Qualifier of, String text) {
    return inVersion(of, new IpPrefix(IpAddress.parse(text), 128));
  }

  private static FlowFilter inVersion(Qualifier of, IpPrefix prefix) {
    if (of.version() != 0 && prefix.isV4() != (of.version() == 4)) {
      throw new IllegalArgumentException("of the other version of IP");
    }
    return new FlowFilter.Net(of.side(), prefix);
  }

  private static FlowFilter range(Qualifier of, String text) {
    int dash = text.indexOf('-');
    int one = number(dash < 0 ? text : text.substring(0, dash), 0xffff);
    int other = dash < 0 ? one : number(text.substring(dash + 1), 0xffff);
    return new Ports(of.side(), Math.min(one, other), Math.max(one, other), of.protocol());
  }

  /// `port > 1023`, as nfdump has it.
  private FlowFilter portsBeyond(Qualifier of) {
    Relation relation = Relation.of(tokens.get(next++).text()).orElseThrow();
    int port;
    try {
      port = number(peek().text(), 0xffff);
    } catch (IllegalArgumentException e) {
      throw refused(of.kind().expected, e);
    }
    int low =
        switch (relation) {
          case MORE -> port + 1;
          case AT_LEAST, EQUAL -> port;
          case LESS, AT_MOST -> 0;
        };
    int high =
        switch (relation) {
          case MORE, AT_LEAST -> 0xffff;
          case EQUAL, AT_MOST -> port;
          case LESS -> port - 1;
        };
    if (low > high) {
      throw refused("a port that others are beyond");
    }
    next++;
    return new Ports(of.side(), low, high, of.protocol());
  }

  private static int protocolNumber(String text) {
    String word = FilterToken.lower(text.startsWith("\\") ? text.substring(1) : text);
    Integer known = PROTOCOLS.get(word);
    return known == null ? number(word, 0xff) : known;
  }

  private static int number(String text, int most) {
    boolean digits = !text.isEmpty() && text.length() <= 5;
    for (int i = 0; digits && i < text.length(); i++) {
      digits = text.charAt(i) >= '0' && text.charAt(i) <= '9';
    }
    int number = digits ? Integer.parseInt(text) : -1;
    if (number < 0 || number > most) {
      throw new IllegalArgumentException("not a number from 0 to " + most);
    }
    return number;
  }

  /// `bytes > 1M`.
  private FlowFilter amount() {
    Measure measure = Measure.valueOf(FilterToken.upper(peek().text()));
    next++;
    last = null;
    Relation relation = Relation.of(peek().text()).orElse(null);
    if (relation == null) {
      throw refused(">, >=, <, <= or =");
    }
    next++;
    FilterToken number = peek();
    try {
      double bound = Quantity.parse(number.text(), measure.unit());
      next++;
      return new FlowFilter.Amount(measure, relation, bound);
    } catch (IllegalArgumentException e) {
      throw refused("a number such as 500, 1.5M, 10GB or 100Mbit/s", e);
    }
  }

  private FilterToken peek() {
    return tokens.get(next);
  }

  private boolean isOneOf(String... words) {
    for (String word : words) {
      if (peek().is(word)) {
        return true;
      }
    }
    return false;
  }

  private boolean take(String word) {
    boolean there = peek().is(word);
    next += there ? 1 : 0;
    return there;
  }

  private UnreadableFilter refused(String expected) {
    return refused(expected, null);
  }

  /// The refusal of the next token.
  private UnreadableFilter refused(String expected, @Nullable IllegalArgumentException why) {
    FilterToken token = peek();
    String message =
        token.isEnd()
            ? "the filter ends where " + expected + " is expected"
            : "expected "
                + expected
                + " at character "
                + token.at()
                + ", not '"
                + token.text()
                + "'";
    return new UnreadableFilter(message, token.text(), why);
  }
}
