package dev.patronus.source.netflow;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.ToIntFunction;
import java.util.stream.LongStream;

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

  /// The count of the socket that is bound there; empty where the kernel does not report it.
  static OptionalLong of(InetSocketAddress local) {
    try {
      return in(table(local), local);
    } catch (IOException _) {
      return OptionalLong.empty();
    }
  }

  /// The count in such a table; of several sockets there, their sum.
  static OptionalLong in(String table, InetSocketAddress local) {
    return numbers(table, local, columns -> columns.length - 1).reduce(Long::sum);
  }

  /// The inode of the only socket that is bound there; empty where the kernel does not report it.
  static OptionalLong inode(InetSocketAddress local) {
    try {
      long[] inodes = numbers(table(local), local, _ -> INODE).toArray();
      return inodes.length == 1 ? OptionalLong.of(inodes[0]) : OptionalLong.empty();
    } catch (IOException _) {
      return OptionalLong.empty();
    }
  }

  private static String table(InetSocketAddress local) throws IOException {
    boolean v4 = local.getAddress() instanceof Inet4Address;
    return Files.readString(PROC.resolve(v4 ? "udp" : "udp6"));
  }

  private static LongStream numbers(
      String table, InetSocketAddress local, ToIntFunction<String[]> column) {
    String wanted = hex(local);
    return table
        .lines()
        .map(line -> line.strip().split("\\s+"))
        .filter(columns -> columns.length > INODE && columns[LOCAL].equals(wanted))
        .map(columns -> columns[column.applyAsInt(columns)])
        .filter(number -> number.matches("[0-9]{1,18}"))
        .mapToLong(Long::parseLong);
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
