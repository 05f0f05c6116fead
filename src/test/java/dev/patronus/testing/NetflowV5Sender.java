package dev.patronus.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/// Sends NetFlow v5 to a port on loopback: datagrams of 30 flows, each of some packets of 100
/// bytes.
///
/// Confined to one thread. Who opens it closes it.
public final class NetflowV5Sender implements AutoCloseable {
  public static final int FLOWS = 30;
  public static final int PACKET_BYTES = 100;
  private static final int HEADER = 24;
  private static final int RECORD = 48;

  private final DatagramChannel channel;
  private final ByteBuffer datagram = ByteBuffer.allocate(HEADER + FLOWS * RECORD);
  private int sequence;
  private int sampling;

  public NetflowV5Sender(int port) throws IOException {
    channel = DatagramChannel.open();
    channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  /// Says from now on that one packet of so many is sampled; 0 for no sampling.
  public void samplingInterval(int interval) {
    sampling = interval;
  }

  /// Sends a datagram that is no flow export.
  public void sendGarbage() throws IOException {
    channel.write(ByteBuffer.wrap(new byte[] {0, 5, 0}));
  }

  /// Sends one datagram about flows from `10.0.0.0` on to `10.1.0.1` at the port, and gives how
  /// many packets it told of.
  ///
  /// @param firstFlow the number of the first flow; each has a source address of its own
  public long send(int firstFlow, int dstPort, int packetsPerFlow) throws IOException {
    long now = System.currentTimeMillis();
    datagram.clear();
    datagram.putShort((short) 5).putShort((short) FLOWS).putInt(3_600_000);
    datagram.putInt((int) (now / 1000)).putInt(0).putInt(sequence);
    datagram.putShort((short) 0).putShort((short) sampling);
    for (int i = 0; i < FLOWS; i++) {
      datagram.putInt(0x0a000000 + firstFlow + i).putInt(0x0a010001).putInt(0).putInt(0);
      datagram.putInt(packetsPerFlow).putInt(packetsPerFlow * PACKET_BYTES);
      datagram.putInt(3_599_000).putInt(3_600_000);
      datagram.putShort((short) 40000).putShort((short) dstPort);
      datagram.put((byte) 0).put((byte) 0).put((byte) 6).put((byte) 0);
      datagram.putShort((short) 0).putShort((short) 0).putInt(0);
    }
    sequence += FLOWS;
    datagram.flip();
    channel.write(datagram);
    return (long) FLOWS * packetsPerFlow;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
