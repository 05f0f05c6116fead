package dev.patronus.source.netflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.libc.Descriptor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KernelDropsTest {
  private static final String TABLE =
      """
        sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
       40: 0100007F:0807 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12345 2 0000000000000000 17
       41: 0100007F:0808 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12346 2 0000000000000000 5
       44: 0100007F:0807 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12348 2 0000000000000000 4
       42: 00000000:0807 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12347 2 0000000000000000 3
       43: B80D0120000000000000000001000000:0807 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0000000000000000 9
      """;

  private static OptionalLong of(String host, int port, long inode) {
    return KernelDrops.in(TABLE, new InetSocketAddress(host, port), inode);
  }

  private static Set<Long> inodes(String host, int port) {
    return KernelDrops.inodes(TABLE, new InetSocketAddress(host, port));
  }

  @Test
  void a_socket_is_found_by_its_address_port_and_inode() {
    assertEquals(OptionalLong.of(17), of("127.0.0.1", 2055, 12_345));
    assertEquals(OptionalLong.of(5), of("127.0.0.1", 2056, 12_346));
    assertEquals(OptionalLong.of(3), of("0.0.0.0", 2055, 12_347));
    assertEquals(OptionalLong.of(9), of("2001:db8::1", 2055, 1));
  }

  @Test
  void sockets_at_one_address_have_their_own_counts() {
    assertEquals(Set.of(12_345L, 12_348L), inodes("127.0.0.1", 2055));
    assertEquals(OptionalLong.of(4), of("127.0.0.1", 2055, 12_348));
  }

  @Test
  void the_inode_of_a_socket_is_that_of_its_descriptor() throws Exception {
    try (DatagramChannel socket = DatagramChannel.open(StandardProtocolFamily.INET)) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      InetSocketAddress local = (InetSocketAddress) socket.getLocalAddress();
      long inode = KernelDrops.inodes(local).iterator().next();
      assertThrows(IOException.class, () -> Descriptor.ofSocket(inode + (1L << 40)), "of nobody");
      try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
        assertTrue(
            descriptors
                .filter(Files::isSymbolicLink)
                .anyMatch(link -> target(link).equals("socket:[" + inode + "]")));
      }
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException _) {
      return "";
    }
  }

  @Test
  void a_socket_that_is_not_there_has_no_count() {
    assertEquals(OptionalLong.empty(), of("127.0.0.1", 9, 12_345));
    assertEquals(OptionalLong.empty(), of("127.0.0.1", 2055, 12_347));
    assertEquals(Set.of(), inodes("127.0.0.1", 9));
  }
}
