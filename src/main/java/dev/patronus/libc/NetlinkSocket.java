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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;

/// A socket to the kernel (netlink(7)): requests go out, answers and the messages of groups come
/// in.
///
/// Nothing here waits but [#await]. For one thread at a time, whichever; [#close] included.
public final class NetlinkSocket implements AutoCloseable {
  /// What [#receive] found.
  public sealed interface Received {
    /// One or more messages.
    ///
    /// @param bytes in this machine's byte order; valid until the next call
    record Messages(ByteBuffer bytes) implements Received {}

    /// There is nothing at the moment.
    record Nothing() implements Received {}

    /// The kernel had more messages than the buffer could hold, and has dropped some.
    record Lost() implements Received {}
  }

  /// The protocol number of netfilter.
  public static final int NETFILTER = 12;

  /// More than the kernel ever puts into one datagram (32 KiB, when it dumps).
  private static final int BUFFER = 256 << 10;

  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_CLOEXEC_NONBLOCK = 3 | 0x80000 | 0x800;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVBUF = 8;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int SOL_NETLINK = 270;
  private static final int NETLINK_ADD_MEMBERSHIP = 1;
  private static final int MSG_TRUNC = 0x20;
  private static final short POLLIN = 1;

  /// `struct sockaddr_nl`: family u16, padding u16, port u32, groups u32.
  private static final int ADDRESS_SIZE = 12;

  private static final int PORT = 4;

  private static final MethodHandle SOCKET =
      Native.withErrno("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle BIND =
      Native.withErrno("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle SETSOCKOPT =
      Native.withErrno(
          "setsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle GETSOCKOPT =
      Native.withErrno(
          "getsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle SENDTO =
      Native.withErrno(
          "sendto",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle RECVFROM =
      Native.withErrno(
          "recvfrom",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle POLL =
      Native.withErrno("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle CLOSE =
      Native.withErrno("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private final Arena arena;
  private final MemorySegment errno;
  private final MemorySegment buffer;
  private final MemorySegment kernel;
  private final MemorySegment sender;
  private final MemorySegment word;
  private final MemorySegment pollfd;
  private int socket;

  private NetlinkSocket(Arena arena) {
    this.arena = arena;
    this.errno = Native.errnoIn(arena);
    this.buffer = arena.allocate(BUFFER, 8);
    this.kernel = arena.allocate(ADDRESS_SIZE, 4);
    this.sender = arena.allocate(ADDRESS_SIZE, 4);
    this.word = arena.allocate(JAVA_INT);
    this.pollfd = arena.allocate(8, 4);
    kernel.set(JAVA_SHORT, 0, (short) AF_NETLINK);
  }

  /// Opens a socket; the caller closes it.
  ///
  /// @param protocol the part of the kernel to talk to, such as [#NETFILTER]
  @SuppressWarnings("MustBeClosedChecker") // the socket closes its arena when it is closed
  public static NetlinkSocket open(int protocol) throws IOException {
    NetlinkSocket opened = new NetlinkSocket(Arena.ofShared());
    try {
      opened.connect(protocol);
      return opened;
    } catch (IOException e) {
      opened.arena.close();
      throw e;
    }
  }

  private void connect(int protocol) throws IOException {
    socket =
        call(
            "socket",
            () -> (int) SOCKET.invokeExact(errno, AF_NETLINK, SOCK_RAW_CLOEXEC_NONBLOCK, protocol));
    pollfd.set(JAVA_INT, 0, socket);
    pollfd.set(JAVA_SHORT, 4, POLLIN);
    try {
      call("bind", () -> (int) BIND.invokeExact(errno, socket, kernel, ADDRESS_SIZE));
    } catch (IOException e) {
      closeSocket();
      throw e;
    }
  }

  /// Asks for the messages of a group from now on.
  ///
  /// @throws CallFailed with [CallFailed#EPERM] if this process may not hear them
  public void join(int group) throws IOException {
    word.set(JAVA_INT, 0, group);
    option(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP);
  }

  /// Asks for room for so many bytes of messages that wait, and returns what was granted. Without
  /// CAP_NET_ADMIN that is at most `net.core.rmem_max`. The kernel counts its own overhead in, and
  /// so grants and reports twice as much.
  public int receiveBuffer(int bytes) throws IOException {
    word.set(JAVA_INT, 0, bytes);
    try {
      option(SOL_SOCKET, SO_RCVBUFFORCE);
    } catch (CallFailed e) {
      if (e.errno() != CallFailed.EPERM) {
        throw e;
      }
      option(SOL_SOCKET, SO_RCVBUF);
    }
    MemorySegment length = kernelLength();
    call(
        "getsockopt",
        () -> (int) GETSOCKOPT.invokeExact(errno, socket, SOL_SOCKET, SO_RCVBUF, word, length));
    return word.get(JAVA_INT, 0);
  }

  private MemorySegment kernelLength() {
    MemorySegment length = sender.asSlice(0, 4);
    length.set(JAVA_INT, 0, 4);
    return length;
  }

  private void option(int level, int name) throws IOException {
    call("setsockopt", () -> (int) SETSOCKOPT.invokeExact(errno, socket, level, name, word, 4));
  }

  /// Sends one request to the kernel.
  public void send(byte... request) throws IOException {
    MemorySegment.copy(request, 0, buffer, JAVA_BYTE, 0, request.length);
    long length = request.length;
    call(
        "sendto",
        () ->
            (int)
                (long) SENDTO.invokeExact(errno, socket, buffer, length, 0, kernel, ADDRESS_SIZE));
  }

  /// Waits until there is something to receive, or the time is over.
  ///
  /// @return whether there is something
  public boolean await(Duration atMost) throws IOException {
    int millis = Math.clamp(atMost.toMillis(), 0, Integer.MAX_VALUE);
    try {
      return call("poll", () -> (int) POLL.invokeExact(errno, pollfd, 1L, millis)) > 0;
    } catch (CallFailed e) {
      if (e.errno() == CallFailed.EINTR) {
        return false;
      }
      throw e;
    }
  }

  /// Takes the next datagram, without waiting for one. What other processes send is passed over:
  /// only the kernel is believed.
  public Received receive() throws IOException {
    while (true) {
      long received;
      try {
        received = receiveOne();
      } catch (CallFailed e) {
        return empty(e);
      }
      if (received > BUFFER) {
        return new Received.Lost();
      }
      if (sender.get(JAVA_INT, PORT) == 0) {
        return new Received.Messages(
            buffer.asSlice(0, received).asByteBuffer().order(ByteOrder.nativeOrder()));
      }
    }
  }

  private long receiveOne() throws IOException {
    word.set(JAVA_INT, 0, ADDRESS_SIZE);
    long capacity = BUFFER;
    return call(
        "recvfrom",
        () ->
            (int)
                (long)
                    RECVFROM.invokeExact(errno, socket, buffer, capacity, MSG_TRUNC, sender, word));
  }

  private static Received empty(CallFailed e) throws CallFailed {
    return switch (e.errno()) {
      case CallFailed.EAGAIN, CallFailed.EINTR -> new Received.Nothing();
      case CallFailed.ENOBUFS -> new Received.Lost();
      default -> throw e;
    };
  }

  /// A call whose result is negative if it fails.
  private interface Call {
    int make() throws Throwable;
  }

  private int call(String name, Call call) throws CallFailed {
    int result;
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

  private void closeSocket() throws CallFailed {
    call("close", () -> (int) CLOSE.invokeExact(errno, socket));
  }

  @Override
  public void close() throws IOException {
    if (arena.scope().isAlive()) {
      closeSocket();
      arena.close();
    }
  }
}
