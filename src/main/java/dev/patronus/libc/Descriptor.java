package dev.patronus.libc;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/// Descriptors of sockets: which one the JDK has opened, and how another process's socket takes its
/// place.
///
/// The JDK opens no channel on a descriptor that it was handed. Here it opens one of its own, and
/// dup2(2) puts the other socket under the same number. Safe from any thread, as long as nobody
/// closes the descriptor.
public final class Descriptor {
  private static final Path ALL = Path.of("/proc/self/fd");
  private static final int SO_TYPE = 3;

  private static final MethodHandle DUP =
      Native.withErrno("dup", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle DUP2 =
      Native.withErrno("dup2", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

  private Descriptor() {}

  /// The descriptor of a socket of this process.
  ///
  /// @param inode of the socket, as `/proc/net/udp` has it
  /// @throws NoSuchFileException if this process has no such socket
  public static int ofSocket(long inode) throws IOException {
    String target = "socket:[" + inode + "]";
    try (DirectoryStream<Path> all = Files.newDirectoryStream(ALL)) {
      for (Path each : all) {
        if (isLinkTo(each, target)) {
          return Integer.parseInt(each.getFileName().toString());
        }
      }
    }
    throw new NoSuchFileException(target);
  }

  /// The inode of a socket, as `/proc/net/udp` has it; empty for a descriptor of anything else.
  public static OptionalLong inode(int descriptor) throws IOException {
    String target = Files.readSymbolicLink(ALL.resolve(Integer.toString(descriptor))).toString();
    return target.matches("socket:\\[[0-9]{1,18}\\]")
        ? OptionalLong.of(Long.parseLong(target.substring(8, target.length() - 1)))
        : OptionalLong.empty();
  }

  private static boolean isLinkTo(Path link, String target) throws IOException {
    try {
      return Files.readSymbolicLink(link).toString().equals(target);
    } catch (NoSuchFileException _) {
      return false; // closed since the folder was read
    }
  }

  /// Another descriptor of the same socket, which the caller closes.
  public static int duplicate(int descriptor) throws CallFailed {
    return call("dup", errno -> (int) DUP.invokeExact(errno, descriptor));
  }

  /// Makes a descriptor one of another socket; what it was before is closed.
  public static void replace(int descriptor, int socket) throws CallFailed {
    int _ = call("dup2", errno -> (int) DUP2.invokeExact(errno, socket, descriptor));
  }

  public static void close(int descriptor) throws CallFailed {
    try (Arena arena = Arena.ofConfined()) {
      new SocketCalls(arena).close(descriptor);
    }
  }

  /// The address that a UDP socket is bound to; empty for a socket of another kind.
  ///
  /// @throws IOException if the descriptor is not that of a socket
  public static Optional<InetSocketAddress> udpAddress(int descriptor) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      SocketCalls calls = new SocketCalls(arena);
      if (calls.option(descriptor, SocketCalls.SOL_SOCKET, SO_TYPE) != SocketCalls.SOCK_DGRAM) {
        return Optional.empty();
      }
      MemorySegment address = arena.allocate(SocketCalls.ADDRESS6_SIZE, 4);
      calls.address(descriptor, address);
      return address(address);
    }
  }

  /// The address in a `sockaddr_in` or `sockaddr_in6`; empty if it is of another family.
  static Optional<InetSocketAddress> address(MemorySegment raw) throws IOException {
    int port =
        Byte.toUnsignedInt(raw.get(JAVA_BYTE, 2)) << 8 | Byte.toUnsignedInt(raw.get(JAVA_BYTE, 3));
    return switch (raw.get(JAVA_SHORT_UNALIGNED, 0)) {
      case SocketCalls.AF_INET -> Optional.of(address(raw, 4, 4, port));
      case SocketCalls.AF_INET6 -> Optional.of(address(raw, 8, 16, port));
      default -> Optional.empty();
    };
  }

  private static InetSocketAddress address(MemorySegment raw, int from, int length, int port)
      throws IOException {
    byte[] bytes = raw.asSlice(from, length).toArray(JAVA_BYTE);
    return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
  }

  private static int call(String name, SocketCalls.Call call) throws CallFailed {
    try (Arena arena = Arena.ofConfined()) {
      return (int) new SocketCalls(arena).make(name, call);
    }
  }
}
