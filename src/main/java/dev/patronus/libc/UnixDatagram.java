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
import java.util.OptionalInt;

/// Sends one datagram to a Unix socket (unix(7)); the JDK has Unix sockets for streams alone.
///
/// Safe from any thread.
public final class UnixDatagram {
  private static final int MSG_DONTWAIT = 0x40;
  private static final int PATH_MAX = 107;

  private static final int SCM_RIGHTS = 1;

  private static final MethodHandle SENDMSG =
      Native.withErrno("sendmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));

  private UnixDatagram() {}

  /// Sends a text, and never waits for the reader.
  ///
  /// @param path the socket's file; one that begins with `@` is in the abstract namespace
  /// @throws IOException if nobody takes it, or as many wait to be read as the reader's queue holds
  public static void send(String path, String text) throws IOException {
    send(path, text, OptionalInt.empty());
  }

  /// Sends a text, and with it a duplicate of a descriptor to the reader.
  ///
  /// @throws IOException as [#send(String, String)]
  public static void send(String path, String text, int descriptor) throws IOException {
    send(path, text, OptionalInt.of(descriptor));
  }

  private static void send(String path, String text, OptionalInt descriptor) throws IOException {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    if (name.length == 0 || name.length > PATH_MAX) {
      throw new IOException("a Unix socket's path has 1.." + PATH_MAX + " bytes: '" + path + "'");
    }
    try (Arena arena = Arena.ofConfined()) {
      SocketCalls calls = new SocketCalls(arena);
      MemorySegment message = message(arena, name, arena.allocateFrom(text), descriptor);
      int flags = SocketCalls.MSG_NOSIGNAL | MSG_DONTWAIT;
      int type = SocketCalls.SOCK_DGRAM | SocketCalls.SOCK_CLOEXEC;
      int socket = calls.open(SocketCalls.AF_UNIX, type, 0);
      try {
        long _ =
            calls.make(
                "sendmsg", errno -> (long) SENDMSG.invokeExact(errno, socket, message, flags));
      } finally {
        calls.close(socket);
      }
    }
  }

  /// `struct msghdr` of 64-bit machines: name, its length, iovec, count, control, its length,
  /// flags.
  private static MemorySegment message(
      Arena arena, byte[] name, MemorySegment text, OptionalInt descriptor) {
    MemorySegment address = address(arena, name);
    MemorySegment part = arena.allocate(16, 8);
    part.set(ADDRESS, 0, text);
    part.set(JAVA_LONG, 8, text.byteSize() - 1); // without the C string's end
    MemorySegment message = arena.allocate(56, 8);
    message.set(ADDRESS, 0, address);
    message.set(JAVA_INT, 8, (int) address.byteSize());
    message.set(ADDRESS, 16, part);
    message.set(JAVA_LONG, 24, 1);
    if (descriptor.isPresent()) {
      // struct cmsghdr: its length, level, type; then the descriptor, and padding to 8 bytes.
      MemorySegment control = arena.allocate(24, 8);
      control.set(JAVA_LONG, 0, 20);
      control.set(JAVA_INT, 8, SocketCalls.SOL_SOCKET);
      control.set(JAVA_INT, 12, SCM_RIGHTS);
      control.set(JAVA_INT, 16, descriptor.getAsInt());
      message.set(ADDRESS, 32, control);
      message.set(JAVA_LONG, 40, control.byteSize());
    }
    return message;
  }

  /// `struct sockaddr_un`: the family (16 bits), then the path; the abstract namespace begins with
  /// a zero byte.
  private static MemorySegment address(Arena arena, byte[] name) {
    MemorySegment address = arena.allocate(2L + name.length);
    address.set(JAVA_SHORT_UNALIGNED, 0, (short) SocketCalls.AF_UNIX);
    MemorySegment.copy(name, 0, address, JAVA_BYTE, 2, name.length);
    if (name[0] == '@') {
      address.set(JAVA_BYTE, 2, (byte) 0);
    }
    return address;
  }
}
