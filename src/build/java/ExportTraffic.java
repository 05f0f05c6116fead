import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/// Flow export to the rehearsal's daemon: NetFlow v5, v9 and IPFIX, and sFlow v5.
///
/// The daemon's AOT cache has the classes that decode and count it, and what the run time learned
/// of their methods meanwhile: so a daemon that has just started compiles them at once and as they
/// will be used, and has less to compile while the first datagrams wait.
final class ExportTraffic implements AutoCloseable {
  private static final int ROUNDS = 300;
  private static final int DATAGRAMS = 8;
  private static final int FLOWS = 25;
  private static final int TEMPLATE = 256;
  private static final int UPTIME = 60_000;

  /// Addresses, ports, protocol, 32-bit packets and bytes: elements and their lengths.
  private static final int[][] FIELDS = {{8, 4}, {12, 4}, {7, 2}, {11, 2}, {4, 1}, {2, 4}, {1, 4}};

  private static final int[] PORTS = {443, 53, 5060, 22, 3478, 9_999};

  private final DatagramChannel netflow = DatagramChannel.open();
  private final DatagramChannel sflow = DatagramChannel.open();
  private final ByteBuffer datagram = ByteBuffer.allocate(2_000);
  private int flow;
  private int v5Flows;
  private int v9Datagrams;
  private int ipfixRecords;
  private int samples;

  ExportTraffic(InetSocketAddress netflow, InetSocketAddress sflow) throws IOException {
    this.netflow.connect(netflow);
    this.sflow.connect(sflow);
  }

  /// Sends one datagram.
  void sendLittle() throws IOException {
    send(v5());
  }

  /// Sends some thousands of datagrams with other flows each.
  void sendMuch() throws IOException, InterruptedException {
    send(templates(9));
    send(templates(10));
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < DATAGRAMS; i++) {
        send(v5());
        send(sets(9));
        send(sets(10));
        sample();
      }
      Thread.sleep(4);
    }
  }

  private void send(ByteBuffer made) throws IOException {
    netflow.write(made.flip());
  }

  private static int seconds() {
    return (int) (System.currentTimeMillis() / 1000);
  }

  private ByteBuffer v5() {
    datagram.clear().putShort((short) 5).putShort((short) FLOWS).putInt(UPTIME);
    datagram.putInt(seconds()).putInt(0).putInt(v5Flows).putInt(0);
    v5Flows += FLOWS;
    for (int i = 0; i < FLOWS; i++, flow++) {
      datagram.putInt(source()).putInt(0xc000_020a).putInt(0).putInt(0);
      datagram.putInt(10).putInt(5_000).putInt(UPTIME - 2_000).putInt(UPTIME - 1_000);
      datagram.putShort((short) 40_000).putShort(port()).putShort((short) 0);
      datagram.put((byte) 6).put((byte) 0).putInt(0).putInt(0);
    }
    return datagram;
  }

  private int source() {
    return 0x0a00_0000 + flow % 20_000;
  }

  private short port() {
    return (short) PORTS[flow % PORTS.length];
  }

  /// The header of NetFlow v9 or IPFIX before a body of so many bytes.
  private void header(int version, int body, int count) {
    datagram.clear().putShort((short) version);
    if (version == 9) {
      datagram.putShort((short) count).putInt(UPTIME).putInt(seconds());
      datagram.putInt(v9Datagrams++).putInt(1);
    } else {
      datagram.putShort((short) (16 + body)).putInt(seconds()).putInt(ipfixRecords).putInt(1);
    }
  }

  private ByteBuffer templates(int version) {
    int length = 8 + 4 * FIELDS.length;
    header(version, length, 1);
    datagram.putShort((short) (version == 9 ? 0 : 2)).putShort((short) length);
    datagram.putShort((short) TEMPLATE).putShort((short) FIELDS.length);
    for (int[] field : FIELDS) {
      datagram.putShort((short) field[0]).putShort((short) field[1]);
    }
    return datagram;
  }

  private ByteBuffer sets(int version) {
    int record = 0;
    for (int[] field : FIELDS) {
      record += field[1];
    }
    int length = 4 + record * FLOWS;
    header(version, length, FLOWS);
    ipfixRecords += version == 10 ? FLOWS : 0;
    datagram.putShort((short) TEMPLATE).putShort((short) length);
    for (int i = 0; i < FLOWS; i++, flow++) {
      datagram.putInt(source()).putInt(0xc000_020a).putShort((short) 40_000).putShort(port());
      datagram.put((byte) 17).putInt(10).putInt(5_000);
    }
    return datagram;
  }

  /// Sends an sFlow datagram of one sample: the beginning of an Ethernet frame.
  private void sample() throws IOException {
    flow++;
    samples++;
    int header = 14 + 20 + 8;
    int padded = header + 3 & ~3;
    datagram
        .clear()
        .putInt(5)
        .putInt(1)
        .putInt(0x7f00_0001)
        .putInt(0)
        .putInt(samples)
        .putInt(UPTIME);
    datagram.putInt(1).putInt(1).putInt(32 + 8 + 16 + padded); // one flow sample
    datagram.putInt(samples).putInt(1).putInt(100).putInt(100 * samples).putInt(0);
    datagram.putInt(1).putInt(2).putInt(1); // interfaces, one record
    datagram.putInt(1).putInt(16 + padded).putInt(1).putInt(518).putInt(4).putInt(header);
    datagram.putLong(0x0200_0000_0002_0200L).putInt(1).putShort((short) 0x0800);
    datagram.putInt(0x4500_0000 + 500).putInt(0).putInt(0x4011_0000).putInt(source());
    datagram.putInt(0xc000_020a).putShort((short) 40_000).putShort(port());
    datagram.putInt(480 << 16).put(new byte[padded - header]);
    sflow.write(datagram.flip());
  }

  @Override
  public void close() throws IOException {
    try (netflow) {
      sflow.close();
    }
  }
}
