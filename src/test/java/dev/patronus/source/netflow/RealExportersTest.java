package dev.patronus.source.netflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.IpAddress;
import dev.patronus.source.netflow.NfdumpReading.Total;
import dev.patronus.source.netflow.template.Collector;
import dev.patronus.testing.Captures;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.ReceivedDatagrams;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Exporters that we did not write (softflowd, pmacct's nfprobe) export a capture that we did; what
/// we read of it must be what went into the capture, and what nfdump reads of the same datagrams.
class RealExportersTest {
  private static final int ICMPV6 = 58;

  @TempDir private Path folder;
  private Path file;
  private List<Captures.Packet> packets;

  @BeforeEach
  void capture() throws IOException {
    file = folder.resolve("traffic.pcap");
    Random random = new Random(7);
    try (Captures capture = Captures.create(file)) {
      capture.at(1_700_000_000_000L);
      for (int i = 0; i < 4000; i++) {
        packet(capture.after(random.nextInt(10)), random);
      }
      packets = capture.packets();
    }
  }

  private static void packet(Captures capture, Random random) throws IOException {
    String a = "10.0." + random.nextInt(3) + "." + (1 + random.nextInt(20));
    String b = "172.16.0." + (1 + random.nextInt(9));
    String a6 = "2001:db8::" + (1 + random.nextInt(9));
    String b6 = "2001:db8:1::" + (1 + random.nextInt(9));
    int bytes = 60 + random.nextInt(1400);
    int port = 40_000 + random.nextInt(5);
    switch (random.nextInt(9)) {
      case 0 -> capture.tcp(a, port, b, 443, bytes);
      case 1 -> capture.tcp(b, 443, a, port, bytes);
      case 2 -> capture.udp(a, port, b, 53, bytes);
      case 3 -> capture.icmp(a, b, 8, 0, bytes);
      case 4 -> capture.icmp(b, a, 0, 0, bytes);
      case 5 -> capture.icmp(b, a, 3, 1 + random.nextInt(3), bytes);
      case 6 -> capture.ip(a, b, 47, bytes);
      case 7 -> capture.tcp(a6, port, b6, 443, bytes);
      default -> capture.icmp(a6, b6, 128, 0, bytes);
    }
  }

  /// Lets an exporter run to its end, and returns what it sent.
  private List<byte[]> exported(IntFunction<Program> exporter) throws IOException {
    try (DatagramChannel channel = DatagramChannel.open()) {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, 4 << 20);
      channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      int port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
      // The exit code of pmacctd is 0 or 1, by whether the core or the plugin ends first.
      ProgramOutcome outcome = exporter.apply(port).run();
      List<byte[]> datagrams = ReceivedDatagrams.of(channel);
      assertFalse(datagrams.isEmpty(), outcome::toString);
      return datagrams;
    }
  }

  private Program softflowd(int port, Object... more) {
    List<Object> words = new ArrayList<>();
    words.addAll(List.of("-r", file, "-n", "127.0.0.1:" + port, "-d"));
    // No control socket: with a path of some length, 1.1.0 waits on it for ever.
    words.addAll(List.of("-p", folder.resolve("pid"), "-c", "none"));
    words.addAll(List.of(more));
    return Program.of("softflowd", words.toArray());
  }

  private Program nfprobe(int port, int version) {
    Path configuration = folder.resolve("pmacctd.conf");
    try {
      Files.writeString(
          configuration,
          """
          daemonize: false
          pcap_savefile: %s
          pidfile: %s
          aggregate: src_host, dst_host, src_port, dst_port, proto, tos
          plugins: nfprobe
          nfprobe_receiver: 127.0.0.1:%d
          nfprobe_version: %d
          """
              .formatted(file, folder.resolve("pmacctd.pid"), port, version));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return Program.of("pmacctd", "-f", configuration);
  }

  private static Collector collected(List<byte[]> datagrams) {
    Collector collector = new Collector();
    datagrams.forEach(collector::take);
    return collector;
  }

  /// What went into the capture.
  private Map<String, Total> truth(boolean v6) {
    Map<String, Total> totals = new TreeMap<>();
    for (Captures.Packet packet : packets) {
      boolean icmp = packet.protocol() == 1 || packet.protocol() == ICMPV6;
      int srcPort = icmp ? 0 : packet.srcPort();
      int dstPort = icmp ? packet.srcPort() << 8 | packet.dstPort() : packet.dstPort();
      if (v6 || packet.src().indexOf(':') < 0) {
        String src = IpAddress.parse(packet.src()).toString();
        String dst = IpAddress.parse(packet.dst()).toString();
        totals.merge(
            NfdumpReading.key(src, srcPort, dst, dstPort, packet.protocol()),
            new Total(1, packet.ipBytes()),
            Total::plus);
      }
    }
    return totals;
  }

  private Map<String, Total> judged(List<byte[]> datagrams) throws Exception {
    return NfdumpReading.of(Files.createDirectory(folder.resolve("nfcapd")), datagrams);
  }

  /// The same without ICMP's types, for what nfdump does not know of them.
  private static Map<String, Total> untyped(Map<String, Total> totals) {
    Map<String, Total> untyped = new TreeMap<>();
    totals.forEach(
        (key, total) -> untyped.merge(key.replaceAll(":\\d+ (1|58)$", ": $1"), total, Total::plus));
    return untyped;
  }

  /// Fails with what differs, flow by flow.
  private static void assertAgree(Map<String, Total> expected, Map<String, Total> actual) {
    Set<String> keys = new TreeSet<>(expected.keySet());
    keys.addAll(actual.keySet());
    String differences =
        keys.stream()
            .filter(key -> !Objects.equals(expected.get(key), actual.get(key)))
            .map(key -> key + ": " + expected.get(key) + " but " + actual.get(key) + "\n")
            .collect(Collectors.joining());
    assertEquals("", differences);
    assertFalse(actual.isEmpty());
  }

  private static void assertNothingAmiss(Collector collector) {
    assertEquals("[]", collector.drops());
    assertEquals(0, collector.status().lost());
    assertEquals(0, collector.status().restarts());
    assertEquals(0, collector.status().pending());
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "9", "10", "10 -A milli", "10 -A micro", "10 -A nano", "9 -a"})
  void softflowd_and_nfdump_agree_with_us_to_the_packet_and_the_byte(String version)
      throws Exception {
    Tools.require("softflowd", "nfcapd", "nfdump");
    Object[] words = ("-v " + version).split(" ", -1);
    List<byte[]> datagrams = exported(port -> softflowd(port, words));
    Collector collector = collected(datagrams);
    Map<String, Total> ours = NfdumpReading.totals(collector);
    assertAgree(truth(!version.equals("5")), ours);
    // nfdump 1.7.1 does not read the type of ICMPv6 in softflowd's v9.
    assertAgree(untyped(judged(datagrams)), untyped(ours));
    assertNothingAmiss(collector);
  }

  @Test
  void the_biflows_of_softflowd_are_the_flows_of_the_capture() throws Exception {
    Tools.require("softflowd", "nfcapd", "nfdump");
    List<byte[]> datagrams = exported(port -> softflowd(port, "-v", 10, "-b"));
    Collector collector = collected(datagrams);
    Map<String, Total> ours = NfdumpReading.totals(collector);
    // softflowd 1.1.0 exports 0 as the type of ICMP errors that go to the lower address.
    assertAgree(untyped(truth(true)), untyped(ours));
    assertAgree(untyped(judged(datagrams)), untyped(ours));
    assertNothingAmiss(collector);
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 9, 10})
  void nfprobe_and_nfdump_agree_with_us_to_the_packet_and_the_byte(int version) throws Exception {
    Tools.require("pmacctd", "nfcapd", "nfdump");
    List<byte[]> datagrams = exported(port -> nfprobe(port, version));
    Collector collector = collected(datagrams);
    Map<String, Total> ours = NfdumpReading.totals(collector);
    assertAgree(truth(version != 5), ours);
    // nfdump 1.7.1 takes no type of ICMP from the port in v9.
    assertAgree(untyped(judged(datagrams)), untyped(ours));
    assertNothingAmiss(collector);
  }

  /// The recipe of `patronus daemon --help` for the files of nfcapd.
  @Test
  void what_nfreplay_sends_of_a_file_of_nfcapd_is_what_nfdump_reads_in_it() throws Exception {
    Tools.require("softflowd", "nfcapd", "nfdump", "nfreplay");
    Map<String, Total> judged = judged(exported(port -> softflowd(port, "-v", 9)));
    List<byte[]> replayed;
    try (Stream<Path> files = Files.list(folder.resolve("nfcapd"))) {
      Path file = files.filter(Files::isRegularFile).findFirst().orElseThrow();
      replayed =
          exported(port -> Program.of("nfreplay", "-r", file, "-H", "127.0.0.1", "-p", port));
    }
    Collector collector = collected(replayed);
    assertAgree(untyped(judged), untyped(NfdumpReading.totals(collector)));
    assertNothingAmiss(collector);
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 9, 10})
  void a_sampling_rate_that_softflowd_announces_is_found(int version) throws Exception {
    Tools.require("softflowd");
    Collector collector = collected(exported(port -> softflowd(port, "-v", version, "-s", 10)));
    assertEquals("1:10", collector.status().rate().toString());
    assertTrue(collector.flows.stream().allMatch(FlowRecord::estimated));
    if (version != 5) {
      assertEquals(packets.size(), collector.packets());
    }
  }
}
