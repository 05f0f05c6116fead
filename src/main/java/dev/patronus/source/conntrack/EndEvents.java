package dev.patronus.source.conntrack;

import dev.patronus.libc.CallFailed;
import dev.patronus.libc.NetlinkSocket;
import dev.patronus.libc.NetlinkSocket.Received;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/// Receives the kernel's destroy events of connection tracking, with the final counters.
///
/// Only ends: an event for each new entry, or for each change of one, would cost more than it tells
/// (it has no counters). The kernel could be asked to keep what finds no room and send it again
/// (NETLINK_BROADCAST_ERROR); but the dead entries would fill its table meanwhile, and a full table
/// drops the packets of new connections. Counting must not cost traffic, so what is lost is lost,
/// counted, and made good by the next dump. Confined to one thread.
final class EndEvents implements AutoCloseable {
  /// Room for some 20,000 ends that nobody has taken yet.
  static final int BUFFER = 8 << 20;

  private final NetlinkSocket socket;
  private final int grantedBytes;

  private EndEvents(NetlinkSocket socket, int grantedBytes) {
    this.socket = socket;
    this.grantedBytes = grantedBytes;
  }

  /// Starts to listen.
  static EndEvents open() throws IOException {
    NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETFILTER);
    try {
      int granted = socket.receiveBuffer(BUFFER);
      socket.join(ConntrackMessages.DESTROY_GROUP);
      return new EndEvents(socket, granted);
    } catch (CallFailed e) {
      socket.close();
      throw new IOException(Refusals.listen(e), e);
    }
  }

  /// How much room the kernel has granted, its own overhead included.
  int grantedBytes() {
    return grantedBytes;
  }

  boolean await(Duration atMost) throws IOException {
    return socket.await(atMost);
  }

  /// Delivers all events that have arrived.
  ///
  /// @return how often the kernel says that it has dropped some
  int drain(Consumer<ConntrackMessage> to) throws IOException {
    int lost = 0;
    while (true) {
      switch (socket.receive()) {
        case Received.Messages(var bytes) -> ConntrackMessages.read(bytes, to);
        case Received.Lost() -> lost++;
        case Received.Nothing() -> {
          return lost;
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
