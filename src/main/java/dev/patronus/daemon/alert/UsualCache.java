package dev.patronus.daemon.alert;

import dev.patronus.alert.Measured;
import dev.patronus.alert.UsualTraffic;
import dev.patronus.alert.UsualTraffic.Hour;
import dev.patronus.policy.TrafficLimit.Measure;
import dev.patronus.store.Database;
import dev.patronus.store.rollup.TrafficMeans;
import dev.patronus.store.rollup.TrafficMeans.Mean;
import dev.patronus.store.rollup.TrafficMeans.Whose;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/// The usual traffic at the current hour, read once an hour for each policy.
///
/// At most [#READS_MAX] are read in one round, so that a snapshot does not wait for a thousand of
/// them; the others keep the value of the hour before until their turn comes.
///
/// Confined to the database worker's thread.
final class UsualCache {
  static final int READS_MAX = 200;

  private record Entry(long hour, List<Optional<Mean>> means) {}

  private final Map<Whose, Entry> entries = new HashMap<>();
  private int reads;

  /// Begins a round.
  void begin() {
    reads = 0;
  }

  /// The usual rate.
  ///
  /// @param open the database; empty if it cannot be read now
  Measured usual(Optional<Database> open, Whose whose, Measure measure, Instant now, ZoneId zone) {
    List<Hour> hours = UsualTraffic.hours(now, zone);
    long newest = hours.getFirst().from();
    Entry entry = entries.get(whose);
    if (open.isPresent() && reads < READS_MAX && (entry == null || entry.hour() != newest)) {
      reads++;
      List<Long> starts = hours.stream().map(Hour::from).toList();
      entry = new Entry(newest, new TrafficMeans(open.get()).of(whose, starts));
      entries.put(whose, entry);
    }
    if (entry == null) {
      return Measured.unknown("the usual value was not read yet");
    }
    ToDoubleFunction<Mean> part = measure == Measure.PACKET_RATE ? Mean::packets : Mean::bytes;
    OptionalDouble median =
        UsualTraffic.median(
            entry.means().stream()
                .map(mean ->
                    mean.isPresent()
                        ? OptionalDouble.of(part.applyAsDouble(mean.get()))
                        : OptionalDouble.empty())
                .toList());
    return median.isPresent()
        ? Measured.of(median.getAsDouble())
        : Measured.unknown(
            "fewer than "
                + UsualTraffic.DAYS_LEAST
                + " of the last "
                + UsualTraffic.DAYS
                + " days have traffic counted at this hour");
  }
}
