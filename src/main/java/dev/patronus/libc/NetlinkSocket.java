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

  private static final int SO_RCVBUF = 8;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int SOL_NETLINK = 270;
  private static final int NETLINK_ADD_MEMBERSHIP = 1;
  private static final int MSG_TRUNC = 0x20;

  /// `struct sockaddr_nl`: family u16, padding u16, port u32, groups u32.
  private static final int ADDRESS_SIZE = 12;

  private static final int PORT = 4;

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

  private final Arena arena;
  private final SocketCalls calls;
  private final MemorySegment buffer;
  private final MemorySegment kernel;
  private final MemorySegment sender;
  private final MemorySegment word;
  private int socket;

  private NetlinkSocket(Arena arena) {
    this.arena = arena;
    this.calls = new SocketCalls(arena);
    this.buffer = arena.allocate(BUFFER, 8);
    this.kernel = arena.allocate(ADDRESS_SIZE, 4);
    this.sender = arena.allocate(ADDRESS_SIZE, 4);
    this.word = arena.allocate(JAVA_INT);
    kernel.set(JAVA_SHORT, 0, (short) SocketCalls.AF_NETLINK);
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
    int type = SocketCalls.SOCK_RAW | SocketCalls.SOCK_CLOEXEC | SocketCalls.SOCK_NONBLOCK;
    socket = calls.open(SocketCalls.AF_NETLINK, type, protocol);
    try {
      calls.bind(socket, kernel);
    } catch (IOException e) {
      calls.close(socket);
      throw e;
    }
  }

  /// Asks for the messages of a group from now on.
  ///
  /// @throws CallFailed with [CallFailed#EPERM] if this process may not hear them
  public void join(int group) throws IOException {
    calls.setOption(socket, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
  }

  /// Asks for room for so many bytes of messages that wait, and returns what was granted. Without
  /// CAP_NET_ADMIN that is at most `net.core.rmem_max`. The kernel counts its own overhead in, and
  /// so grants and reports twice as much.
  public int receiveBuffer(int bytes) throws IOException {
    try {
      calls.setOption(socket, SocketCalls.SOL_SOCKET, SO_RCVBUFFORCE, bytes);
    } catch (CallFailed e) {
      if (e.errno() != CallFailed.EPERM) {
        throw e;
      }
      calls.setOption(socket, SocketCalls.SOL_SOCKET, SO_RCVBUF, bytes);
    }
    return calls.option(socket, SocketCalls.SOL_SOCKET, SO_RCVBUF);
  }

  /// Sends one request to the kernel.
  public void send(byte... request) throws IOException {
    MemorySegment.copy(request, 0, buffer, JAVA_BYTE, 0, request.length);
    long length = request.length;
    long _ =
        calls.make(
            "sendto",
            errno ->
                (long) SENDTO.invokeExact(errno, socket, buffer, length, 0, kernel, ADDRESS_SIZE));
  }

  /// Waits until there is something to receive, or the time is over.
  ///
  /// @return whether there is something
  public boolean await(Duration atMost) throws IOException {
    return calls.await(socket, atMost);
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
    return calls.make(
        "recvfrom",
        errno ->
            (long) RECVFROM.invokeExact(errno, socket, buffer, capacity, MSG_TRUNC, sender, word));
  }

  private static Received empty(CallFailed e) throws CallFailed {
    return switch (e.errno()) {
      case CallFailed.EAGAIN, CallFailed.EINTR -> new Received.Nothing();
      case CallFailed.ENOBUFS -> new Received.Lost();
      default -> throw e;
    };
  }

  @Override
  public void close() throws IOException {
    if (arena.scope().isAlive()) {
      calls.close(socket);
      arena.close();
    }
  }
}
