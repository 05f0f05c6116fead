package dev.patronus.cli.watch;

import dev.patronus.cli.traffic.TrafficRow;
import dev.patronus.history.RateSample;
import dev.patronus.history.RateTracker;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.policy.TrafficNow;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/// The memory of a watch: what each policy did since it began.
///
/// Confined to one thread. From the daemon, each answer is a reading, and the time between two is
/// measured here; from the database, each snapshot is one, and the time is that of its stamps.
final class WatchedTraffic {
  private static final long NANOS = 1_000_000_000L;

  /// One of the things that are watched.
  private static final class Watched {
    private final RateTracker tracker = new RateTracker();
    private long second;
  }

  private final Map<Long, Watched> watched = new HashMap<>();
  private final RateTracker unmatched = new RateTracker();
  private final Deque<RateSample> totals = new ArrayDeque<>();
  private double highest = Double.NaN;
  private double since = Double.NaN;
  private int readings;
  private long windowNanos;
  private Optional<TrafficNow> before = Optional.empty();
  private long beforeNanos;

  /// Takes a reading; gives a row for each policy.
  ///
  /// @param rows the policies with the rates that the place itself knows
  /// @param none the same of what no policy matched; empty where nobody counts it
  /// @param nanos when it was taken, on a clock that never jumps
  List<WatchedRow> take(
      TrafficNow now, List<TrafficRow> rows, Optional<TrafficRow> none, long nanos) {
    boolean samePlace = before.filter(then -> then.source() == now.source()).isPresent();
    boolean sameReading =
        samePlace && isSnapshot(now) && now.asOf().equals(before.flatMap(TrafficNow::asOf));
    long elapsed = nanos - beforeNanos;
    windowNanos = 0;
    for (TrafficRow row : rows) {
      follow(row, samePlace, sameReading, elapsed, now);
    }
    none.ifPresent(row -> followUnmatched(row, samePlace, sameReading, elapsed, now));
    watched.keySet().retainAll(rows.stream().map(row -> row.traffic().policyId()).toList());
    List<WatchedRow> seen = rows.stream().map(this::row).toList();
    if (!sameReading) {
      addTotal(seen);
      readings++;
    }
    before = Optional.of(now);
    beforeNanos = nanos;
    return seen;
  }

  private void follow(
      TrafficRow row, boolean samePlace, boolean sameReading, long elapsed, TrafficNow now) {
    PolicyTraffic traffic = row.traffic();
    Watched known = watched.get(traffic.policyId());
    Watched one = known == null ? new Watched() : known;
    long second = traffic.lastUpdated() == null ? 0 : traffic.lastUpdated().getEpochSecond();
    if (known == null || !samePlace) {
      watched.put(traffic.policyId(), one);
      one.tracker.begin(
          traffic.packets(),
          traffic.bytes(),
          known(row.packetsPerSecond()),
          known(row.bytesPerSecond()),
          row.rateSeconds() * NANOS);
    } else if (!isSnapshot(now)) {
      one.tracker.follow(traffic.packets(), traffic.bytes(), elapsed);
    } else if (second != one.second) {
      one.tracker.follow(traffic.packets(), traffic.bytes(), (second - one.second) * NANOS);
    } else if (!sameReading) {
      one.tracker.follow(traffic.packets(), traffic.bytes(), between(now, elapsed));
    }
    one.second = second;
    windowNanos = Math.max(windowNanos, one.tracker.windowNanos());
  }

  private static double known(OptionalDouble rate) {
    return rate.orElse(Double.NaN);
  }

  private void followUnmatched(
      TrafficRow row, boolean samePlace, boolean sameReading, long elapsed, TrafficNow now) {
    PolicyTraffic traffic = row.traffic();
    if (!samePlace || before.flatMap(TrafficNow::unmatched).isEmpty()) {
      unmatched.begin(
          traffic.packets(),
          traffic.bytes(),
          known(row.packetsPerSecond()),
          known(row.bytesPerSecond()),
          row.rateSeconds() * NANOS);
    } else if (!sameReading) {
      unmatched.follow(traffic.packets(), traffic.bytes(), between(now, elapsed));
    }
  }

  private long between(TrafficNow now, long elapsed) {
    if (!isSnapshot(now) || now.asOf().isEmpty()) {
      return elapsed;
    }
    return before
        .flatMap(TrafficNow::asOf)
        .map(then -> (now.asOf().get().getEpochSecond() - then.getEpochSecond()) * NANOS)
        .orElse(elapsed);
  }

  private static boolean isSnapshot(TrafficNow now) {
    return now.source() == TrafficNow.Source.SNAPSHOT;
  }

  /// Adds the rate of all to their samples. Their peak is that of whole windows, as each policy's
  /// is.
  private void addTotal(List<WatchedRow> seen) {
    OptionalDouble rate = WatchedRow.sum("", seen).row().bytesPerSecond();
    RateTracker.add(totals, new RateSample(known(rate), false));
    boolean whole = watched.values().stream().anyMatch(one -> one.tracker.isWhole());
    OptionalDouble within =
        watched.values().stream()
            .map(one -> one.tracker.bytesPerSecondWithin())
            .flatMapToDouble(OptionalDouble::stream)
            .reduce(Double::sum);
    if (whole && !(known(within) <= highest)) {
      highest = known(within);
    }
    since = known(within);
  }

  private WatchedRow row(TrafficRow row) {
    PolicyTraffic traffic = row.traffic();
    return row(traffic, Objects.requireNonNull(watched.get(traffic.policyId())).tracker);
  }

  private static WatchedRow row(PolicyTraffic traffic, RateTracker tracker) {
    return new WatchedRow(
        new TrafficRow(traffic, tracker.packetsPerSecond(), tracker.bytesPerSecond(), 0),
        tracker.packetsGained(),
        tracker.bytesGained(),
        tracker.bytesPerSecondHighest(),
        tracker.resets(),
        tracker.samples());
  }

  /// What no policy takes; empty where nobody counts it.
  Optional<WatchedRow> unmatched() {
    return before.flatMap(TrafficNow::unmatched).map(traffic -> row(traffic, unmatched));
  }

  /// These rows together, with the samples of all.
  WatchedRow total(List<WatchedRow> rows) {
    double most = Double.isNaN(highest) ? since : highest;
    OptionalDouble peak = Double.isNaN(most) ? OptionalDouble.empty() : OptionalDouble.of(most);
    return WatchedRow.sum("", rows).with(peak, List.copyOf(totals));
  }

  /// The time that the rates of the last reading are of; zero where there are none.
  Duration window() {
    return Duration.ofNanos(windowNanos);
  }

  /// How many readings there were; a snapshot that was seen before is none.
  int readings() {
    return readings;
  }
}
