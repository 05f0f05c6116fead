package dev.patronus.source.netflow;

import dev.patronus.libc.Descriptor;
import dev.patronus.libc.ReceiveBuffer;
import dev.patronus.source.KeptSockets;
import dev.patronus.source.SourceUri;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// A bound UDP socket that is read until it is empty.
///
/// The code that opens it closes it. [#receive] and [#await] belong to one thread; the rest is safe
/// from any.
final class UdpSocket implements AutoCloseable {
  /// The largest payload of a UDP datagram.
  static final int MOST_BYTES = 65_535;

  private final DatagramChannel channel;
  private final Selector selector;
  private final InetSocketAddress local;
  private final KeptSockets kept;
  private final int receiveBuffer;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(MOST_BYTES);

  @SuppressWarnings("NullAway.Init") // [#receive] sets it
  private InetSocketAddress sender;

  private UdpSocket(
      DatagramChannel channel,
      Selector selector,
      InetSocketAddress local,
      KeptSockets kept,
      int receiveBuffer)
      throws IOException {
    this.channel = channel;
    this.selector = selector;
    this.local = local;
    this.kept = kept;
    force(receiveBuffer);
    this.receiveBuffer = granted();
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ);
  }

  /// Binds to the host and port of the URI, or takes the socket that is kept for them.
  ///
  /// @throws IOException that says which address, and what to do
  static UdpSocket open(SourceUri.Udp uri, int receiveBuffer, KeptSockets kept) throws IOException {
    InetSocketAddress wanted = new InetSocketAddress(resolve(uri), uri.port());
    ProtocolFamily family =
        wanted.getAddress() instanceof Inet4Address
            ? StandardProtocolFamily.INET
            : StandardProtocolFamily.INET6;
    OptionalInt waiting = kept.take(wanted);
    DatagramChannel channel = DatagramChannel.open(family);
    try {
      if (waiting.isPresent()) {
        channel.bind(null); // so that its descriptor can be found
        Descriptor.replace(descriptor(bound(channel)), waiting.getAsInt());
        channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBuffer);
        return new UdpSocket(channel, Selector.open(), wanted, kept, receiveBuffer);
      }
      channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBuffer);
      channel.bind(wanted);
      UdpSocket opened =
          new UdpSocket(channel, Selector.open(), bound(channel), kept, receiveBuffer);
      opened.keep();
      return opened;
    } catch (BindException e) {
      channel.close();
      String next =
          isOurs(wanted.getAddress())
              ? "'ss -ulpn sport = :" + uri.port() + "' shows who does"
              : "no interface of this machine has this address, see 'ip address'";
      throw new IOException(
          "cannot listen on " + uri.text() + ": " + e.getMessage() + "; " + next, e);
    } catch (IOException | RuntimeException e) {
      channel.close();
      if (waiting.isPresent()) {
        kept.giveBack(wanted);
      }
      throw e;
    }
  }

  private void keep() {
    try {
      kept.keep(local, descriptor(local));
    } catch (IOException _) {
      // then it ends with this process, as without a keeper
    }
  }

  private static InetSocketAddress bound(DatagramChannel channel) throws IOException {
    return (InetSocketAddress) channel.getLocalAddress();
  }

  /// The descriptor of the only socket that is bound there.
  private static int descriptor(InetSocketAddress local) throws IOException {
    OptionalLong inode = KernelDrops.inode(local);
    if (inode.isEmpty()) {
      throw new IOException("the kernel does not report the socket at " + local);
    }
    return Descriptor.ofSocket(inode.getAsLong());
  }

  /// Whether a socket can be bound to the address, whatever the port.
  private static boolean isOurs(InetAddress address) {
    try {
      return address.isAnyLocalAddress() || NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException _) {
      return true; // it cannot be found out
    }
  }

  /// The kernel grants twice what it is asked for, as its overhead counts too; the JDK halves that.
  private int granted() throws IOException {
    return channel.getOption(StandardSocketOptions.SO_RCVBUF);
  }

  /// Exceeds the limit of the system if this process is permitted to.
  private void force(int bytes) throws IOException {
    if (granted() < bytes) {
      try {
        ReceiveBuffer.force(descriptor(local), bytes);
      } catch (IOException _) {
        // Then it is what the system allows; how much that is, is said.
      }
    }
  }

  private static InetAddress resolve(SourceUri.Udp uri) throws IOException {
    try {
      return InetAddress.getByName(uri.host());
    } catch (UnknownHostException e) {
      throw new IOException(
          "cannot listen on %s: no address is known for '%s'; try an address"
              .formatted(uri.text(), uri.host()),
          e);
    }
  }

  /// Takes the next datagram.
  ///
  /// @return its length, or -1 if there is none at the moment
  int receive(byte[] datagram) throws IOException {
    buffer.clear();
    InetSocketAddress from = (InetSocketAddress) channel.receive(buffer);
    if (from == null) {
      return -1;
    }
    sender = from;
    int length = buffer.position();
    buffer.flip().get(datagram, 0, length);
    return length;
  }

  /// Who sent the last datagram; the same object as long as it is the same sender.
  InetSocketAddress sender() {
    return sender;
  }

  /// Waits until there is a datagram, so much time has passed, or somebody calls [#wake].
  void await(long millis) throws IOException {
    selector.select(_ -> {}, millis);
  }

  void wake() {
    selector.wakeup();
  }

  /// Bytes that the kernel granted, as they are asked for: it has as many more for its overhead.
  int receiveBuffer() {
    return receiveBuffer;
  }

  /// Datagrams that the kernel threw away; empty where the kernel does not report them.
  OptionalLong dropped() {
    return KernelDrops.of(local);
  }

  @Override
  public void close() throws IOException {
    try (selector) {
      channel.close();
    } finally {
      kept.giveBack(local);
    }
  }
}
