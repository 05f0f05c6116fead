package dev.patronus.source.netflow;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// Reads the kernel's counters of datagrams that were dropped because a UDP socket's buffer was
/// full.
///
/// Read from `/proc/net/udp` and `udp6`, whose last column they are:
///
/// ```
///  sl  local_address rem_address   st tx_queue rx_queue ...  inode ref pointer drops
///  40: 0100007F:0807 00000000:0000 07 00000000:00000000 ...  12345 2 0000000000000000 0
/// ```
///
/// The address is in words of the machine's byte order; this program runs on little-endian ones.
final class KernelDrops {
  private static final Path PROC = Path.of("/proc/net");
  private static final int LOCAL = 1;
  private static final int INODE = 9;

  private KernelDrops() {}

  /// The count of a socket; empty where the kernel does not report it.
  ///
  /// @param local what it is bound to
  static OptionalLong of(InetSocketAddress local, long inode) {
    try {
      return in(table(local), local, inode);
    } catch (IOException _) {
      return OptionalLong.empty();
    }
  }

  /// The count in such a table.
  static OptionalLong in(String table, InetSocketAddress local, long inode) {
    return sockets(table, local)
        .filter(socket -> socket[INODE].equals(Long.toString(inode)))
        .flatMapToLong(socket -> number(socket[socket.length - 1]))
        .findFirst();
  }

  /// The inodes of all sockets that are bound there, of any process; empty where the kernel does
  /// not report them.
  static Set<Long> inodes(InetSocketAddress local) {
    try {
      return inodes(table(local), local);
    } catch (IOException _) {
      return Set.of();
    }
  }

  /// The inodes in such a table.
  static Set<Long> inodes(String table, InetSocketAddress local) {
    return sockets(table, local)
        .flatMapToLong(socket -> number(socket[INODE]))
        .boxed()
        .collect(Collectors.toSet());
  }

  private static String table(InetSocketAddress local) throws IOException {
    boolean v4 = local.getAddress() instanceof Inet4Address;
    return Files.readString(PROC.resolve(v4 ? "udp" : "udp6"));
  }

  private static Stream<String[]> sockets(String table, InetSocketAddress local) {
    String wanted = hex(local);
    return table
        .lines()
        .map(line -> line.strip().split("\\s+"))
        .filter(columns -> columns.length > INODE && columns[LOCAL].equals(wanted));
  }

  private static LongStream number(String text) {
    return text.matches("[0-9]{1,18}") ? LongStream.of(Long.parseLong(text)) : LongStream.empty();
  }

  private static String hex(InetSocketAddress local) {
    byte[] address = local.getAddress().getAddress();
    StringBuilder text = new StringBuilder();
    for (int word = 0; word < address.length; word += 4) {
      for (int i = 3; i >= 0; i--) {
        text.append(String.format(Locale.ROOT, "%02X", address[word + i]));
      }
    }
    return text.append(String.format(Locale.ROOT, ":%04X", local.getPort())).toString();
  }
}
