package dev.patronus.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Two hosts and the gateway between them, as network namespaces of this machine.
///
/// ```text
///   west ── 10.77.1.0/24, fd77:1::/64 ── gateway ── 10.77.2.0/24, fd77:2::/64 ── east
///   .1, ::1                        .254, ::254   .254, ::254                  .1, ::1
/// ```
///
/// On the gateway the interfaces are named `west` and `east`, on the hosts `uplink`. It forwards;
/// no rule is loaded. Namespaces are named for the process and removed by [#close]; those of
/// processes that died without it are removed by the next one that builds.
public final class Gateway implements AutoCloseable {
  public static final String WEST = "10.77.1.1";
  public static final String EAST = "10.77.2.1";
  public static final String WEST6 = "fd77:1::1";
  public static final String EAST6 = "fd77:2::1";

  /// 16 bytes that no other packet has.
  private static final String MARK = "7061740a726f6e0b75730cdeadbeef0d";

  private static final Pattern NAME = Pattern.compile("patronus-(\\d+)-\\d+-(west|gateway|east)");
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final Namespace west;
  private final Namespace middle;
  private final Namespace east;

  private Gateway(String prefix) {
    this.west = new Namespace(prefix + "-west");
    this.middle = new Namespace(prefix + "-gateway");
    this.east = new Namespace(prefix + "-east");
  }

  /// Requires of this machine what [#build] needs: ip(8), root, and network namespaces.
  public static void require() {
    Tools.require("ip");
    Tools.requireRoot();
    String name = "patronus-" + ProcessHandle.current().pid() + "-0-west";
    ProgramOutcome added = Program.of("ip", "netns", "add", name).run();
    Tools.requireKernel(
        added.exitCode() == 0, "right to make network namespaces: " + added.stderr().strip());
    Namespace.succeed(Program.of("ip", "netns", "del", name));
  }

  /// Builds one; the caller closes it.
  public static Gateway build() throws IOException {
    removeForgotten();
    long pid = ProcessHandle.current().pid();
    Gateway gateway = new Gateway("patronus-" + pid + "-" + COUNT.incrementAndGet());
    try {
      gateway.wire();
      return gateway;
    } catch (RuntimeException e) {
      gateway.close();
      throw e;
    }
  }

  private static void removeForgotten() throws IOException {
    Path all = Path.of("/run/netns");
    if (!Files.isDirectory(all)) {
      return;
    }
    try (var names = Files.newDirectoryStream(all)) {
      for (Path path : names) {
        Matcher ours = NAME.matcher(path.getFileName().toString());
        if (ours.matches() && ProcessHandle.of(Long.parseLong(ours.group(1))).isEmpty()) {
          Program.of("ip", "netns", "del", ours.group()).run();
        }
      }
    }
  }

  private void wire() {
    for (Namespace namespace : new Namespace[] {west, middle, east}) {
      Namespace.succeed(Program.of("ip", "netns", "add", namespace.name()));
      namespace.shell("echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad; ip link set lo up");
    }
    connect(west, "west", 1);
    connect(east, "east", 2);
    middle.shell(
        "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding");
    if (Program.isInstalled("ping")) {
      // New links drop what comes before their neighbours know each other.
      for (String host : new String[] {EAST, EAST6}) {
        west.run("ping", "-c", "1", "-w", "10", host);
      }
    }
  }

  private void connect(Namespace host, String interfaceName, int net) {
    middle.shell(
        "ip link add %s type veth peer name uplink netns %s".formatted(interfaceName, host.name()));
    up(middle, interfaceName, net, "254");
    up(host, "uplink", net, "1");
    host.shell(
        "ip route add default via 10.77.%d.254; ip -6 route add default via fd77:%d::254"
            .formatted(net, net));
  }

  private static void up(Namespace namespace, String interfaceName, int net, String host) {
    namespace.shell(
        "ip addr add 10.77.%1$d.%2$s/24 dev %3$s; ip addr add fd77:%1$d::%2$s/64 dev %3$s nodad; ip link set %3$s up"
            .formatted(net, host, interfaceName));
  }

  /// The host on the one side.
  public Namespace west() {
    return west;
  }

  /// What is between the two.
  public Namespace middle() {
    return middle;
  }

  /// The host on the other side.
  public Namespace east() {
    return east;
  }

  /// Sends data from west to east with iperf3, and waits until it is over.
  ///
  /// @param options of the client: `-u`, `-R`, `-n 1M`
  public void iperf(String server, String... options) {
    try (RunningProgram listening =
        east.program("iperf3", "-s", "-1", "--forceflush", "-B", server).start()) {
      listening.awaitStdout("Server listening");
      Object[] words = new Object[options.length + 3];
      words[0] = "iperf3";
      words[1] = "-c";
      words[2] = server;
      System.arraycopy(options, 0, words, 3, options.length);
      west.run(words);
      listening.outcome();
    }
  }

  /// Sends a last packet from west to east, by which a listener knows that no more will come.
  public void sendMark() {
    west.run("ping", "-c", "1", "-s", "64", "-p", MARK, EAST);
  }

  /// Whether the last packet has arrived in a file of what was heard.
  public static boolean hasMark(Path file) throws IOException {
    String bytes = HexFormat.of().formatHex(Files.readAllBytes(file));
    return bytes.contains(MARK + MARK);
  }

  /// Removes the namespaces and all that is in them.
  @Override
  public void close() {
    for (Namespace namespace : new Namespace[] {west, middle, east}) {
      Program.of("ip", "netns", "del", namespace.name()).run();
    }
  }
}
