package dev.patronus.source.netflow;

import java.util.LinkedHashMap;
import java.util.Map;

/// What firewalls have told of connections that are not over (Cisco NSEL).
///
/// A flow-update event (firewallEvent 5) carries what came since the event before, the teardown (2)
/// the whole connection again: of the teardown that part counts which no update has told. A
/// connection is a number here, as in [RunningTotals]. Bounded: at [#LIMIT] the one that was told
/// of longest ago goes. Confined to the decoder's thread.
///
/// Source: Cisco, "ASA NetFlow Implementation Guide".
final class FirewallConnections {
  /// The most connections, each way of one apart, that are remembered: some 5 MB.
  static final int LIMIT = 32_768;

  private static final int TEARDOWN = 2;
  private static final int UPDATE = 5;

  private static final class Reported {
    private long packets;
    private long bytes;
  }

  private final Map<Long, Reported> connections = new LinkedHashMap<>(16, 0.75f, true);
  private long newPackets;
  private long newBytes;
  private long evicted;

  /// Takes an event of one way of a connection; [#newPackets] and [#newBytes] are then what was not
  /// told before.
  void take(long connection, int event, long packets, long bytes) {
    newPackets = packets;
    newBytes = bytes;
    if (event == UPDATE) {
      Reported reported = connections.computeIfAbsent(connection, _ -> new Reported());
      reported.packets += packets;
      reported.bytes += bytes;
      if (connections.size() > LIMIT) {
        connections.remove(connections.keySet().iterator().next());
        evicted++;
      }
    } else if (event == TEARDOWN) {
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
    return connections.size();
  }

  /// The connections forgotten for want of room since the last call.
  long takeEvicted() {
    long taken = evicted;
    evicted = 0;
    return taken;
  }
}
