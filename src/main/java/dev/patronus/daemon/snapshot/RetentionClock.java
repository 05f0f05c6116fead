package dev.patronus.daemon.snapshot;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// The reference instant for the age of history rows; distrusts the wall clock for a day after a
/// forward jump.
///
/// A clock that runs ahead would make all rows old at once, and deleted rows cannot be recovered.
/// So the wall clock is distrusted for a day when it has jumped ahead of the monotonic clock, and
/// at a start that finds it far ahead of the newest snapshot (a dead battery, or only a machine
/// that was off). Setting it back ends that day; it makes rows younger, which is harmless.
///
/// Confined to one thread; reads no clock; must be called every few seconds.
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

  /// The current time; empty while the clock is distrusted.
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
