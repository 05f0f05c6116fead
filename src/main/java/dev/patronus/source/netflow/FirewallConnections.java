package dev.patronus.source.netflow;

import java.util.LinkedHashMap;
import java.util.Map;

/// The volume that firewalls have reported so far for open connections (Cisco NSEL).
///
/// A flow-update event (firewallEvent 5) carries the volume since the previous event, the teardown
/// (2) that of the whole connection: of the teardown only the part counts that no update has
/// reported. A connection is identified by a hash, as in [RunningTotals]. Bounded: at [#LIMIT] the
/// least recently reported connection is evicted. Confined to the decoder's thread, but for the
/// [Store].
///
/// Source: Cisco, "ASA NetFlow Implementation Guide".
final class FirewallConnections {
  /// The maximum number of stored connections, counting each direction separately: about 5 MB.
  static final int LIMIT = 32_768;

  private static final int TEARDOWN = 2;
  private static final int UPDATE = 5;

  private static final class Reported {
    private long packets;
    private long bytes;
  }

  /// The connections that the receivers of an address have in common. Its lock guards them.
  static final class Store {
    private final Map<Long, Reported> connections = new LinkedHashMap<>(16, 0.75f, true);
  }

  private final Store store;
  private long newPackets;
  private long newBytes;
  private long evicted;

  FirewallConnections(Store store) {
    this.store = store;
  }

  /// Processes an event for one direction of a connection; [#newPackets] and [#newBytes] are then
  /// the volume that was not reported before.
  void take(long connection, int event, long packets, long bytes) {
    newPackets = packets;
    newBytes = bytes;
    if (event == UPDATE || event == TEARDOWN) {
      synchronized (store) {
        take(store.connections, connection, event == UPDATE, packets, bytes);
      }
    }
  }

  private void take(
      Map<Long, Reported> connections, long connection, boolean update, long packets, long bytes) {
    if (update) {
      Reported reported = connections.computeIfAbsent(connection, _ -> new Reported());
      reported.packets += packets;
      reported.bytes += bytes;
      if (connections.size() > LIMIT) {
        connections.remove(connections.keySet().iterator().next());
        evicted++;
      }
    } else {
      Reported reported = connections.remove(connection);
      if (reported != null) {
        newPackets = Math.max(0, packets - reported.packets);
        newBytes = Math.max(0, bytes - reported.bytes);
      }
    }
  }

  long newPackets() {
    return newPackets;
  }

  long newBytes() {
    return newBytes;
  }

  int size() {
    synchronized (store) {
      return store.connections.size();
    }
  }

  /// The number of connections evicted since the last call.
  long takeEvicted() {
    long taken = evicted;
    evicted = 0;
    return taken;
  }
}
