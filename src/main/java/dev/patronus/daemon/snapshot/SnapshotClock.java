package dev.patronus.daemon.snapshot;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Decides when a snapshot is due and which instant it is stamped with.
///
/// Confined to one thread; reads no clock. Snapshots are due when the wall clock passes a whole
/// period. A wall clock that is set back or forward causes neither two snapshots at once nor a long
/// gap, because the monotonic clock decides. Stamps never decrease, since readers take the row with
/// the latest stamp for the newest; but a row that is more than [#AHEAD_MAX] ahead of a trusted
/// clock was stamped by a wrong one, and is ignored.
final class SnapshotClock {
  /// If the newest row is less far ahead than this, snapshots wait for that time: with stamps of
  /// both clocks in the same period, totals would go up and down, and each decrease would count as
  /// a reset.
  static final Duration AHEAD_MAX = Duration.ofDays(1);

  /// The build year of this program; no correct clock is earlier.
  private static final Instant MADE = Instant.parse("2026-11-01T00:00:00Z");

  private final long periodMillis;
  private long lastNanos;
  private long lastPeriod;
  private Instant newest;
  private boolean trusted;

  /// @param newest the stamp of the newest snapshot there is; [Instant#EPOCH] for none
  SnapshotClock(Duration period, Instant newest, Instant wall, long nanos) {
    this.periodMillis = period.toMillis();
    this.newest = newest;
    this.lastNanos = nanos;
    this.lastPeriod = period(wall);
  }

  /// The same clock with another period, which starts now.
  SnapshotClock every(Duration period, Instant wall, long nanos) {
    SnapshotClock other = new SnapshotClock(period, newest, wall, nanos);
    other.trusted = trusted;
    return other;
  }

  /// Sets whether the wall clock can be trusted at this moment.
  void trust(Instant wall, boolean plausible) {
    trusted = plausible && !wall.isBefore(MADE);
  }

  /// The stamp of the newest row, if it is so far in the future that it is ignored.
  Optional<Instant> future(Instant wall) {
    return trusted && newest.isAfter(wall.plus(AHEAD_MAX)) ? Optional.of(newest) : Optional.empty();
  }

  private long period(Instant wall) {
    return Math.floorDiv(wall.toEpochMilli(), periodMillis);
  }

  /// Whether a snapshot is due now.
  ///
  /// @param nanos of the monotonic clock
  boolean isDue(Instant wall, long nanos) {
    long elapsedMillis = (nanos - lastNanos) / 1_000_000;
    if (elapsedMillis * 2 < periodMillis) {
      // just started, or just taken: only a clock that jumped shows otherwise
      boolean passed = period(wall) == lastPeriod + 1;
      return passed && firstIsNear(wall, elapsedMillis);
    }
    return period(wall) != lastPeriod || elapsedMillis >= periodMillis * 3 / 2;
  }

  /// Whether the next whole period can have been reached in so little time.
  private boolean firstIsNear(Instant wall, long elapsedMillis) {
    return Math.floorMod(wall.toEpochMilli(), periodMillis) <= elapsedMillis;
  }

  /// The stamp of a snapshot that is taken now: the start of the current period, or the newest
  /// snapshot's stamp if the clock is behind it.
  Instant stamp(Instant wall) {
    Instant whole = Instant.ofEpochMilli(period(wall) * periodMillis);
    return behind(whole).isPositive() ? newest : whole;
  }

  /// Notes that a snapshot was taken, saved or not.
  void taken(Instant wall, long nanos) {
    lastNanos = nanos;
    lastPeriod = period(wall);
  }

  /// Notes that a snapshot of this stamp was saved.
  void saved(Instant stamp) {
    newest = stamp;
  }

  /// Notes that a snapshot with this stamp exists.
  void found(Instant stamp) {
    newest = stamp.isAfter(newest) ? stamp : newest;
  }

  /// How far the clock is behind the newest snapshot that is not ignored; zero or less if it is not
  /// behind.
  Duration behind(Instant wall) {
    return future(wall).isPresent() ? Duration.ZERO : Duration.between(wall, newest);
  }
}
