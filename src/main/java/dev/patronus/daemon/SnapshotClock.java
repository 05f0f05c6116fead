package dev.patronus.daemon;

import java.time.Duration;
import java.time.Instant;

/// Decides when a snapshot is due and which instant it is stamped with.
///
/// Confined to one thread; reads no clock. Snapshots are due when the wall clock passes a whole
/// period. A wall clock that is set back or forward brings neither two snapshots at once nor a long
/// silence, because the monotonic clock has the last word; and stamps never run backwards, since
/// who reads history takes the row with the latest stamp for the newest.
final class SnapshotClock {
  private final long periodMillis;
  private long lastNanos;
  private long lastPeriod;
  private Instant newest;

  /// @param newest the stamp of the newest snapshot there is; [Instant#EPOCH] for none
  SnapshotClock(Duration period, Instant newest, Instant wall, long nanos) {
    this.periodMillis = period.toMillis();
    this.newest = newest;
    this.lastNanos = nanos;
    this.lastPeriod = period(wall);
  }

  /// The same clock with another period, which begins now.
  SnapshotClock every(Duration period, Instant wall, long nanos) {
    return new SnapshotClock(period, newest, wall, nanos);
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
      // just started, or just taken: only a clock that jumped says otherwise
      boolean passed = period(wall) == lastPeriod + 1;
      return passed && firstIsNear(wall, elapsedMillis);
    }
    return period(wall) != lastPeriod || elapsedMillis >= periodMillis * 3 / 2;
  }

  /// Whether the next whole period can have come by itself in so little time.
  private boolean firstIsNear(Instant wall, long elapsedMillis) {
    return Math.floorMod(wall.toEpochMilli(), periodMillis) <= elapsedMillis;
  }

  /// The stamp of a snapshot that is taken now: the whole period that has begun, or that of the
  /// newest snapshot where the clock is behind it.
  Instant stamp(Instant wall) {
    Instant whole = Instant.ofEpochMilli(period(wall) * periodMillis);
    return whole.isBefore(newest) ? newest : whole;
  }

  /// Notes that a snapshot was taken, saved or not.
  void taken(Instant wall, long nanos) {
    lastNanos = nanos;
    lastPeriod = period(wall);
  }

  /// Notes that a snapshot of this stamp was saved.
  void saved(Instant stamp) {
    newest = stamp.isAfter(newest) ? stamp : newest;
  }

  /// How far the clock is behind the newest snapshot; zero or less if it is not.
  Duration behind(Instant wall) {
    return Duration.between(wall, newest);
  }
}
