package dev.patronus.libc;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// The receive buffer of a socket that the JDK has opened, beyond what `net.core.rmem_max` allows.
///
/// A process with CAP_NET_ADMIN may have that (SO_RCVBUFFORCE, socket(7)); the JDK knows only the
/// option that ends at the limit, and does not say which descriptor a socket has. It is found by
/// its inode (proc_pid_fd(5)). Safe from any thread, as long as nobody closes the socket.
public final class ReceiveBuffer {
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVBUFFORCE = 33;
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  private static final MethodHandle SETSOCKOPT =
      Native.withErrno(
          "setsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));

  private ReceiveBuffer() {}

  /// Gives the socket a buffer of so many bytes; the kernel adds as many for its own overhead.
  ///
  /// @param inode of the socket, as `/proc/net/udp` has it
  /// @throws CallFailed if the kernel refuses: without CAP_NET_ADMIN
  /// @throws IOException if this process has no such socket
  public static void force(long inode, int bytes) throws IOException {
    int descriptor = descriptor("socket:[" + inode + "]");
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

  private static int descriptor(String target) throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(DESCRIPTORS)) {
      for (Path each : all) {
        if (isLinkTo(each, target)) {
          return Integer.parseInt(each.getFileName().toString());
        }
      }
    }
    throw new NoSuchFileException(target);
  }

  private static boolean isLinkTo(Path link, String target) throws IOException {
    try {
      return Files.readSymbolicLink(link).toString().equals(target);
    } catch (NoSuchFileException _) {
      return false; // closed since the folder was read
    }
  }
}
