package dev.patronus.libc;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/// Sends one datagram to a Unix socket (unix(7)); the JDK has Unix sockets for streams alone.
///
/// Safe from any thread.
public final class UnixDatagram {
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int PATH_MAX = 107;

  private static final MethodHandle SOCKET =
      Native.withErrno("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle SENDTO =
      Native.withErrno(
          "sendto",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle CLOSE =
      Native.withErrno("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private UnixDatagram() {}

  /// Sends a text, and never waits for the reader.
  ///
  /// @param path the socket's file; one that begins with `@` is in the abstract namespace
  /// @throws IOException if nobody takes it, or as many wait to be read as the reader's queue holds
  public static void send(String path, String text) throws IOException {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    if (name.length == 0 || name.length > PATH_MAX) {
      throw new IOException("a Unix socket's path has 1.." + PATH_MAX + " bytes: '" + path + "'");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Native.errnoIn(arena);
      int socket = (int) SOCKET.invokeExact(errno, AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
      if (socket < 0) {
        throw Native.failure("socket", errno);
      }
      try {
        send(socket, address(arena, name), arena.allocateFrom(text), errno);
      } finally {
        int _ = (int) CLOSE.invokeExact(errno, socket);
      }
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  private static void send(
      int socket, MemorySegment address, MemorySegment text, MemorySegment errno) throws Throwable {
    long length = text.byteSize() - 1; // without the C string's end
    long sent =
        (long)
            SENDTO.invokeExact(
                errno,
                socket,
                text,
                length,
                MSG_NOSIGNAL | MSG_DONTWAIT,
                address,
                (int) address.byteSize());
    if (sent != length) {
      throw Native.failure("sendto", errno);
    }
  }

  /// `struct sockaddr_un`: the family (16 bits), then the path; the abstract namespace begins with
  /// a zero byte.
  private static MemorySegment address(Arena arena, byte[] name) {
    MemorySegment address = arena.allocate(2L + name.length);
    address.set(JAVA_SHORT_UNALIGNED, 0, (short) AF_UNIX);
    MemorySegment.copy(name, 0, address, JAVA_BYTE, 2, name.length);
    if (name[0] == '@') {
      address.set(JAVA_BYTE, 2, (byte) 0);
    }
    return address;
  }
}
