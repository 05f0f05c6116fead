package dev.patronus.source.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.Volume;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.Gateway;
import dev.patronus.testing.Program;
import dev.patronus.testing.RunningProgram;
import dev.patronus.testing.Tools;
import dev.patronus.testing.Volumes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real traffic through a real gateway: what the source counts there is what the kernel counts, by
/// counters of nftables on its way from one side to the other.
class ConntrackGatewayTest {
  /// Errors of ICMP are in no entry of the kernel's table.
  private static final Map<String, String> PROTOCOLS =
      new TreeMap<>(
          Map.of(
              "ip-6", "meta nfproto ipv4 meta l4proto tcp",
              "ip-17", "meta nfproto ipv4 meta l4proto udp",
              "ip-1", "icmp type { echo-request, echo-reply }",
              "ip6-6", "meta nfproto ipv6 meta l4proto tcp",
              "ip6-17", "meta nfproto ipv6 meta l4proto udp",
              "ip6-58", "icmpv6 type { echo-request, echo-reply }"));

  private static final Pattern COUNTER =
      Pattern.compile("counter c-(\\S+) \\{\\s+packets (\\d+) bytes (\\d+)");
  private static final Pattern FLOW =
      Pattern.compile("flow (\\S+):\\d+ > (\\S+):\\d+ (\\d+) (\\d+) (\\d+)");

  private static final Pattern ENTRIES = Pattern.compile("metric conntrack_entries (\\d+)\n");

  private static final int MOST_PORTS = 65_535;

  @TempDir Path folder;
  private Gateway gateway;

  @BeforeEach
  void build() throws IOException {
    Tools.require("nft", "iperf3", "ping", "conntrack");
    Gateway.require();
    gateway = Gateway.build();
    Tools.requireKernel(
        gateway.middle().program("test", "-d", "/proc/sys/net/netfilter").run().exitCode() == 0,
        "connection tracking");
  }

  @AfterEach
  void remove() {
    if (gateway != null) {
      gateway.close();
    }
  }

  private void set(String name, int value) {
    gateway.middle().shell("echo " + value + " > /proc/sys/net/netfilter/nf_conntrack_" + name);
  }

  /// Rules with one counter for each family, protocol and side that a packet comes from.
  private void trackAndCount() {
    List<String> counters = new ArrayList<>();
    List<String> rules = new ArrayList<>();
    for (String side : new String[] {"west", "east"}) {
      PROTOCOLS.forEach((name, match) -> {
        counters.add("counter c-" + side + "-" + name + " { }");
        rules.add("iifname " + side + " " + match + " counter name c-" + side + "-" + name);
      });
    }
    load(
        """
        table inet judge {
          %s
          chain forward {
            type filter hook forward priority 0; policy accept;
            ct state invalid drop
            %s
          }
        }
        """
            .formatted(String.join("\n", counters), String.join("\n", rules)));
    set("acct", 1);
  }

  private void load(String rules) {
    Program nft = gateway.middle().program("nft", "-f", "-").input(rules);
    var outcome = nft.run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
  }

  /// What the kernel has counted, by side, family and protocol.
  private Map<String, Volume> kernel() {
    Map<String, Volume> volumes = new TreeMap<>();
    COUNTER
        .matcher(gateway.middle().run("nft", "list", "counters"))
        .results()
        .forEach(found -> add(volumes, found.group(1), found, 2));
    return volumes;
  }

  /// What the source has counted, in the same way.
  private static Map<String, Volume> ours(String printed) {
    Map<String, Volume> volumes = new TreeMap<>();
    for (MatchResult found : FLOW.matcher(printed).results().toList()) {
      String src = found.group(1);
      if (src.startsWith("10.77.") || src.startsWith("fd77:")) {
        String side = src.startsWith("10.77.1.") || src.startsWith("fd77:1:") ? "west" : "east";
        String family = src.indexOf('.') > 0 ? "ip" : "ip6";
        add(volumes, side + "-" + family + "-" + found.group(3), found, 4);
      }
    }
    return volumes;
  }

  private static void add(Map<String, Volume> volumes, String name, MatchResult found, int from) {
    long packets = Long.parseLong(found.group(from));
    if (packets > 0) {
      volumes.merge(name, new Volume(packets, Long.parseLong(found.group(from + 1))), Volumes::sum);
    }
  }

  private static long metric(String printed, String name) {
    String last = "metric " + name + " ";
    return printed
        .lines()
        .filter(line -> line.startsWith(last))
        .mapToLong(line -> Long.parseLong(line.substring(last.length())))
        .reduce((_, second) -> second)
        .orElseThrow();
  }

  /// The source on the gateway, ready.
  private RunningProgram source(Object... arguments) {
    RunningProgram source = program(arguments).start();
    source.awaitStdout("ready");
    return source;
  }

  private Program program(Object... arguments) {
    List<Object> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin/java"));
    words.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1"));
    words.addAll(List.of("--enable-native-access=ALL-UNNAMED"));
    words.addAll(List.of("-cp", System.getProperty("java.class.path")));
    words.add(ConntrackRun.class.getName());
    words.addAll(List.of(arguments));
    return gateway.middle().program(words.toArray());
  }

  /// Ends it, and returns what it has printed since it was started.
  private static String end(RunningProgram source) throws IOException {
    source.stdin().close();
    var outcome = source.outcome();
    assertEquals(0, outcome.exitCode(), outcome::toString);
    return outcome.stdout();
  }

  private void trafficOfAllKinds() {
    var west = gateway.west();
    west.run("ping", "-c", "5", "-i", "0.01", Gateway.EAST);
    west.run("ping", "-c", "5", "-i", "0.01", Gateway.EAST6);
    west.run("ping", "-c", "3", "-i", "0.01", "-s", "4000", Gateway.EAST);
    west.run("ping", "-c", "3", "-i", "0.01", "-s", "4000", Gateway.EAST6);
    gateway.iperf(Gateway.EAST, "-n", "5M");
    gateway.iperf(Gateway.EAST6, "-n", "5M", "-R");
    gateway.iperf(Gateway.EAST, "-u", "-b", "0", "-n", "500K");
    gateway.iperf(Gateway.EAST6, "-u", "-b", "0", "-n", "500K");
  }

  @Test
  void all_that_goes_through_is_counted() throws IOException {
    trackAndCount();
    try (RunningProgram source = source(200)) {
      trafficOfAllKinds();
      String printed = end(source);
      assertEquals(12, kernel().size(), "too little traffic to judge");
      assertEquals(kernel(), ours(printed));
    }
  }

  @Test
  void short_flows_are_counted_from_the_event_of_their_end() throws IOException {
    trackAndCount();
    set("icmp_timeout", 1);
    set("icmpv6_timeout", 1);
    try (RunningProgram source = source(3_600_000)) {
      trafficOfAllKinds();
      Map<String, Volume> kernel = kernel();
      gateway.middle().run("conntrack", "-F");
      String printed = end(source);
      assertTrue(metric(printed, "conntrack_ends_told") >= 12, printed);
      assertEquals(kernel, ours(printed));
    }
  }

  @Test
  void a_long_flow_is_counted_while_it_lasts() throws Exception {
    trackAndCount();
    try (RunningProgram source = source(100);
        RunningProgram ping = gateway.west().program("ping", "-i", "0.05", Gateway.EAST).start()) {
      ping.awaitStdout("icmp_seq=5 ");
      DaemonUnderTest.await(
          "the flow is counted",
          () -> {
            source.stdin().write('\n');
            source.stdin().flush();
            return source.stdoutSoFar().contains("flow " + Gateway.WEST + ":0 > ");
          });
      assertTrue(ping.isAlive());
      ping.signal("INT");
      ping.outcome();
      assertEquals(kernel(), ours(last(end(source))));
    }
  }

  /// Of what was printed several times, the last time.
  private static String last(String printed) {
    String[] times = printed.split("done\n", 0);
    return times[times.length - 1];
  }

  @Test
  void a_reply_to_a_ping_is_an_echo_reply() throws IOException {
    trackAndCount();
    try (RunningProgram source = source(100)) {
      gateway.west().run("ping", "-c", "2", "-i", "0.01", Gateway.EAST);
      gateway.west().run("ping", "-c", "2", "-i", "0.01", Gateway.EAST6);
      String printed = end(source);
      for (String flow :
          List.of(
              "flow 10.77.1.1:0 > 10.77.2.1:2048 1 2 168",
              "flow 10.77.2.1:0 > 10.77.1.1:0 1 2 168",
              "flow fd77:1::1:0 > fd77:2::1:32768 58 2 208",
              "flow fd77:2::1:0 > fd77:1::1:33024 58 2 208")) {
        assertTrue(printed.contains(flow), () -> flow + " is not in\n" + printed);
      }
    }
  }

  @Test
  void with_address_translation_flows_have_the_addresses_before_it() throws IOException {
    trackAndCount();
    load(
        """
        table ip nat {
          chain to { type nat hook prerouting priority -100; ip daddr 10.77.1.254 tcp dport 8080 dnat to 10.77.2.1:5201; }
          chain from { type nat hook postrouting priority 100; oifname "east" masquerade; }
        }
        """);
    try (RunningProgram source = source(100);
        RunningProgram server =
            gateway.east().program("iperf3", "-s", "-1", "--forceflush").start()) {
      server.awaitStdout("Server listening");
      gateway.west().run("iperf3", "-c", "10.77.1.254", "-p", "8080", "-n", "1M");
      String printed = end(source);
      assertTrue(printed.contains("> 10.77.1.254:8080 6 "), printed);
      assertTrue(printed.contains("flow 10.77.1.254:8080 > 10.77.1.1:"), printed);
      assertTrue(!printed.contains("5201"), printed);
    }
  }

  /// Datagrams of 8 bytes from one port to another.
  private void datagrams(int count) {
    send(count, 4000, "12345678", 9999, 1);
  }

  private void send(int count, int fromPort, String text, int toPort, int ports) {
    gateway
        .west()
        .run(
            Path.of(System.getProperty("java.home"), "bin/java"),
            "-Xshare:auto",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Datagrams.class.getName(),
            Gateway.EAST,
            count,
            fromPort,
            text,
            toPort,
            ports);
  }

  @Test
  void what_was_there_at_the_start_is_not_counted() throws IOException {
    trackAndCount();
    datagrams(3);
    try (RunningProgram source = source(100)) {
      datagrams(2);
      String printed = end(source);
      assertTrue(printed.contains("flow 10.77.1.1:4000 > 10.77.2.1:9999 17 2 72\n"), printed);
    }
  }

  @Test
  void what_went_by_over_a_restart_is_counted_once() throws IOException {
    trackAndCount();
    Path journal = folder.resolve("conntrack");
    try (RunningProgram first = source(100, journal)) {
      datagrams(3);
      assertTrue(end(first).contains("10.77.2.1:9999 17 3 108\n"));
    }
    datagrams(2);
    try (RunningProgram second = source(100, journal)) {
      datagrams(1);
      String printed = end(second);
      assertTrue(printed.contains("10.77.2.1:9999 17 3 108\n"), printed);
    }
  }

  @Test
  void what_began_while_no_source_was_there_is_counted_after_a_restart() throws IOException {
    trackAndCount();
    Path journal = folder.resolve("conntrack");
    try (RunningProgram first = source(100, journal)) {
      end(first);
    }
    gateway.west().run("ping", "-c", "4", "-i", "0.01", Gateway.EAST);
    datagrams(2);
    try (RunningProgram second = source(100, journal)) {
      assertEquals(kernel(), ours(end(second)));
    }
  }

  @Test
  void a_burst_of_ends_that_does_not_fit_is_noticed_and_costs_nothing() throws Exception {
    trackAndCount();
    int flows = 20_000;
    try (RunningProgram source = source(100)) {
      send(1, 0, "x", 1, flows);
      awaitEntries(source, flows);
      source.signal("STOP");
      gateway.middle().run("conntrack", "-F");
      source.signal("CONT");
      String printed = last(end(source));
      assertEquals(kernel(), ours(printed));
      assertTrue(metric(printed, "conntrack_events_lost") > 0, "nothing was lost");
    }
  }

  private static void awaitEntries(RunningProgram source, int atLeast) throws Exception {
    DaemonUnderTest.await(
        atLeast + " entries are there",
        () -> {
          source.stdin().write("metrics\n".getBytes(StandardCharsets.UTF_8));
          source.stdin().flush();
          return entries(source.stdoutSoFar()) >= atLeast;
        });
  }

  /// The number that was printed last, as far as its line has arrived; -1 before the first.
  private static long entries(String printed) {
    return ENTRIES
        .matcher(printed)
        .results()
        .mapToLong(line -> Long.parseLong(line.group(1)))
        .reduce(-1, (_, last) -> last);
  }

  @Test
  void accounting_that_is_off_is_said_at_the_start() {
    var outcome = program(100).run();
    assertTrue(outcome.stderr().contains("nf_conntrack_acct=1"), outcome::toString);
  }

  @Test
  void a_process_without_the_privilege_is_told_so() {
    trackAndCount();
    Tools.require("setpriv");
    Program run = program(100);
    List<String> words = new ArrayList<>(run.words());
    words.addAll(4, List.of("setpriv", "--bounding-set", "-net_admin", "--"));
    var outcome = new Program(words, run.environment(), run.folder(), "").run();
    assertTrue(outcome.stderr().contains("CAP_NET_ADMIN"), outcome::toString);
  }

  @Test
  void the_check_names_what_is_missing() {
    String nothing = program("check").run().stdout();
    assertTrue(nothing.contains("counts=false"), nothing);
    assertTrue(nothing.contains("ipv4=NO, ipv6=NO"), nothing);
    assertTrue(nothing.contains("nft add rule ip filter forward ct state"), nothing);
    load(
        "table ip filter { chain forward { type filter hook forward priority 0; ct state established accept; }; }");
    set("acct", 1);
    String v4 = program("check").run().stdout();
    assertTrue(v4.contains("counts=true") && v4.contains("ipv4=YES, ipv6=NO"), v4);
    assertTrue(!v4.contains("nft add rule ip filter") && v4.contains("ip6 filter"), v4);
    trackAndCount();
    assertTrue(!program("check").run().stdout().contains("problem"));
  }

  @Test
  void a_table_that_is_full_is_named_with_what_it_holds_and_may_hold() {
    trackAndCount();
    set("udp_timeout", 3600);
    int limit =
        Integer.parseInt(
            gateway.middle().run("cat", "/proc/sys/net/netfilter/nf_conntrack_max").strip());
    Tools.requireKernel(limit <= 1 << 20, "a connection tracking table that can be filled");
    for (int filled = 0; filled < limit; filled += MOST_PORTS) {
      send(1, 20_000 + filled / MOST_PORTS, "1", 1, MOST_PORTS);
    }
    String check = program("check").run().stdout();
    assertTrue(check.contains("the connection tracking table is full ("), check);
    assertTrue(check.contains(" of " + limit + " entries)"), check);
    assertTrue(check.contains("nf_conntrack_max=" + 2 * limit), check);
  }

  @Test
  void a_limit_of_the_table_is_read_to_its_last_digit() {
    String limit = gateway.middle().run("cat", "/proc/sys/net/netfilter/nf_conntrack_max").strip();
    assertTrue(limit.length() > 1, limit);
    String check = program("check").run().stdout();
    assertTrue(check.contains("limit=" + limit + "]"), check);
  }

  /// A program of the tests: to a host so many datagrams from a port (0: any) with a text to a port
  /// and as many after it.
  static final class Datagrams {
    private Datagrams() {}

    public static void main(String... arguments) throws IOException {
      var to = java.net.InetAddress.getByName(arguments[0]);
      byte[] bytes = arguments[3].getBytes(StandardCharsets.UTF_8);
      int first = Integer.parseInt(arguments[4]);
      try (var socket = new java.net.DatagramSocket(Integer.parseInt(arguments[2]))) {
        for (int count = Integer.parseInt(arguments[1]); count > 0; count--) {
          for (int port = 0; port < Integer.parseInt(arguments[5]); port++) {
            socket.send(new java.net.DatagramPacket(bytes, bytes.length, to, first + port));
          }
        }
      }
    }
  }
}
