import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Flow export for a port on loopback, made in advance: datagrams whose records go through a number
/// of flow keys, one after the other.
///
/// Confined to one thread.
final class UdpLoad {
  private static final int V9_TEMPLATE = 260;
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /// Fields as (type, length), of NetFlow v9 and, but for the times, of IPFIX.
  private static final int[][] V9_FIELDS = {
    {8, 4}, {12, 4}, {7, 2}, {11, 2}, {4, 1}, {2, 4}, {1, 4}, {22, 4}, {21, 4}
  };

  private static final int[][] IPFIX_FIELDS = {
    {8, 4}, {12, 4}, {7, 2}, {11, 2}, {4, 1}, {2, 8}, {1, 8}, {150, 4}, {151, 4}
  };

  private final int version;
  private final int recordsEach;
  private final ByteBuffer[] datagrams;
  private int at;
  private int sequence;
  private long sentInAll;

  /// What was sent.
  record Sent(long records, long nanos) {
    double rate() {
      return records * 1e9 / nanos;
    }
  }

  /// @param version 5, 9 or 10 (IPFIX)
  /// @param ports how many destination ports there are, from 1 on
  UdpLoad(int version, int ports, int keys) {
    this(version, ports, 0, keys);
  }

  /// @param firstKey where the keys begin, so that several loads can have different ones
  UdpLoad(int version, int ports, int firstKey, int keys) {
    this.version = version;
    this.recordsEach = version == 5 ? 30 : version == 9 ? 35 : 25;
    this.datagrams = new ByteBuffer[(keys + recordsEach - 1) / recordsEach];
    for (int i = 0; i < datagrams.length; i++) {
      datagrams[i] = datagram(firstKey + i * recordsEach, ports);
    }
  }

  private ByteBuffer datagram(int firstKey, int ports) {
    ByteBuffer to = ByteBuffer.allocateDirect(1_500);
    int now = (int) (System.currentTimeMillis() / 1000);
    switch (version) {
      case 5 -> {
        to.putShort((short) 5).putShort((short) recordsEach).putInt(3_600_000).putInt(now);
        to.putInt(0).putInt(0).putInt(0);
      }
      case 9 -> {
        to.putShort((short) 9).putShort((short) (recordsEach + 1)).putInt(3_600_000).putInt(now);
        to.putInt(0).putInt(1);
      }
      default -> to.putShort((short) 10).putShort((short) 0).putInt(now).putInt(0).putInt(1);
    }
    if (version != 5) {
      template(to);
    }
    int set = to.position();
    if (version != 5) {
      to.putShort((short) V9_TEMPLATE).putShort((short) 0);
    }
    for (int i = 0; i < recordsEach; i++) {
      record(to, firstKey + i, ports, now);
    }
    if (version != 5) {
      while (to.position() % 4 != 0) {
        to.put((byte) 0);
      }
      to.putShort(set + 2, (short) (to.position() - set));
    }
    if (version == 10) {
      to.putShort(2, (short) to.position());
    }
    return to.flip();
  }

  private void template(ByteBuffer to) {
    int[][] fields = version == 9 ? V9_FIELDS : IPFIX_FIELDS;
    to.putShort((short) (version == 9 ? 0 : 2)).putShort((short) (8 + 4 * fields.length));
    to.putShort((short) V9_TEMPLATE).putShort((short) fields.length);
    for (int[] field : fields) {
      to.putShort((short) field[0]).putShort((short) field[1]);
    }
  }

  private void record(ByteBuffer to, int key, int ports, int now) {
    int source = 0x0a000000 + key;
    int port = 1 + key % ports;
    if (version == 5) {
      to.putInt(source).putInt(0xc0000201).putInt(0).putInt(0).putInt(3).putInt(300);
      to.putInt(3_599_000).putInt(3_600_000).putShort((short) 40_000).putShort((short) port);
      to.put((byte) 0).put((byte) 0).put((byte) 6).put((byte) 0).putInt(0).putInt(0);
      return;
    }
    to.putInt(source).putInt(0xc0000201).putShort((short) 40_000).putShort((short) port);
    to.put((byte) 6);
    if (version == 9) {
      to.putInt(3).putInt(300).putInt(3_599_000).putInt(3_600_000);
    } else {
      to.putLong(3).putLong(300).putInt(now - 1).putInt(now);
    }
  }

  /// Sends at a steady rate.
  ///
  /// @param rate records a second
  Sent send(int port, long records, double rate) throws IOException {
    try (DatagramChannel channel = DatagramChannel.open()) {
      channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return send(channel, records, rate);
    }
  }

  /// @param channel connected
  Sent send(DatagramChannel channel, long records, double rate) throws IOException {
    long began = System.nanoTime();
    long sent = 0;
    while (sent < records) {
      long due = began + (long) (sent * 1e9 / rate);
      long early = due - System.nanoTime();
      if (early > 100_000) {
        LockSupport.parkNanos(early);
      }
      ByteBuffer datagram = datagrams[at];
      at = (at + 1) % datagrams.length;
      number(datagram);
      datagram.rewind();
      channel.write(datagram);
      sent += recordsEach;
      sentInAll += recordsEach;
    }
    return new Sent(sent, System.nanoTime() - began);
  }

  /// The records that were sent since it was made, to any port.
  long sentInAll() {
    return sentInAll;
  }

  /// Records are counted in v5 and IPFIX, datagrams in v9.
  private void number(ByteBuffer datagram) {
    switch (version) {
      case 5 -> datagram.putInt(16, sequence);
      case 9 -> datagram.putInt(12, sequence);
      default -> datagram.putInt(8, sequence);
    }
    sequence += version == 9 ? 1 : recordsEach;
  }

  // ---- what the kernel knows of a socket (proc_net_udp(5)) -------------------------------------

  /// A UDP port on loopback where nobody listens at this moment.
  static int freePort() {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// How many datagrams the kernel has dropped at the port, for want of room.
  static long drops(int port) throws IOException {
    return sockets(port).stream().mapToLong(Socket::drops).sum();
  }

  /// A socket of a port.
  ///
  /// @param queued bytes that nobody has read, the kernel's overhead included
  /// @param drops datagrams
  record Socket(String inode, long queued, long drops) {}

  /// The sockets that are bound to the port; several where they share it (SO_REUSEPORT, socket(7)).
  static List<Socket> sockets(int port) throws IOException {
    String ending = String.format(":%04X", port);
    List<Socket> sockets = new ArrayList<>();
    for (String table : new String[] {"udp", "udp6"}) {
      for (String line : Files.readAllLines(Path.of("/proc/net/" + table))) {
        String[] words = line.strip().split("\\s+");
        if (words[1].endsWith(ending)) {
          long queued = Long.parseLong(words[4].replaceFirst(".*:", ""), 16);
          sockets.add(new Socket(words[9], queued, Long.parseLong(words[12])));
        }
      }
    }
    return sockets;
  }

  /// Waits until a process listens.
  static void awaitListener(int port) throws IOException {
    await(() -> !sockets(port).isEmpty(), "nobody listens on port " + port);
  }

  /// Waits until all that was sent is read.
  static void awaitEmpty(int port) throws IOException {
    await(
        () -> sockets(port).stream().allMatch(socket -> socket.queued() == 0),
        "nobody reads from port " + port);
  }

  /// What is waited for.
  @FunctionalInterface
  interface Condition {
    boolean holds() throws IOException;
  }

  static void await(Condition condition, String otherwise) throws IOException {
    long end = System.nanoTime() + TIMEOUT.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(otherwise);
      }
      LockSupport.parkNanos(10_000_000);
    }
  }
}
