package dev.patronus.flow.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.FlowKey;
import dev.patronus.testing.Captures;
import dev.patronus.testing.Captures.Packet;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Filters of packets: those that tcpdump finds in a capture, and those that match here.
class TcpdumpComparisonTest {
  private static final long START = 1_700_000_000_000L;

  /// What both read in the same way.
  private static final List<String> EXPRESSIONS =
      List.of(
          "port 80 or 443",
          "port (80 or 443) and tcp",
          "port not 80",
          "src port 80 or 443",
          "tcp and port 80 or 443",
          "src host 10.0.0.1 or 10.0.1.2",
          "not host 10.0.0.1 and 10.0.0.2",
          "not (host 10.0.0.1 and 10.0.0.2)",
          "net 10",
          "net 10.0.1",
          "src net 10.0.0.0 mask 255.255.255.0",
          "dst net 10.0.1.0/24 or 2001:db8::/64",
          "src and dst net 10.0.0.0/24",
          "src or dst host 2001:db8::1",
          "portrange 90-79",
          "udp dst portrange 79-443",
          "tcp src port 443",
          "ip",
          "ip6",
          "ip6 and not icmp6",
          "icmp",
          "icmp6 || icmp",
          "proto 6",
          "ip proto 17",
          "ip6 proto 6 or 17",
          "sctp or esp",
          "net 0.0.0.0/0",
          "net ::/0",
          "! tcp && ! udp",
          "port 80 and not 443",
          "dst port 2048",
          "port 0",
          "host 10.0.0.1 or net 10.0.1.0/24",
          "src 10.0.0.1 and dst 10.0.1.2");

  /// What neither reads.
  private static final List<String> REFUSED =
      List.of(
          "host 10.0.0.0/8",
          "port 80 or 10.0.0.1",
          "tcp port 80 udp",
          "tcp or 443",
          "port 80 or tcp or 443",
          "ip6 host 10.0.0.1",
          "src tcp port 80",
          "tcp host 10.0.0.1",
          "ip port 80",
          "80",
          "10",
          "port 70000",
          "host",
          "dst",
          "tcp and",
          "((tcp)",
          "tcp)");

  @TempDir private Path folder;

  private static FlowFilter parse(String text) {
    return FlowFilter.parse(text, Long::parseUnsignedLong);
  }

  private List<Packet> capture(Path file, Random random) throws IOException {
    int[] ports = {0, 1, 79, 80, 81, 443, 2048, 8080};
    try (Captures capture = Captures.create(file)) {
      for (int i = 0; i < 2000; i++) {
        boolean v6 = random.nextInt(3) == 0;
        String src = address(random, v6);
        String dst = address(random, v6);
        int srcPort = ports[random.nextInt(ports.length)];
        int dstPort = ports[random.nextInt(ports.length)];
        capture.at(START + i);
        switch (random.nextInt(5)) {
          case 0 -> capture.icmp(src, dst, random.nextInt(2) * 8, 0, 100);
          case 1 -> capture.udp(src, srcPort, dst, dstPort, 100);
          case 2 -> capture.ip(src, dst, random.nextBoolean() ? 50 : 47, 100);
          default -> capture.tcp(src, srcPort, dst, dstPort, 100);
        }
      }
      return capture.packets();
    }
  }

  private static String address(Random random, boolean v6) {
    int net = random.nextInt(2);
    int host = 1 + random.nextInt(3);
    return v6 ? "2001:db8:0:" + net + "::" + host : "10.0." + net + "." + host;
  }

  private static SeenFlow flow(Packet packet) {
    boolean icmp = packet.protocol() == FlowKey.ICMP || packet.protocol() == FlowKey.ICMPV6;
    return SeenFlow.of(
        packet.src(),
        icmp ? 0 : packet.srcPort(),
        packet.dst(),
        icmp ? packet.srcPort() << 8 | packet.dstPort() : packet.dstPort(),
        packet.protocol());
  }

  private static Set<Long> ours(List<Packet> packets, String text) {
    FlowFilter filter = parse(text);
    return packets.stream()
        .filter(packet -> filter.matches(flow(packet)))
        .map(Packet::millis)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /// The times of the packets that tcpdump finds.
  private static Set<Long> theirs(Path file, String text) {
    ProgramOutcome outcome = Program.of("tcpdump", "-nn", "-q", "-tt", "-r", file, text).run();
    boolean none = outcome.stderr().contains("expression rejects all packets");
    assertEquals(none ? 1 : 0, outcome.exitCode(), () -> text + ": " + outcome);
    return outcome
        .stdout()
        .lines()
        .filter(line -> line.matches("\\d{10}\\.\\d{6} .*"))
        .map(line -> Long.parseLong(line.substring(0, 10) + line.substring(11, 14)))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void a_filter_matches_the_packets_that_tcpdump_finds_with_it() throws IOException {
    Tools.require("tcpdump");
    long seed = Long.getLong("seed", System.nanoTime());
    Path file = folder.resolve("a.pcap");
    List<Packet> packets = capture(file, new Random(seed));
    for (String text : EXPRESSIONS) {
      assertEquals(theirs(file, text), ours(packets, text), () -> text + ", seed " + seed);
    }
  }

  @Test
  void random_filters_match_the_packets_that_tcpdump_finds_with_them() throws IOException {
    Tools.require("tcpdump");
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    Path file = folder.resolve("a.pcap");
    List<Packet> packets = capture(file, random);
    for (int i = 0; i < 100; i++) {
      String text = expression(random, 3);
      assertEquals(theirs(file, text), ours(packets, text), () -> text + ", seed " + seed);
    }
  }

  private static String expression(Random random, int depth) {
    return switch (depth == 0 ? 3 : random.nextInt(4)) {
      case 0 -> "(" + expression(random, depth - 1) + " or " + expression(random, depth - 1) + ")";
      case 1 ->
          "((" + expression(random, depth - 1) + ") && (" + expression(random, depth - 1) + "))";
      case 2 -> "not " + expression(random, depth - 1);
      default -> "(" + EXPRESSIONS.get(random.nextInt(EXPRESSIONS.size())) + ")";
    };
  }

  @Test
  void what_tcpdump_refuses_of_the_common_words_is_refused() {
    Tools.require("tcpdump");
    for (String text : REFUSED) {
      assertTrue(Program.of("tcpdump", "-y", "RAW", "-d", text).run().exitCode() != 0, text);
      boolean read = true;
      try {
        parse(text);
      } catch (UnreadableFilter _) {
        read = false;
      }
      assertTrue(!read, text);
    }
  }
}
