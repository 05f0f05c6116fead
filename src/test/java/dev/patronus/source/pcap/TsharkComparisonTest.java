package dev.patronus.source.pcap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.FlowRecord;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.Health;
import dev.patronus.source.SourceUri;
import dev.patronus.testing.Captures;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.Gateway;
import dev.patronus.testing.Namespace;
import dev.patronus.testing.Program;
import dev.patronus.testing.RunningProgram;
import dev.patronus.testing.Tools;
import dev.patronus.testing.Tshark;
import dev.patronus.testing.Tshark.Total;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Real traffic, captured by tcpdump: per flow, packets and bytes are those that tshark counts.
class TsharkComparisonTest {
  @TempDir Path folder;

  @BeforeEach
  void tshark_is_there() {
    Tools.require("tshark");
  }

  private static Map<String, Total> ours(Path capture) throws Exception {
    Map<String, Total> flows = new TreeMap<>();
    try (PcapSource source =
        new PcapSource(
            new SourceUri.Pcap(capture.toString()), null, new Metrics(), InstantSource.system())) {
      source.start(record -> add(flows, record));
      assertEquals(new Health.Ended(), source.awaitEnd());
    }
    return flows;
  }

  private static void add(Map<String, Total> flows, FlowRecord record) {
    var key = record.key();
    flows.merge(
        Tshark.key(key.src(), key.srcPort(), key.dst(), key.dstPort(), key.protocol()),
        new Total(record.packets(), record.bytes()),
        (a, b) -> new Total(a.packets() + b.packets(), a.bytes() + b.bytes()));
  }

  /// Fails unless tshark counts what we do, in at least so many flows.
  static void assertJudged(Path capture, int atLeast) throws Exception {
    Map<String, Total> theirs = Tshark.flows(capture);
    assertTrue(theirs.size() >= atLeast, () -> "too little traffic to judge: " + theirs);
    assertEquals(theirs, ours(capture));
  }

  /// Traffic of all kinds through a gateway, while tcpdump listens there.
  private Path captureOnGateway(String... options) throws Exception {
    needs("tcpdump", "iperf3", "ping");
    try (Gateway gateway = Gateway.build()) {
      return captureOn(gateway, TsharkComparisonTest::traffic, options);
    }
  }

  private static void needs(String... tools) {
    Tools.require(tools);
    Gateway.require();
  }

  private Path captureOn(Gateway gateway, Consumer<Gateway> traffic, String... options)
      throws Exception {
    Path capture = folder.resolve("gateway.pcap");
    List<Object> words = new ArrayList<>(List.of("tcpdump", "-n", "-U", "-Z", "root"));
    words.addAll(List.of("--immediate-mode", "-w", capture));
    words.addAll(List.of((Object[]) options));
    try (RunningProgram tcpdump = gateway.middle().program(words.toArray()).start()) {
      tcpdump.awaitStderr("listening on");
      traffic.accept(gateway);
      gateway.sendMark();
      DaemonUnderTest.await(
          "the capture has the last packet", () -> !tcpdump.isAlive() || Gateway.hasMark(capture));
      tcpdump.signal("INT");
      tcpdump.outcome();
    }
    return capture;
  }

  private static void traffic(Gateway gateway) {
    Namespace west = gateway.west();
    west.run("ping", "-c", "3", "-i", "0.01", Gateway.EAST);
    west.run("ping", "-c", "3", "-i", "0.01", "-s", "4000", Gateway.EAST);
    west.run("ping", "-c", "3", "-i", "0.01", Gateway.EAST6);
    west.run("ping", "-c", "3", "-i", "0.01", "-s", "4000", Gateway.EAST6);
    gateway.iperf(Gateway.EAST, "-n", "2M");
    gateway.iperf(Gateway.EAST6, "-n", "2M", "-R");
    gateway.iperf(Gateway.EAST, "-u", "-b", "0", "-l", "5000", "-n", "200K");
    gateway.iperf(Gateway.EAST6, "-u", "-b", "0", "-l", "5000", "-n", "200K");
    // An error about a packet quotes its header; only the outer one counts.
    west.program("ping", "-c", "1", "-W", "1", "-t", "1", Gateway.EAST).run();
  }

  @Test
  void ethernet() throws Exception {
    assertJudged(captureOnGateway("-i", "west"), 16);
  }

  @Test
  void ethernet_cut_by_a_snap_length() throws Exception {
    assertJudged(captureOnGateway("-i", "west", "-s", "96"), 16);
  }

  @Test
  void nanoseconds() throws Exception {
    assertJudged(captureOnGateway("-i", "east", "--time-stamp-precision", "nano"), 16);
  }

  @ParameterizedTest
  @ValueSource(strings = {"LINUX_SLL", "LINUX_SLL2"})
  void linux_cooked(String linkType) throws Exception {
    assertJudged(captureOnGateway("-i", "any", "-y", linkType), 16);
  }

  @Test
  void vlan_in_vlan() throws Exception {
    needs("tcpdump", "ping");
    try (Gateway gateway = Gateway.build()) {
      Tools.requireKernel(stack(gateway.west(), "uplink", "10.99.0.1/24"), "VLANs of 802.1ad");
      stack(gateway.middle(), "west", "10.99.0.2/24");
      assertJudged(captureOn(gateway, TsharkComparisonTest::pingTheInnerVlan, "-i", "west"), 4);
    }
  }

  private static void pingTheInnerVlan(Gateway gateway) {
    gateway.west().run("ping", "-c", "3", "-i", "0.01", "-s", "2000", "10.99.0.2");
  }

  private static boolean stack(Namespace namespace, String parent, String address) {
    return namespace
            .program(
                "sh",
                "-ec",
                "ip link add link %s name outer type vlan proto 802.1ad id 7; ip link set outer up; ip link add link outer name inner type vlan id 8; ip addr add %s dev inner; ip link set inner up"
                    .formatted(parent, address))
            .run()
            .exitCode()
        == 0;
  }

  @Test
  void pcapng_with_several_interfaces() throws Exception {
    Tools.require("mergecap");
    Path ethernet = synthetic("ethernet.pcap");
    Path raw = folder.resolve("raw.pcap");
    assertEquals(
        0,
        Program.of("editcap", "-C", "14", "-T", "rawip", "-F", "pcap", ethernet, raw)
            .run()
            .exitCode());
    Path merged = folder.resolve("merged.pcapng");
    Program mergecap = Program.of("mergecap", "-F", "pcapng", "-w", merged, ethernet, raw);
    assertEquals(0, mergecap.run().exitCode());
    assertJudged(merged, 5);
  }

  @Test
  void packets_that_are_rare_on_a_wire() throws Exception {
    Path file = folder.resolve("rare.pcap");
    String macs = "020000000002020000000001";
    try (Captures captures = Captures.create(file).at(1_700_000_000_000L)) {
      for (String tags : new String[] {"8100 0064", "88a8 0064 8100 0065", "9100 0001 8100 0002"}) {
        captures.frame(
            new Frame()
                .hex(macs)
                .hex(tags)
                .u16(0x0800)
                .ipv4(17, 40)
                .ports(7, 9)
                .u16(20, 0)
                .zeros(12)
                .bytes());
      }
      captures.frame(new Frame().ethernet(0x0800).ipv4(6, 0).ports(1, 2).zeros(900).bytes());
      captures.frame(new Frame().ethernet(0x86dd).ipv6(59, 0).zeros(6).bytes());
      captures.frame(new Frame().ethernet(0x0800).ipv4(17, 20).zeros(26).bytes());
      captures.frame(
          new Frame()
              .ethernet(0x0800)
              .ipv4(6, 68, 0, "0101010101010101")
              .ports(3, 4)
              .hex("00000001 00000001 5010 2000 0000 0000")
              .zeros(20)
              .bytes());
      captures.frame(
          new Frame()
              .ethernet(0x8864)
              .hex("1100 0001 002a 0021")
              .ipv4(17, 40)
              .ports(5, 6)
              .u16(20, 0)
              .zeros(12)
              .bytes());
      captures.frame(
          new Frame()
              .ethernet(0x8847)
              .hex("00064140")
              .ipv4(17, 40)
              .ports(8, 9)
              .u16(20, 0)
              .zeros(12)
              .bytes());
      captures.frame(
          new Frame()
              .ethernet(0x0800)
              .ipv4(4, 60)
              .ipv4(17, 40)
              .ports(1, 2)
              .u16(20, 0)
              .zeros(12)
              .bytes());
      captures.frame(
          new Frame()
              .ethernet(0x86dd)
              .ipv6(44, 48)
              .hex("11 00 0001 00000007")
              .ports(1, 2)
              .u16(100, 0)
              .zeros(32)
              .bytes());
      captures.frame(
          new Frame()
              .ethernet(0x86dd)
              .ipv6(44, 48)
              .hex("11 00 0028 00000007")
              .ports(1, 2)
              .u16(100, 0)
              .zeros(32)
              .bytes());
    }
    assertJudged(file, 8);
  }

  private Path synthetic(String name) throws IOException {
    Path file = folder.resolve(name);
    try (Captures captures = Captures.create(file)) {
      captures.at(1_700_000_000_000L);
      for (int i = 0; i < 500; i++) {
        captures.after(7).tcp("10.0.0." + i % 7, 40000 + i % 3, "10.0.1.1", 443, 40 + i);
        captures.udp("2001:db8::" + i % 5, 5353, "2001:db8::ff", 53, 60 + i);
        captures.icmp("10.0.0.1", "10.0.0.2", 8, 0, 84).icmp("fe80::1", "fe80::2", 128, 0, 104);
        captures.ip("10.0.0.1", "10.0.0.2", 50, 100).snap(58 + i % 60);
      }
    }
    return file;
  }
}
