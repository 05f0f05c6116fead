package dev.patronus.store.table;

import dev.patronus.flow.Volume;
import dev.patronus.history.Reading;
import java.util.List;
import java.util.Map;

/// What a capture, or what is new of one that has grown, carried in its own time.
///
/// Immutable.
///
/// @param name of its source
/// @param records how many packets of IP all of the capture has
/// @param digest over all of these packets
/// @param firstMillis the time of the first packet that counts, in epoch milliseconds
/// @param lastMillis the time of the last one
/// @param untilMillis the time of the last packet of the whole capture, of which this may be a
///   piece: nothing else may have been counted until then
/// @param total of all packets that count
/// @param policies by policy, cumulative since `firstMillis`: one reading for each minute from its
///   first packet on, in order of time; minutes may be missing where nothing came
/// @param unmatched the same of what no policy matched
/// @param tunnels of the platform's own tunnels, which is in none of them
public record CapturedTraffic(
    String name,
    long records,
    long digest,
    long firstMillis,
    long lastMillis,
    long untilMillis,
    Volume total,
    Map<Long, List<Reading>> policies,
    List<Reading> unmatched,
    Volume tunnels) {
  public CapturedTraffic {
    policies = Map.copyOf(policies);
    unmatched = List.copyOf(unmatched);
  }

  long firstSecond() {
    return Math.floorDiv(firstMillis, 1_000);
  }

  /// The last second of the whole capture.
  long untilSecond() {
    return Math.floorDiv(untilMillis, 1_000);
  }
}
