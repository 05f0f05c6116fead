package dev.patronus.source.conntrack;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What the kernel of this machine, in this network namespace, does for the accounting of
/// connections, and what is missing.
///
/// Immutable. Looking changes no setting.
///
/// @param available whether the kernel has connection tracking
/// @param counts whether it counts packets and bytes (`nf_conntrack_acct`)
/// @param permitted whether this process may ask for the table
/// @param ipv4 whether it tracks the connections of IPv4
/// @param ipv6 whether it tracks the connections of IPv6
/// @param entries how many there are now
/// @param limit how many there can be (`nf_conntrack_max`); 0 if unknown
public record ConntrackCheck(
    boolean available,
    boolean counts,
    boolean permitted,
    Tracking ipv4,
    Tracking ipv6,
    long entries,
    long limit) {

  /// Whether connections are tracked.
  public enum Tracking {
    YES,
    /// No rule of nftables or iptables asks for it, so nothing is tracked.
    NO,
    /// It cannot be found out.
    UNKNOWN
  }

  private static final Path SETTINGS = Path.of("/proc/sys/net/netfilter");

  /// Looks. Whether connections are tracked is found out by sending two datagrams to itself over
  /// the loopback and looking for them in the table: the kernel begins to track when the first rule
  /// asks for it, and nothing that can be read says whether one has.
  public static ConntrackCheck run() {
    if (!Files.isDirectory(SETTINGS)) {
      return new ConntrackCheck(false, false, false, Tracking.UNKNOWN, Tracking.UNKNOWN, 0, 0);
    }
    long entries = setting("nf_conntrack_count");
    long limit = setting("nf_conntrack_max");
    boolean counts = countsNow();
    try (TableDump dump = TableDump.open();
        Probe v4 = Probe.send("127.0.0.1");
        Probe v6 = Probe.send("::1")) {
      Set<FlowKey> flows = new HashSet<>();
      dump.run(() -> {}, message -> collect(message, flows));
      return new ConntrackCheck(
          true, counts, true, v4.tracking(flows), v6.tracking(flows), entries, limit);
    } catch (IOException _) {
      return new ConntrackCheck(
          true, counts, false, Tracking.UNKNOWN, Tracking.UNKNOWN, entries, limit);
    }
  }

  private static void collect(ConntrackMessage message, Set<FlowKey> flows) {
    if (message instanceof ConntrackMessage.Present(var entry)) {
      flows.add(entry.original());
    }
  }

  /// Whether connection tracking is there at all.
  static boolean isAvailable() {
    return Files.isDirectory(SETTINGS);
  }

  /// Whether the kernel counts for connections that begin now.
  static boolean countsNow() {
    return setting("nf_conntrack_acct") == 1;
  }

  /// The number in one of the kernel's settings; 0 if it cannot be read.
  private static long setting(String name) {
    try {
      return Long.parseLong(Files.readString(SETTINGS.resolve(name)).strip());
    } catch (IOException | NumberFormatException _) {
      return 0;
    }
  }

  /// A datagram to itself.
  private record Probe(DatagramSocket socket, boolean sent) implements AutoCloseable {
    static Probe send(String address) throws IOException {
      InetAddress own = InetAddress.getByName(address);
      DatagramSocket socket = new DatagramSocket(null);
      try {
        socket.bind(new InetSocketAddress(own, 0));
        socket.send(new DatagramPacket(new byte[1], 1, socket.getLocalSocketAddress()));
        return new Probe(socket, true);
      } catch (IOException _) {
        return new Probe(socket, false); // no such loopback
      }
    }

    Tracking tracking(Set<FlowKey> flows) {
      if (!sent) {
        return Tracking.UNKNOWN;
      }
      IpAddress own = IpAddress.of(socket.getLocalAddress().getAddress());
      int port = socket.getLocalPort();
      return flows.contains(FlowKey.of(own, port, own, port, FlowKey.UDP))
          ? Tracking.YES
          : Tracking.NO;
    }

    @Override
    public void close() {
      socket.close();
    }
  }

  /// Whether nothing is missing. Tracking that cannot be found out is not held against it.
  public boolean isFine() {
    return complaints().isEmpty();
  }

  /// What is missing, each with what to do about it, the first thing to do first; empty if nothing
  /// is.
  public List<String> complaints() {
    if (!available) {
      return List.of(NOT_AVAILABLE);
    }
    List<String> complaints = new ArrayList<>();
    if (!permitted) {
      complaints.add(Refusals.PRIVILEGE);
    }
    if (!counts) {
      complaints.add(NOT_COUNTING);
    }
    tracking().forEach((family, tracking) -> addUntracked(family, tracking, complaints));
    if (limit > 0 && entries >= limit) {
      complaints.add(
          "the kernel's connection tracking table is full (%d of %d entries) and new connections are"
                  .formatted(entries, limit)
              + " dropped: sysctl -w net.netfilter.nf_conntrack_max="
              + 2 * limit);
    }
    return List.copyOf(complaints);
  }

  private Map<String, Tracking> tracking() {
    Map<String, Tracking> families = new HashMap<>();
    families.put("ip", ipv4);
    families.put("ip6", ipv6);
    return new TreeMap<>(families);
  }

  private static void addUntracked(String family, Tracking tracking, List<String> complaints) {
    if (tracking == Tracking.NO) {
      complaints.add(
          "the kernel does not track the connections of %s, since no rule asks for it: add one, such"
                  .formatted(family.equals("ip") ? "IPv4" : "IPv6")
              + " as nft add rule %s filter forward ct state established,related accept"
                  .formatted(family));
    }
  }

  static final String NOT_AVAILABLE =
      "this kernel has no connection tracking in this network namespace: modprobe nf_conntrack";

  static final String NOT_COUNTING =
      "the kernel does not count what connections carry: sysctl -w net.netfilter.nf_conntrack_acct=1"
          + " (connections that are there already stay uncounted)";
}
