package dev.patronus.source.netflow;

import dev.patronus.libc.DatagramBatch;
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
import java.nio.file.NoSuchFileException;
import java.util.Collection;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A bound UDP socket that is read until it is empty.
///
/// The code that opens it closes it. [#receive] and [#await] belong to one thread; the rest is safe
/// from any.
final class UdpSocket implements AutoCloseable {
  /// The largest payload of a UDP datagram.
  static final int MOST_BYTES = 65_535;

  private final DatagramChannel channel;
  private final Selector selector;
  private final int receiver;
  private final InetSocketAddress local;
  private final OptionalLong inode; // empty where the kernel does not report it
  private final KeptSockets kept;
  private final @Nullable DatagramBatch batch; // null where datagrams are taken one by one
  private volatile int receiveBuffer;

  @SuppressWarnings("NullAway.Init") // [#receive] sets it
  private InetSocketAddress sender;

  private UdpSocket(
      SourceUri.Udp uri,
      DatagramChannel channel,
      InetSocketAddress local,
      OptionalLong inode,
      KeptSockets kept,
      int receiveBuffer)
      throws IOException {
    this.receiver = uri.receiver();
    this.channel = channel;
    this.selector = Selector.open();
    this.local = local;
    this.inode = inode;
    this.kept = kept;
    resize(receiveBuffer);
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ);
    batch = batch(inode);
  }

  /// Binds to the host and port of the URI, or takes the socket that is kept for them.
  ///
  /// @param isShared whether other receivers may bind to the same address, too
  /// @param ours the sockets of the other receivers
  /// @throws IOException that says which address, and what to do
  static UdpSocket open(
      SourceUri.Udp uri,
      int receiveBuffer,
      KeptSockets kept,
      boolean isShared,
      Collection<UdpSocket> ours)
      throws IOException {
    InetSocketAddress wanted = new InetSocketAddress(resolve(uri), uri.port());
    OptionalInt waiting = kept.take(wanted, uri.receiver());
    DatagramChannel channel = DatagramChannel.open(family(wanted));
    try {
      if (waiting.isPresent()) {
        channel.bind(null); // so that its descriptor can be found
        OptionalLong inode = Descriptor.inode(waiting.getAsInt());
        Descriptor.replace(descriptor(onlyOneAt(channel)), waiting.getAsInt());
        UdpSocket taken = new UdpSocket(uri, channel, wanted, inode, kept, receiveBuffer);
        taken.share(isShared);
        return taken;
      }
      OptionalLong inode = isShared ? bindShared(channel, wanted, ours) : bind(channel, wanted);
      UdpSocket opened = new UdpSocket(uri, channel, wanted, inode, kept, receiveBuffer);
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
        kept.giveBack(wanted, uri.receiver());
      }
      throw e;
    }
  }

  private static ProtocolFamily family(InetSocketAddress address) {
    return address.getAddress() instanceof Inet4Address
        ? StandardProtocolFamily.INET
        : StandardProtocolFamily.INET6;
  }

  /// Binds, and finds the inode of the socket: the one there that was not there before.
  private static OptionalLong bind(DatagramChannel channel, InetSocketAddress to)
      throws IOException {
    Set<Long> before = KernelDrops.inodes(to);
    channel.bind(to);
    for (long each : KernelDrops.inodes(to)) {
      if (!before.contains(each) && isOfThisProcess(each)) {
        return OptionalLong.of(each);
      }
    }
    return OptionalLong.empty();
  }

  /// Binds beside the other receivers, and to nothing that any other socket is bound to: the kernel
  /// would let every process of this user in (SO_REUSEPORT, socket(7)).
  private static OptionalLong bindShared(
      DatagramChannel channel, InetSocketAddress to, Collection<UdpSocket> ours)
      throws IOException {
    if (ours.isEmpty()) {
      try (DatagramChannel alone = DatagramChannel.open(family(to))) {
        alone.bind(to);
      }
    }
    requireNoOther(to, ours, OptionalLong.empty());
    channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
    OptionalLong inode = bind(channel, to);
    requireNoOther(to, ours, inode); // that was bound meanwhile
    return inode;
  }

  private static void requireNoOther(
      InetSocketAddress at, Collection<UdpSocket> ours, OptionalLong own) throws BindException {
    Set<Long> others = new HashSet<>(KernelDrops.inodes(at));
    ours.forEach(each -> each.inode.ifPresent(others::remove));
    own.ifPresent(others::remove);
    if (!others.isEmpty()) {
      throw new BindException("Address already in use");
    }
  }

  private static boolean isOfThisProcess(long inode) throws IOException {
    try {
      return Descriptor.ofSocket(inode) >= 0;
    } catch (NoSuchFileException _) {
      return false;
    }
  }

  /// Absent where the kernel does not report the socket, or does not have the call.
  private static @Nullable DatagramBatch batch(OptionalLong inode) {
    try {
      return DatagramBatch.of(descriptor(inode));
    } catch (IOException _) {
      return null;
    }
  }

  private void keep() {
    try {
      kept.keep(local, receiver, descriptor(inode));
    } catch (IOException _) {
      // then it ends with this process, as without a keeper
    }
  }

  /// The inode of a socket whose port the kernel has chosen, so that no other has it.
  private static OptionalLong onlyOneAt(DatagramChannel channel) throws IOException {
    return KernelDrops.inodes((InetSocketAddress) channel.getLocalAddress()).stream()
        .mapToLong(Long::longValue)
        .findFirst();
  }

  private static int descriptor(OptionalLong inode) throws IOException {
    if (inode.isEmpty()) {
      throw new IOException("the kernel does not report the socket");
    }
    return Descriptor.ofSocket(inode.getAsLong());
  }

  /// Whether other receivers may bind to the same address (SO_REUSEPORT, socket(7)).
  void share(boolean isShared) throws IOException {
    channel.setOption(StandardSocketOptions.SO_REUSEPORT, isShared);
  }

  /// Asks the kernel for a receive buffer of so many bytes.
  void resize(int bytes) throws IOException {
    channel.setOption(StandardSocketOptions.SO_RCVBUF, bytes);
    force(bytes);
    receiveBuffer = granted();
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
        ReceiveBuffer.force(descriptor(inode), bytes);
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
    if (batch != null) {
      int length = batch.receive(datagram);
      if (length >= 0) {
        sender = batch.sender();
      }
      return length;
    }
    ByteBuffer buffer = ByteBuffer.wrap(datagram);
    InetSocketAddress from = (InetSocketAddress) channel.receive(buffer);
    if (from == null) {
      return -1;
    }
    sender = from;
    return buffer.position();
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
    return inode.isEmpty() ? inode : KernelDrops.of(local, inode.getAsLong());
  }

  @Override
  public void close() throws IOException {
    try (selector;
        DatagramBatch _ = batch) {
      channel.close();
    } finally {
      kept.giveBack(local, receiver);
    }
  }

  /// Closes it, and has it kept no longer: nobody will read it, and the kernel would give it a part
  /// of the datagrams.
  void closeForGood() throws IOException {
    try {
      close();
    } finally {
      kept.release(local, receiver);
    }
  }
}
