package dev.patronus.libc;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.time.Duration;

/// The calls of the C library that the sockets of this package have in common (socket(2), bind(2),
/// getsockopt(2), getsockname(2), poll(2), close(2)).
///
/// For one thread at a time, because a call leaves its `errno` here. Valid as long as the arena.
final class SocketCalls {
  static final int AF_UNIX = 1;
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;
  static final int AF_NETLINK = 16;
  static final int SOCK_DGRAM = 2;
  static final int SOCK_RAW = 3;
  static final int SOCK_CLOEXEC = 0x80000;
  static final int SOCK_NONBLOCK = 0x800;
  static final int SOL_SOCKET = 1;
  static final int MSG_NOSIGNAL = 0x4000;

  /// The bytes of `struct sockaddr_in6`, the larger of the two of the internet: family u16, port
  /// u16, flow u32, address, scope u32.
  static final int ADDRESS6_SIZE = 28;

  private static final short POLLIN = 1;

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
  private static final MethodHandle GETSOCKNAME =
      Native.withErrno("getsockname", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle POLL =
      Native.withErrno("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle CLOSE =
      Native.withErrno("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private final MemorySegment errno;
  private final MemorySegment word;
  private final MemorySegment length;
  private final MemorySegment pollfd;

  SocketCalls(Arena arena) {
    errno = Native.errnoIn(arena);
    word = arena.allocate(JAVA_INT);
    length = arena.allocate(JAVA_INT);
    pollfd = arena.allocate(8, 4);
  }

  /// A call whose result is negative if it fails.
  interface Call {
    long make(MemorySegment errno) throws Throwable;
  }

  /// Makes a call of another function of [Native#withErrno].
  ///
  /// @param name of the function, for the message of the failure
  long make(String name, Call call) throws CallFailed {
    long result;
    try {
      result = call.make(errno);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
    if (result < 0) {
      throw Native.failure(name, errno);
    }
    return result;
  }

  int open(int family, int type, int protocol) throws CallFailed {
    return (int) make("socket", at -> (int) SOCKET.invokeExact(at, family, type, protocol));
  }

  void bind(int socket, MemorySegment address) throws CallFailed {
    int size = (int) address.byteSize();
    long _ = make("bind", at -> (int) BIND.invokeExact(at, socket, address, size));
  }

  void setOption(int socket, int level, int name, int value) throws CallFailed {
    word.set(JAVA_INT, 0, value);
    long _ =
        make(
            "setsockopt",
            at -> (int) SETSOCKOPT.invokeExact(at, socket, level, name, word, Integer.BYTES));
  }

  int option(int socket, int level, int name) throws CallFailed {
    length.set(JAVA_INT, 0, Integer.BYTES);
    long _ =
        make(
            "getsockopt",
            at -> (int) GETSOCKOPT.invokeExact(at, socket, level, name, word, length));
    return word.get(JAVA_INT, 0);
  }

  /// Writes the address that a socket is bound to.
  ///
  /// @param address of the size of the largest that may come
  void address(int socket, MemorySegment address) throws CallFailed {
    length.set(JAVA_INT, 0, (int) address.byteSize());
    long _ = make("getsockname", at -> (int) GETSOCKNAME.invokeExact(at, socket, address, length));
  }

  /// Waits until there is something to receive, or the time is over.
  ///
  /// @return whether there is something; false, too, if a signal came
  boolean await(int socket, Duration atMost) throws CallFailed {
    pollfd.set(JAVA_INT, 0, socket);
    pollfd.set(JAVA_SHORT, 4, POLLIN);
    int millis = Math.clamp(atMost.plusNanos(999_999).toMillis(), 0, Integer.MAX_VALUE);
    try {
      return make("poll", at -> (int) POLL.invokeExact(at, pollfd, 1L, millis)) > 0;
    } catch (CallFailed e) {
      if (e.errno() == CallFailed.EINTR) {
        return false;
      }
      throw e;
    }
  }

  void close(int socket) throws CallFailed {
    long _ = make("close", at -> (int) CLOSE.invokeExact(at, socket));
  }
}
