package dev.patronus.source.conntrack;

import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

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
  private static final int MOST_DIGITS = 32;
  private static final Path STATISTICS = Path.of("/proc/net/stat/nf_conntrack");

  /// A table that is filled to so many hundredths is full: entries end and begin all the time.
  private static final int FULL_PERCENT = 95;

  /// Looks. Whether connections are tracked is found out by sending two datagrams to itself over
  /// the loopback and asking for their entries: the kernel begins to track when the first rule asks
  /// for it, and nothing that can be read says whether one has.
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
      return new ConntrackCheck(
          true, counts, true, v4.tracking(dump), v6.tracking(dump), entries, limit);
    } catch (IOException _) {
      return new ConntrackCheck(
          true, counts, false, Tracking.UNKNOWN, Tracking.UNKNOWN, entries, limit);
    }
  }

  /// What keeps a source from reading the table; empty if nothing does.
  public Optional<Problem> firstProblem() {
    if (!available) {
      return Optional.of(NOT_AVAILABLE);
    }
    if (!permitted) {
      return Optional.of(NOT_PERMITTED);
    }
    return counts ? Optional.empty() : Optional.of(NOT_COUNTING);
  }

  /// Whether connection tracking is there at all.
  static boolean isAvailable() {
    return Files.isDirectory(SETTINGS);
  }

  /// Whether the kernel counts for connections that begin now.
  static boolean countsNow() {
    return setting("nf_conntrack_acct") == 1;
  }

  /// The number in one of the kernel's settings; 0 if it cannot be read. The kernel gives it in the
  /// first read alone: who reads such a file byte by byte, as [Files#readString] does, gets a
  /// digit.
  private static long setting(String name) {
    try (InputStream file = Files.newInputStream(SETTINGS.resolve(name))) {
      byte[] digits = new byte[MOST_DIGITS];
      int length = Math.max(0, file.read(digits));
      return Long.parseLong(new String(digits, 0, length, StandardCharsets.US_ASCII).strip());
    } catch (IOException | NumberFormatException _) {
      return 0;
    }
  }

  /// How many entries the kernel has given up early, or could not make, since it booted, because
  /// the table was full (`early_drop` and `drop`, in each processor's line, hexadecimal); 0 if it
  /// does not say.
  static long entriesLost() {
    try {
      List<String> lines = Files.readAllLines(STATISTICS);
      List<String> names = List.of(lines.getFirst().strip().split("\\s+", -1));
      long lost = 0;
      for (String line : lines.subList(1, lines.size())) {
        String[] values = line.strip().split("\\s+", -1);
        for (String name : List.of("early_drop", "drop")) {
          lost += Long.parseLong(values[names.indexOf(name)], 16);
        }
      }
      return lost;
    } catch (IOException | IndexOutOfBoundsException | NumberFormatException _) {
      return 0; // a kernel without these statistics
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

    Tracking tracking(TableDump table) throws IOException {
      if (!sent) {
        return Tracking.UNKNOWN;
      }
      byte[] own = socket.getLocalAddress().getAddress();
      return table.hasEntryToItself(own, socket.getLocalPort()) ? Tracking.YES : Tracking.NO;
    }

    @Override
    public void close() {
      socket.close();
    }
  }

  /// What can be missing, as machines name it.
  public enum Fault {
    CONNTRACK_MISSING,
    NO_PERMISSION,
    ACCOUNTING_OFF,
    NOT_TRACKED,
    TABLE_FULL;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Something that is missing.
  ///
  /// @param message what it is
  /// @param next what to do about it
  public record Problem(Fault fault, String message, String next) {
    @Override
    public String toString() {
      return message + ": " + next;
    }
  }

  static final Problem NOT_AVAILABLE =
      new Problem(
          Fault.CONNTRACK_MISSING,
          "this kernel has no connection tracking in this network namespace",
          "modprobe nf_conntrack");

  static final Problem NOT_PERMITTED =
      new Problem(Fault.NO_PERMISSION, Refusals.FORBIDDEN, Refusals.PRIVILEGE);

  static final Problem NOT_COUNTING =
      new Problem(
          Fault.ACCOUNTING_OFF,
          "the kernel does not count what connections carry",
          "sysctl -w net.netfilter.nf_conntrack_acct=1 (connections that are there already stay"
              + " uncounted)");

  /// What is missing, the first thing to do first; empty if nothing is. Tracking that cannot be
  /// found out is not held against it.
  public List<Problem> problems() {
    return problems(false);
  }

  /// As [#problems()].
  ///
  /// @param losesEntries whether the kernel has lost entries lately, for lack of space
  public List<Problem> problems(boolean losesEntries) {
    if (!available) {
      return List.of(NOT_AVAILABLE);
    }
    List<Problem> problems = new ArrayList<>();
    if (!permitted) {
      problems.add(NOT_PERMITTED);
    }
    if (!counts) {
      problems.add(NOT_COUNTING);
    }
    if (ipv4 == Tracking.NO) {
      problems.add(untracked("IPv4", "ip"));
    }
    if (ipv6 == Tracking.NO) {
      problems.add(untracked("IPv6", "ip6"));
    }
    if (losesEntries || (limit > 0 && entries * 100 >= limit * FULL_PERCENT)) {
      problems.add(full(losesEntries));
    }
    return List.copyOf(problems);
  }

  private static Problem untracked(String protocol, String family) {
    return new Problem(
        Fault.NOT_TRACKED,
        "the kernel does not track the connections of " + protocol + ", since no rule asks for it",
        "add one, such as nft add rule %s filter forward ct state established,related accept"
            .formatted(family));
  }

  private Problem full(boolean losesEntries) {
    return new Problem(
        Fault.TABLE_FULL,
        "the connection tracking table is full (%d of %d entries)%s"
            .formatted(
                entries,
                limit,
                losesEntries
                    ? "; the kernel has lost connections lately, and what they carry is not counted"
                    : ""),
        "sysctl -w net.netfilter.nf_conntrack_max=" + 2 * limit);
  }
}
