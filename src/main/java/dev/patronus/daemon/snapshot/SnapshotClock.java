package dev.patronus.daemon.snapshot;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Decides when a snapshot is due and which instant it is stamped with.
///
/// Confined to one thread; reads no clock. Snapshots are due when the wall clock passes a whole
/// period. A wall clock that is set back or forward brings neither two snapshots at once nor a long
/// silence, because the monotonic clock has the last word. Stamps do not run backwards, since who
/// reads history takes the row with the latest stamp for the newest; but a row that is more than
/// [#AHEAD_MAX] ahead of a clock that is trusted was stamped by a wrong one, and does not bind.
final class SnapshotClock {
  /// A newest row that is less ahead of the clock is waited for: with stamps of both clocks in one
  /// stretch of time, totals would go up and down there, and each step down count as a reset.
  static final Duration AHEAD_MAX = Duration.ofDays(1);

  /// No clock that is right says less: this program was made then.
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

  /// The same clock with another period, which begins now.
  SnapshotClock every(Duration period, Instant wall, long nanos) {
    SnapshotClock other = new SnapshotClock(period, newest, wall, nanos);
    other.trusted = trusted;
    return other;
  }

  /// Says whether the wall clock can be trusted at this moment.
  void trust(Instant wall, boolean plausible) {
    trusted = plausible && !wall.isBefore(MADE);
  }

  /// The stamp of the newest row, if it is so far in the future that it does not bind.
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

  /// Notes that there is a snapshot of this stamp.
  void found(Instant stamp) {
    newest = stamp.isAfter(newest) ? stamp : newest;
  }

  /// How far the clock is behind the newest snapshot that binds; zero or less if it is not.
  Duration behind(Instant wall) {
    return future(wall).isPresent() ? Duration.ZERO : Duration.between(wall, newest);
  }
}
