package dev.patronus.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The datagrams that wait in a socket when their sender has ended.
public final class ReceivedDatagrams {
  private ReceivedDatagrams() {}

  /// Reads all of them; the channel does not block afterwards.
  public static List<byte[]> of(DatagramChannel channel) throws IOException {
    channel.configureBlocking(false);
    List<byte[]> datagrams = new ArrayList<>();
    ByteBuffer buffer = ByteBuffer.allocate(65_536);
    while (channel.receive(buffer.clear()) != null) {
      datagrams.add(Arrays.copyOf(buffer.array(), buffer.position()));
    }
    return datagrams;
  }
}
