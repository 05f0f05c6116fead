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
        public OptionalInt take(InetSocketAddress local, int receiver) {
          return OptionalInt.empty();
        }

        @Override
        public void keep(InetSocketAddress local, int receiver, int descriptor) {
          // nobody to keep it
        }

        @Override
        public void giveBack(InetSocketAddress local, int receiver) {
          // none was taken
        }

        @Override
        public void release(InetSocketAddress local, int receiver) {
          // none is kept
        }
      };

  /// The descriptor of the socket that is kept for a receiver of an address, and is nobody's at the
  /// moment; empty if there is none. It stays open when its taker closes a duplicate.
  ///
  /// @param receiver from 1
  OptionalInt take(InetSocketAddress local, int receiver);

  /// Keeps a newly bound socket, which counts as taken. It is duplicated.
  void keep(InetSocketAddress local, int receiver, int descriptor);

  /// Ends the use of a socket that was taken or newly kept; does nothing for another one.
  void giveBack(InetSocketAddress local, int receiver);

  /// Ends the use of a socket, and the keeping of it, so that the kernel gives it nothing more;
  /// does nothing for another one.
  void release(InetSocketAddress local, int receiver);
}
