package dev.patronus.source;

import java.net.InetSocketAddress;
import java.util.OptionalInt;

/// Bound UDP sockets that outlive this process: what arrives while nobody reads waits in their
/// buffers for the next one.
///
/// Safe from any thread.
public interface KeptSockets {
  /// Nothing is kept: each source binds its own socket, and closing it ends it.
  KeptSockets NONE =
      new KeptSockets() {
        @Override
        public OptionalInt take(InetSocketAddress local) {
          return OptionalInt.empty();
        }

        @Override
        public void keep(InetSocketAddress local, int descriptor) {
          // nobody to keep it
        }

        @Override
        public void giveBack(InetSocketAddress local) {
          // none was taken
        }
      };

  /// The descriptor of the socket that is kept for an address, and is nobody's at the moment; empty
  /// if there is none. It stays open when its taker closes a duplicate.
  OptionalInt take(InetSocketAddress local);

  /// Keeps a newly bound socket, which counts as taken. It is duplicated.
  void keep(InetSocketAddress local, int descriptor);

  /// Ends the use of a socket that was taken or newly kept; does nothing for another address.
  void giveBack(InetSocketAddress local);
}
