package dev.patronus.libc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatagramBatchTest {
  private static final int LARGEST = 65_507; // over IPv4, in whose length the headers count

  private final byte[] datagram = new byte[65_535];
  private DatagramChannel channel;
  private DatagramBatch batch;

  private void open(String host) throws IOException {
    InetAddress address = InetAddress.getByName(host);
    ProtocolFamily family =
        address.getAddress().length == 4
            ? StandardProtocolFamily.INET
            : StandardProtocolFamily.INET6;
    channel = DatagramChannel.open(family).bind(new InetSocketAddress(address, 0));
    batch = DatagramBatch.of(Descriptor.ofSocket(inode()));
  }

  /// Of the only socket at the port (proc_net_udp(5)).
  private long inode() throws IOException {
    String port = String.format(":%04X", local().getPort());
    String table = local().getAddress().getAddress().length == 4 ? "udp" : "udp6";
    return Files.readAllLines(Path.of("/proc/net", table)).stream()
        .map(line -> line.strip().split("\\s+"))
        .filter(columns -> columns[1].endsWith(port))
        .mapToLong(columns -> Long.parseLong(columns[9]))
        .findFirst()
        .orElseThrow();
  }

  private InetSocketAddress local() throws IOException {
    return (InetSocketAddress) channel.getLocalAddress();
  }

  @AfterEach
  void close() throws IOException {
    batch.close();
    channel.close();
  }

  private void send(DatagramSocket from, byte... bytes) throws IOException {
    from.send(new DatagramPacket(bytes, bytes.length, local()));
  }

  private byte[] received() throws IOException {
    return Arrays.copyOf(datagram, batch.receive(datagram));
  }

  @Test
  void more_datagrams_than_are_taken_at_a_time_come_in_order() throws IOException {
    open("127.0.0.1");
    try (DatagramSocket sender = new DatagramSocket()) {
      for (int i = 0; i < 50; i++) {
        send(sender, new byte[i]);
      }
      for (int i = 0; i < 50; i++) {
        assertEquals(i, batch.receive(datagram));
      }
      assertEquals(-1, batch.receive(datagram));
    }
  }

  @Test
  void the_largest_datagrams_arrive_whole_side_by_side() throws IOException {
    open("127.0.0.1");
    byte[] first = new byte[LARGEST];
    byte[] second = new byte[LARGEST];
    new Random(1).nextBytes(first);
    new Random(2).nextBytes(second);
    try (DatagramSocket sender = new DatagramSocket()) {
      send(sender, first);
      send(sender, second);
    }
    assertArrayEquals(first, received());
    assertArrayEquals(second, received());
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void each_sender_is_known_and_the_same_one_is_the_same_object(String host) throws IOException {
    open(host);
    InetAddress address = InetAddress.getByName(host);
    try (DatagramSocket one = new DatagramSocket(0, address);
        DatagramSocket other = new DatagramSocket(0, address)) {
      send(one, (byte) 1);
      send(one, (byte) 2);
      send(other, (byte) 3);
      send(one, (byte) 4);
      batch.receive(datagram);
      InetSocketAddress first = batch.sender();
      batch.receive(datagram);
      InetSocketAddress second = batch.sender();
      batch.receive(datagram);
      InetSocketAddress third = batch.sender();
      batch.receive(datagram);
      assertEquals(one.getLocalSocketAddress(), first);
      assertSame(first, second);
      assertEquals(other.getLocalSocketAddress(), third);
      assertEquals(first, batch.sender());
    }
  }

  @Test
  void what_comes_after_the_socket_was_empty_is_received() throws IOException {
    open("127.0.0.1");
    assertEquals(-1, batch.receive(datagram));
    try (DatagramSocket sender = new DatagramSocket()) {
      for (byte i = 0; i < 3; i++) {
        send(sender, i);
        assertArrayEquals(new byte[] {i}, received());
        assertEquals(-1, batch.receive(datagram));
      }
    }
  }

  @Test
  void once_closed_it_fails_and_leaves_the_socket_alone() throws IOException {
    open("127.0.0.1");
    batch.close();
    CallFailed failed = assertThrows(CallFailed.class, () -> batch.receive(datagram));
    assertEquals("recvmmsg: Bad file descriptor", failed.getMessage());
    batch = DatagramBatch.of(Descriptor.ofSocket(inode()));
    assertNotEquals(0, local().getPort());
  }

  @Test
  void what_is_no_socket_is_refused() throws IOException {
    open("127.0.0.1");
    CallFailed refused = assertThrows(CallFailed.class, () -> DatagramBatch.of(0));
    assertEquals("recvmmsg: Socket operation on non-socket", refused.getMessage());
  }
}
