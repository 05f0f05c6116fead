package dev.patronus.libc;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The receive buffer of a socket that the JDK has opened, beyond what `net.core.rmem_max` allows.
///
/// A process with CAP_NET_ADMIN may have that (SO_RCVBUFFORCE, socket(7)); the JDK knows only the
/// option that ends at the limit. Safe from any thread, as long as nobody closes the socket.
public final class ReceiveBuffer {
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVBUFFORCE = 33;

  private static final MethodHandle SETSOCKOPT =
      Native.withErrno(
          "setsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));

  private ReceiveBuffer() {}

  /// Gives the socket a buffer of so many bytes; the kernel adds as many for its own overhead.
  ///
  /// @param descriptor from [Descriptor#ofSocket]
  /// @throws CallFailed if the kernel refuses: without CAP_NET_ADMIN
  public static void force(int descriptor, int bytes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Native.errnoIn(arena);
      MemorySegment word = arena.allocateFrom(JAVA_INT, bytes);
      if (call(errno, descriptor, word) < 0) {
        throw Native.failure("setsockopt", errno);
      }
    }
  }

  private static int call(MemorySegment errno, int descriptor, MemorySegment word) {
    try {
      return (int) SETSOCKOPT.invokeExact(errno, descriptor, SOL_SOCKET, SO_RCVBUFFORCE, word, 4);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }
}
