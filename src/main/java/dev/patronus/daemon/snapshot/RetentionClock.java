package dev.patronus.daemon.snapshot;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// From which instant the age of history counts, where something is done to what is old.
///
/// A clock that ran ahead would make everything old at once, and what is deleted then is gone. So
/// the wall clock is on probation for a day: when it has jumped ahead of the monotonic one, and at
/// a start that finds it far ahead of the newest snapshot (a battery that died, or only a machine
/// that was off). Being set back ends the probation, and makes things younger, which does no harm.
///
/// Confined to one thread; reads no clock, and wants to be asked every few seconds.
final class RetentionClock {
  static final Duration PROBATION = Duration.ofDays(1);
  static final Duration JUMP = Duration.ofHours(1);
  static final Duration OFF = Duration.ofDays(1);

  private Instant lastWall;
  private long lastNanos;
  private boolean suspect;
  private long trustedNanos;

  /// @param newest the stamp of the newest snapshot; [Instant#EPOCH] for none
  RetentionClock(Instant newest, Instant wall, long nanos) {
    lastWall = wall;
    lastNanos = nanos;
    if (!newest.equals(Instant.EPOCH) && wall.isAfter(newest.plus(OFF))) {
      doubt(nanos);
    }
  }

  private void doubt(long nanos) {
    suspect = true;
    trustedNanos = nanos + PROBATION.toNanos();
  }

  /// The present; empty while the clock is on probation.
  Optional<Instant> now(Instant wall, long nanos) {
    Instant expected = lastWall.plusNanos(nanos - lastNanos);
    if (wall.isAfter(expected.plus(JUMP))) {
      doubt(nanos);
    } else if (suspect && (wall.isBefore(expected.minus(JUMP)) || nanos - trustedNanos >= 0)) {
      suspect = false;
    }
    lastWall = wall;
    lastNanos = nanos;
    return suspect ? Optional.empty() : Optional.of(wall);
  }
}
