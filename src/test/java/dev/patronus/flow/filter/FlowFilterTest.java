package dev.patronus.flow.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FlowFilterTest {
  private static FlowFilter parse(String text) {
    return FlowFilter.parse(text, FlowFilterTest::policyId);
  }

  /// The policies here have the names of their ids, and `voice`, `web` and `North West`.
  private static long policyId(String name) {
    return switch (name) {
      case "voice" -> 7;
      case "web" -> -8;
      case "North West" -> 9;
      default -> Long.parseUnsignedLong(name);
    };
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "host 10.0.0.1 | host 10.0.0.1",
        "10.0.0.1 | host 10.0.0.1",
        "src 2001:DB8::1 | src host 2001:db8::1",
        "net 10.0.0.0/8 | net 10.0.0.0/8",
        "10.1.2.3/8 | net 10.0.0.0/8",
        "net 10 | net 10.0.0.0/8",
        "net 10.1 | net 10.1.0.0/16",
        "dst net 10.1/12 | dst net 10.0.0.0/12",
        "net 10.0.0.0 mask 255.240.0.0 | net 10.0.0.0/12",
        "net 10.0.0.1 | host 10.0.0.1",
        "ip6 src net 2001:db8::/32 | src net 2001:db8::/32",
        "ip 10.0.0.1 | host 10.0.0.1",
        "src or dst port 80 | port 80",
        "dst and src port 80 | src and dst port 80",
        "tcp dst port 443 | tcp dst port 443",
        "udp portrange 5090-5060 | udp portrange 5060-5090",
        "portrange 80 | port 80",
        "dst port > 1023 | dst portrange 1024-65535",
        "port <= 1 | portrange 0-1",
        "tcp | proto 6",
        "proto gre | proto 47",
        "ip proto \\udp | ip proto 17",
        "ICMP6 OR Ip6 | proto 58 or ip6",
        "policy voice | policy 7",
        "policy web or voice | policy 18446744073709551608 or policy 7",
        "policy 'North West' and tcp | policy 9 and proto 6",
        "policy \"voice\" | policy 7",
        "unmatched | unmatched",
        "path 12 or 13 | path 12 or path 13",
        "exporter 192.0.2.1 | exporter 192.0.2.1",
        "bytes > 1M | bytes > 1000000",
        "packets<=1.5k | packets <= 1500",
        "rate >= 8Mbit/s | rate >= 1000000",
        "bytes == 4KiB | bytes = 4096",
      })
  void each_condition_is_read(String text, String meaning) {
    assertEquals(meaning, parse(text).toString());
    assertEquals(parse(text), parse(meaning));
  }

  @ParameterizedTest
  @CsvSource({
    "port 80 or 443, port 80 or port 443",
    "src host 10.0.0.1 or 10.0.0.2, src host 10.0.0.1 or src host 10.0.0.2",
    "tcp dst port 80 or 443, tcp dst port 80 or tcp dst port 443",
    "port (80 or 443) and tcp, (port 80 or port 443) and proto 6",
    "port not 80, not port 80",
    "port 80 and not 443, port 80 and not port 443",
    "not host 10.0.0.1 and 10.0.0.2, not host 10.0.0.1 and host 10.0.0.2",
    "src 10.0.0.1 or 10.0.0.0/8, src host 10.0.0.1 or src net 10.0.0.0/8",
    "port 80 or (443 or 8080), port 80 or port 443 or port 8080",
    "proto 6 or 17, proto 6 or proto 17",
  })
  void a_value_alone_takes_the_words_of_the_one_before(String text, String meaning) {
    assertEquals(meaning, parse(text).toString());
  }

  @ParameterizedTest
  @CsvSource({
    "tcp or udp and ip, proto 6 or proto 17 and ip",
    "(tcp or udp) and ip, (proto 6 or proto 17) and ip",
    "not tcp and udp, not proto 6 and proto 17",
    "not (tcp and udp), not (proto 6 and proto 17)",
    "!tcp&&udp||ip, not proto 6 and proto 17 or ip",
    "not not tcp, proto 6",
    "not ! not tcp, not proto 6",
    "((((tcp)))), proto 6",
    "tcp and (udp and (ip and ip6)), proto 6 and proto 17 and ip and ip6",
  })
  void not_binds_tighter_than_and_and_that_tighter_than_or(String text, String meaning) {
    assertEquals(meaning, parse(text).toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "src net | the filter ends where a prefix such as 10.0.0.0/8 is expected",
        "src prot 80 | expected host, net, port, portrange, an address or a prefix at character 5,"
            + " not 'prot'",
        "tcp port 80 udp | expected 'and', 'or' or the end at character 13, not 'udp'",
        "port 80 or 10.0.0.1 | expected a port from 0 to 65535 at character 12, not '10.0.0.1'",
        "port https | expected a port from 0 to 65535 at character 6, not 'https'",
        "port 65536 | expected a port from 0 to 65535 at character 6, not '65536'",
        "port < 0 | expected a port that others are beyond at character 8, not '0'",
        "portrange 80-x | expected a range of ports such as 5060-5090 at character 11, not '80-x'",
        "host 10.0.0.0/8 | expected an address at character 6, not '10.0.0.0/8'",
        "host web1 | expected an address at character 6, not 'web1'",
        "net 10.0.0.0/33 | expected a prefix such as 10.0.0.0/8 at character 5, not '10.0.0.0/33'",
        "net 10.0.0.0 mask 255.0.255.0 | expected a mask such as 255.0.0.0 at character 19, not"
            + " '255.0.255.0'",
        "ip6 host 10.0.0.1 | expected an address at character 10, not '10.0.0.1'",
        "tcp and | the filter ends where a condition such as host, net, port, proto, tcp, policy or"
            + " bytes is expected",
        "(tcp | the filter ends where 'and', 'or' or ')' is expected",
        "tcp) | the ')' at character 4 has no '('",
        "tcp or 443 | expected a condition such as host, net, port, proto, tcp, policy or bytes at"
            + " character 8, not '443'",
        "tcp src host 10.0.0.1 | expected port or portrange at character 9, not 'host'",
        "bytes 5 | expected >, >=, <, <= or = at character 7, not '5'",
        "bytes != 5 | expected >, >=, <, <= or = at character 7, not '!='",
        "bytes > lots | expected a number such as 500, 1.5M, 10GB or 100Mbit/s at character 9, not"
            + " 'lots'",
        "policy and tcp | expected the name or id of a policy at character 8, not 'and'",
        "path x | expected the number of a path at character 6, not 'x'",
        "exporter fw1 | expected the address of an exporter at character 10, not 'fw1'",
        "policy 'a | the quotation at character 8 has no end",
        "tcp & udp | expected 'and', 'or' or the end at character 5, not '&'",
      })
  void what_cannot_be_read_is_refused_with_its_place(String text, String message) {
    UnreadableFilter e = assertThrows(UnreadableFilter.class, () -> parse(text));
    assertEquals(message, e.getMessage());
  }

  @Test
  void a_policy_that_is_not_there_is_refused_in_the_words_of_who_looks_it_up() {
    UserError unknown = new UserError(ExitCode.NOT_FOUND, "policy 'x' not found");
    assertSame(
        unknown,
        assertThrows(
            UserError.class,
            () ->
                FlowFilter.parse(
                    "tcp and policy x",
                    _ -> {
                      throw unknown;
                    })));
  }

  @Test
  void an_empty_text_is_the_filter_that_everything_matches() {
    assertEquals(FlowFilter.ALL, parse(" "));
    assertEquals("", FlowFilter.ALL.toString());
    assertTrue(FlowFilter.ALL.matches(SeenFlow.of("10.0.0.1", 1, "10.0.0.2", 2, 6)));
    assertEquals(parse("tcp"), FlowFilter.both(FlowFilter.ALL, parse("tcp")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"port 80 or 443 and tcp", "tcp and (udp or ip and ip6)"})
  void what_tcpdump_reads_in_another_way_is_known(String text) {
    assertTrue(FlowFilter.isUnlikeTcpdump(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"port (80 or 443) and tcp", "tcp and udp or ip", "tcp or (udp and ip)"})
  void what_tcpdump_reads_in_the_same_way_is_known(String text) {
    assertFalse(FlowFilter.isUnlikeTcpdump(text));
  }

  @Test
  void brackets_and_length_have_limits() {
    String deep = "(".repeat(65) + "tcp" + ")".repeat(65);
    assertTrue(
        assertThrows(UnreadableFilter.class, () -> parse(deep))
            .getMessage()
            .contains("at character 65"));
    parse("(".repeat(64) + "tcp" + ")".repeat(64));
    parse("not ".repeat(2000) + "tcp");
    String longest = "tcp or ".repeat(1200) + "udp";
    assertTrue(
        assertThrows(UnreadableFilter.class, () -> parse(longest))
            .getMessage()
            .contains("8403 characters"));
  }

  @Test
  void a_filter_is_refused_whose_own_text_could_not_be_sent_to_the_daemon() {
    String text = "src net " + "1 or ".repeat(800) + "1";
    assertTrue(
        assertThrows(UnreadableFilter.class, () -> FlowFilter.parse(text, _ -> 0))
            .getMessage()
            .contains("characters when each value is written with its qualifier"));
  }

  @Test
  void ports_are_those_of_protocols_that_have_ports() {
    FlowFilter port = parse("dst port 2048");
    assertFalse(port.matches(SeenFlow.of("10.0.0.1", 0, "10.0.0.2", 2048, FlowKey.ICMP)));
    assertTrue(port.matches(SeenFlow.of("10.0.0.1", 0, "10.0.0.2", 2048, 132)));
    assertFalse(parse("port 0").matches(SeenFlow.of("10.0.0.1", 0, "10.0.0.2", 0, 47)));
  }

  @Test
  void a_block_of_all_ipv6_addresses_has_no_ipv4_address() {
    SeenFlow v4 = SeenFlow.of("10.0.0.1", 1, "10.0.0.2", 2, 6);
    SeenFlow v6 = SeenFlow.of("2001:db8::1", 1, "2001:db8::2", 2, 6);
    assertFalse(parse("net ::/0").matches(v4));
    assertTrue(parse("net ::/0").matches(v6));
    assertTrue(parse("net 0.0.0.0/0").matches(v4));
    assertFalse(parse("net 0.0.0.0/0").matches(v6));
  }

  /// A condition in words, and what it says of a flow, told without the classes under test.
  ///
  /// @param binding 0 for `or`, 1 for `and`, 2 for all others
  private record Model(String text, Predicate<SeenFlow> meaning, int binding) {
    String within(int other, Random random) {
      boolean needed = binding < other;
      return needed || random.nextInt(8) == 0 ? "(" + text + ")" : text;
    }
  }

  @Test
  void random_filters_match_what_their_words_say() {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    int matched = 0;
    for (int i = 0; i < 20_000; i++) {
      Model model = model(random, 4);
      FlowFilter filter = parse(model.text());
      assertEquals(filter, parse(filter.toString()), () -> model.text() + ", seed " + seed);
      for (int flows = 0; flows < 5; flows++) {
        SeenFlow flow = flow(random);
        matched += filter.matches(flow) ? 1 : 0;
        assertEquals(
            model.meaning().test(flow),
            filter.matches(flow),
            () -> model.text() + " of " + flow + ", seed " + seed);
      }
    }
    assertTrue(matched > 10_000, "some of 100,000 match: " + matched);
  }

  private static Model model(Random random, int depth) {
    int kind = depth == 0 ? 3 : random.nextInt(6);
    if (kind == 0 || kind == 1) {
      List<Model> parts = new ArrayList<>();
      for (int i = 0; i < 2 + random.nextInt(2); i++) {
        parts.add(model(random, depth - 1));
      }
      int binding = kind;
      String join = kind == 0 ? pick(random, " or ", "||") : pick(random, " and ", " && ");
      List<String> texts = parts.stream().map(part -> part.within(binding, random)).toList();
      Predicate<SeenFlow> meaning =
          kind == 0
              ? flow -> parts.stream().anyMatch(part -> part.meaning().test(flow))
              : flow -> parts.stream().allMatch(part -> part.meaning().test(flow));
      return new Model(String.join(join, texts), meaning, binding);
    }
    if (kind == 2) {
      Model inner = model(random, depth - 1);
      String not = pick(random, "not ", "!", "! ");
      return new Model(not + inner.within(2, random), inner.meaning().negate(), 2);
    }
    return term(random);
  }

  private static Model term(Random random) {
    String side = pick(random, "", "src ", "dst ", "src or dst ", "src and dst ");
    int port = random.nextInt(6);
    String address = address(random);
    return switch (random.nextInt(9)) {
      case 0 ->
          new Model(
              side + "host " + address,
              flow -> ends(side, address.equals(src(flow)), address.equals(dst(flow))),
              2);
      case 1 ->
          new Model(
              side + "net 10.0.1.0/24",
              flow -> ends(side, src(flow).startsWith("10.0.1."), dst(flow).startsWith("10.0.1.")),
              2);
      case 2 ->
          new Model(
              side + "port " + port,
              flow -> hasPorts(flow) && ends(side, flow.srcPort() == port, flow.dstPort() == port),
              2);
      case 3 ->
          new Model(
              "udp " + side + "portrange 2-" + (2 + port),
              flow ->
                  flow.protocol() == 17
                      && ends(side, isWithin(flow.srcPort(), port), isWithin(flow.dstPort(), port)),
              2);
      case 4 -> new Model("ip6", flow -> src(flow).contains(":"), 2);
      case 5 -> new Model("policy 3", flow -> flow.policyId() == 3, 2);
      case 6 -> new Model("path 5", flow -> flow.pathId().equals(OptionalLong.of(5)), 2);
      case 7 ->
          new Model(
              "exporter 192.0.2.1",
              flow -> flow.exporter() != null && flow.exporter().toString().equals("192.0.2.1"),
              2);
      default -> {
        long bound = random.nextInt(1000);
        yield switch (random.nextInt(3)) {
          case 0 -> new Model("bytes >" + bound, flow -> flow.bytes() > bound, 2);
          case 1 -> new Model("packets <= " + bound, flow -> flow.packets() <= bound, 2);
          default ->
              new Model(
                  "rate < " + bound,
                  flow -> flow.bytes() / Math.max(1.0, flow.millis() / 1000.0) < bound,
                  2);
        };
      }
    };
  }

  private static boolean isWithin(int port, int more) {
    return port >= 2 && port <= 2 + more;
  }

  private static boolean hasPorts(SeenFlow flow) {
    return flow.protocol() == 6 || flow.protocol() == 17;
  }

  private static String src(SeenFlow flow) {
    return flow.key().src().toString();
  }

  private static String dst(SeenFlow flow) {
    return flow.key().dst().toString();
  }

  private static boolean ends(String side, boolean src, boolean dst) {
    return switch (side) {
      case "src " -> src;
      case "dst " -> dst;
      case "src and dst " -> src && dst;
      default -> src || dst;
    };
  }

  private static String address(Random random) {
    String last = random.nextInt(2) + "." + random.nextInt(3);
    return random.nextBoolean()
        ? "10.0." + last
        : IpAddress.parse("2001:db8::" + last.replace('.', ':')).toString();
  }

  private static SeenFlow flow(Random random) {
    return new SeenFlow(
        FlowKey.of(
            IpAddress.parse(address(random)),
            random.nextInt(6),
            IpAddress.parse(address(random)),
            random.nextInt(6),
            new int[] {1, 6, 17}[random.nextInt(3)]),
        random.nextInt(1000),
        random.nextInt(1000),
        random.nextInt(5000),
        random.nextInt(2) * 3L,
        random.nextBoolean() ? OptionalLong.of(4 + random.nextInt(2)) : OptionalLong.empty(),
        random.nextBoolean() ? IpAddress.parse("192.0.2." + random.nextInt(3)) : null);
  }

  private static String pick(Random random, String... words) {
    return words[random.nextInt(words.length)];
  }
}
