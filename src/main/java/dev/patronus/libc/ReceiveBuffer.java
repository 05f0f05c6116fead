package dev.patronus.libc;

import java.io.IOException;
import java.lang.foreign.Arena;

/// The receive buffer of a socket that the JDK has opened, beyond what `net.core.rmem_max` allows.
///
/// A process with CAP_NET_ADMIN may have that (SO_RCVBUFFORCE, socket(7)); the JDK knows only the
/// option that ends at the limit. Safe from any thread, as long as nobody closes the socket.
public final class ReceiveBuffer {
  private static final int SO_RCVBUFFORCE = 33;

  private ReceiveBuffer() {}

  /// Gives the socket a buffer of so many bytes; the kernel adds as many for its own overhead.
  ///
  /// @param descriptor from [Descriptor#ofSocket]
  /// @throws CallFailed if the kernel refuses: without CAP_NET_ADMIN
  public static void force(int descriptor, int bytes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      SocketCalls calls = new SocketCalls(arena);
      calls.setOption(descriptor, SocketCalls.SOL_SOCKET, SO_RCVBUFFORCE, bytes);
    }
  }
}
