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

  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_RAW = 3;
  private static final int CLOEXEC_NONBLOCK = 0x80000 | 0x800;
  private static final int IPPROTO_ICMP = 1;
  private static final int IPPROTO_ICMPV6 = 58;
  private static final int EADDRNOTAVAIL = 99;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_ERRQUEUE = 0x2000;
  private static final int SOL_IP = 0;
  private static final int IP_RECVERR = 11;
  private static final int SOL_IPV6 = 41;
  private static final int IPV6_RECVERR = 25;
  private static final short POLLIN = 1;

  /// `struct sockaddr_in`: family u16, port u16, address, 8 bytes of padding.
  private static final int ADDRESS_SIZE = 16;

  /// `struct sockaddr_in6`: family u16, port u16, flow u32, address, scope u32.
  private static final int ADDRESS6_SIZE = 28;

  private static final MethodHandle SOCKET =
      Native.withErrno("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle BIND =
      Native.withErrno("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle CONNECT =
      Native.withErrno("connect", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle SETSOCKOPT =
      Native.withErrno(
          "setsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle GETSOCKNAME =
      Native.withErrno("getsockname", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle SEND =
      Native.withErrno(
          "send", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle RECV =
      Native.withErrno(
          "recv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle POLL =
      Native.withErrno("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle CLOSE =
      Native.withErrno("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment errno = Native.errnoIn(arena);
  private final MemorySegment buffer = arena.allocate(BUFFER, 8);
  private final MemorySegment pollfd = arena.allocate(8, 4);
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
    int family = v4 ? AF_INET : AF_INET6;
    int protocol = v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
    try {
      socket = socket(family, SOCK_DGRAM, protocol);
    } catch (CallFailed e) {
      if (e.errno() != CallFailed.EACCES && e.errno() != CallFailed.EPERM) {
        throw e;
      }
      socket = socket(family, SOCK_RAW, protocol);
      raw = true;
    }
    pollfd.set(JAVA_INT, 0, socket);
    pollfd.set(JAVA_SHORT, 4, POLLIN);
    reportErrors();
    if (source.filter(from -> from.getClass() == host.getClass()).isPresent()) {
      bind(source.get());
    }
    MemorySegment address = address(host);
    int size = (int) address.byteSize();
    call("connect", () -> (int) CONNECT.invokeExact(errno, socket, address, size));
  }

  private int socket(int family, int type, int protocol) throws CallFailed {
    int flags = type | CLOEXEC_NONBLOCK;
    return (int) call("socket", () -> (int) SOCKET.invokeExact(errno, family, flags, protocol));
  }

  /// Has errors that routers and the host report thrown by [#send] and [#receive]; the kernel
  /// passes over most of them otherwise (ip(7), IP_RECVERR).
  private void reportErrors() throws CallFailed {
    int level = v4 ? SOL_IP : SOL_IPV6;
    int name = v4 ? IP_RECVERR : IPV6_RECVERR;
    MemorySegment on = arena.allocateFrom(JAVA_INT, 1);
    call("setsockopt", () -> (int) SETSOCKOPT.invokeExact(errno, socket, level, name, on, 4));
  }

  /// Binds the socket to an address, if it is one of this machine's.
  private void bind(InetAddress source) throws CallFailed {
    MemorySegment address = address(source);
    int size = (int) address.byteSize();
    try {
      call("bind", () -> (int) BIND.invokeExact(errno, socket, address, size));
    } catch (CallFailed e) {
      if (e.errno() != EADDRNOTAVAIL) {
        throw e;
      }
    }
  }

  private MemorySegment address(InetAddress host) {
    byte[] bytes = host.getAddress();
    MemorySegment address = arena.allocate(v4 ? ADDRESS_SIZE : ADDRESS6_SIZE, 4);
    address.set(JAVA_SHORT, 0, (short) (v4 ? AF_INET : AF_INET6));
    MemorySegment.copy(bytes, 0, address, JAVA_BYTE, v4 ? 4 : 8, bytes.length);
    return address;
  }

  /// Whether it is a raw socket.
  public boolean isRaw() {
    return raw;
  }

  /// The address that messages leave from.
  public InetAddress source() throws IOException {
    MemorySegment address = arena.allocate(ADDRESS6_SIZE, 4);
    MemorySegment length = arena.allocateFrom(JAVA_INT, ADDRESS6_SIZE);
    call("getsockname", () -> (int) GETSOCKNAME.invokeExact(errno, socket, address, length));
    return InetAddress.getByAddress(address.asSlice(v4 ? 4 : 8, v4 ? 4 : 16).toArray(JAVA_BYTE));
  }

  /// Sends one message.
  ///
  /// @throws IOException if the kernel does not take it; errors that it got for earlier messages
  ///   are thrown here, too
  public void send(byte... message) throws IOException {
    MemorySegment.copy(message, 0, buffer, JAVA_BYTE, 0, message.length);
    long length = message.length;
    call("send", () -> (long) SEND.invokeExact(errno, socket, buffer, length, MSG_NOSIGNAL));
  }

  /// Waits until there is something to receive, or the time is over.
  ///
  /// @return whether there is something
  public boolean await(Duration atMost) throws IOException {
    int millis = Math.clamp(atMost.plusNanos(999_999).toMillis(), 0, Integer.MAX_VALUE);
    try {
      return call("poll", () -> (int) POLL.invokeExact(errno, pollfd, 1L, millis)) > 0;
    } catch (CallFailed e) {
      if (e.errno() == CallFailed.EINTR) {
        return false;
      }
      throw e;
    }
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
    return call("recv", () -> (long) RECV.invokeExact(errno, socket, buffer, capacity, flags));
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

  /// A call whose result is negative if it fails.
  private interface Call {
    long make() throws Throwable;
  }

  private long call(String name, Call call) throws CallFailed {
    long result;
    try {
      result = call.make();
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
    if (result < 0) {
      throw Native.failure(name, errno);
    }
    return result;
  }

  @Override
  public void close() throws IOException {
    if (arena.scope().isAlive()) {
      try {
        if (socket >= 0) {
          call("close", () -> (int) CLOSE.invokeExact(errno, socket));
        }
      } finally {
        arena.close();
      }
    }
  }
}
