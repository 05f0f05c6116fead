package dev.patronus.libc;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;

/// A socket for ICMP messages to and from one host (icmp(7), RFC 792, RFC 4443).
///
/// A datagram socket where `net.ipv4.ping_group_range` has the process' group, which needs no
/// privilege; else a raw one, which needs CAP_NET_RAW. A datagram socket sets the identifier of
/// each echo request and receives the replies to its own requests only. A raw one receives all ICMP
/// messages of the host. Messages are without the IP header.
///
/// For one thread. Nothing here waits but [#await].
public final class IcmpSocket implements AutoCloseable {
  /// More than an ICMP message has that answers a small one, with an IPv4 header before it.
  private static final int BUFFER = 2048;

  private static final int IPPROTO_ICMP = 1;
  private static final int IPPROTO_ICMPV6 = 58;
  private static final int EADDRNOTAVAIL = 99;
  private static final int MSG_ERRQUEUE = 0x2000;
  private static final int SOL_IP = 0;
  private static final int IP_RECVERR = 11;
  private static final int SOL_IPV6 = 41;
  private static final int IPV6_RECVERR = 25;

  /// `struct sockaddr_in`: family u16, port u16, address, 8 bytes of padding.
  private static final int ADDRESS_SIZE = 16;

  private static final MethodHandle CONNECT =
      Native.withErrno("connect", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle SEND =
      Native.withErrno(
          "send", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle RECV =
      Native.withErrno(
          "recv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

  private final Arena arena = Arena.ofConfined();
  private final SocketCalls calls = new SocketCalls(arena);
  private final MemorySegment buffer = arena.allocate(BUFFER, 8);
  private final boolean v4;
  private boolean raw;
  private int socket = -1;

  private IcmpSocket(boolean v4) {
    this.v4 = v4;
  }

  /// Opens a socket to a host; the caller closes it.
  ///
  /// @param source the address to send from, if this machine has it; empty for the one that the
  ///   routing table gives
  /// @throws CallFailed with [CallFailed#EPERM] or [CallFailed#EACCES] if this process may open
  ///   neither kind of socket; with other numbers if there is no route
  public static IcmpSocket open(InetAddress host, Optional<InetAddress> source) throws IOException {
    IcmpSocket opened = new IcmpSocket(host instanceof Inet4Address);
    try {
      opened.connect(host, source);
      return opened;
    } catch (IOException e) {
      opened.close();
      throw e;
    }
  }

  private void connect(InetAddress host, Optional<InetAddress> source) throws IOException {
    int family = v4 ? SocketCalls.AF_INET : SocketCalls.AF_INET6;
    int protocol = v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
    try {
      socket = open(family, SocketCalls.SOCK_DGRAM, protocol);
    } catch (CallFailed e) {
      if (e.errno() != CallFailed.EACCES && e.errno() != CallFailed.EPERM) {
        throw e;
      }
      socket = open(family, SocketCalls.SOCK_RAW, protocol);
      raw = true;
    }
    reportErrors();
    if (source.filter(from -> from.getClass() == host.getClass()).isPresent()) {
      bind(source.get());
    }
    MemorySegment address = address(host);
    int size = (int) address.byteSize();
    long _ =
        calls.make("connect", errno -> (int) CONNECT.invokeExact(errno, socket, address, size));
  }

  private int open(int family, int type, int protocol) throws CallFailed {
    int flags = SocketCalls.SOCK_CLOEXEC | SocketCalls.SOCK_NONBLOCK;
    return calls.open(family, type | flags, protocol);
  }

  /// Has errors that routers and the host report thrown by [#send] and [#receive]; the kernel
  /// passes over most of them otherwise (ip(7), IP_RECVERR).
  private void reportErrors() throws CallFailed {
    int level = v4 ? SOL_IP : SOL_IPV6;
    int name = v4 ? IP_RECVERR : IPV6_RECVERR;
    calls.setOption(socket, level, name, 1);
  }

  /// Binds the socket to an address, if it is one of this machine's.
  private void bind(InetAddress source) throws CallFailed {
    try {
      calls.bind(socket, address(source));
    } catch (CallFailed e) {
      if (e.errno() != EADDRNOTAVAIL) {
        throw e;
      }
    }
  }

  private MemorySegment address(InetAddress host) {
    byte[] bytes = host.getAddress();
    MemorySegment address = arena.allocate(v4 ? ADDRESS_SIZE : SocketCalls.ADDRESS6_SIZE, 4);
    address.set(JAVA_SHORT, 0, (short) (v4 ? SocketCalls.AF_INET : SocketCalls.AF_INET6));
    MemorySegment.copy(bytes, 0, address, JAVA_BYTE, v4 ? 4 : 8, bytes.length);
    return address;
  }

  /// The address that messages leave from.
  public InetAddress source() throws IOException {
    MemorySegment address = arena.allocate(SocketCalls.ADDRESS6_SIZE, 4);
    calls.address(socket, address);
    return InetAddress.getByAddress(address.asSlice(v4 ? 4 : 8, v4 ? 4 : 16).toArray(JAVA_BYTE));
  }

  /// Sends one message.
  ///
  /// @throws IOException if the kernel does not take it; errors that it got for earlier messages
  ///   are thrown here, too
  public void send(byte... message) throws IOException {
    MemorySegment.copy(message, 0, buffer, JAVA_BYTE, 0, message.length);
    long length = message.length;
    int flags = SocketCalls.MSG_NOSIGNAL;
    long _ =
        calls.make("send", errno -> (long) SEND.invokeExact(errno, socket, buffer, length, flags));
  }

  /// Waits until there is something to receive, or the time is over.
  ///
  /// @return whether there is something
  public boolean await(Duration atMost) throws IOException {
    return calls.await(socket, atMost);
  }

  /// Takes the next message, without waiting for one; empty if there is none.
  ///
  /// @throws IOException if a router or the host reported an error instead
  public Optional<byte[]> receive() throws IOException {
    long length;
    try {
      length = receive(0);
    } catch (CallFailed e) {
      dropQueuedErrors();
      if (e.errno() == CallFailed.EAGAIN || e.errno() == CallFailed.EINTR) {
        return Optional.empty();
      }
      throw e;
    }
    // a raw socket of IPv4 gives the IP header, too, whose length is in words of four bytes
    long header = raw && v4 && length > 0 ? (buffer.get(JAVA_BYTE, 0) & 0xf) * 4L : 0;
    return Optional.of(
        buffer.asSlice(Math.min(header, length), Math.max(0, length - header)).toArray(JAVA_BYTE));
  }

  private long receive(int flags) throws CallFailed {
    long capacity = BUFFER;
    return calls.make(
        "recv", errno -> (long) RECV.invokeExact(errno, socket, buffer, capacity, flags));
  }

  /// Removes the messages that errors were reported for, without which [#await] would not wait.
  private void dropQueuedErrors() {
    try {
      while (true) {
        long _ = receive(MSG_ERRQUEUE);
      }
    } catch (CallFailed _) {
      // there are no more
    }
  }

  @Override
  public void close() throws IOException {
    if (arena.scope().isAlive()) {
      try {
        if (socket >= 0) {
          calls.close(socket);
        }
      } finally {
        arena.close();
      }
    }
  }
}
