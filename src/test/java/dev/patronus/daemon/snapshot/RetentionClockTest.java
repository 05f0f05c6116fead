package dev.patronus.daemon.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RetentionClockTest {
  private static final Instant START = Instant.parse("2026-11-23T14:00:00Z");
  private long nanos = 5_000_000_000L;
  private Instant wall = START;

  private Optional<Instant> after(RetentionClock clock, Duration time) {
    Optional<Instant> now = Optional.empty();
    for (long seconds = time.toSeconds(); seconds > 0; seconds -= 10) {
      nanos += 10_000_000_000L;
      wall = wall.plusSeconds(10);
      now = clock.now(wall, nanos);
    }
    return now;
  }

  @Test
  void a_clock_that_goes_on_is_believed() {
    RetentionClock clock = new RetentionClock(START.minusSeconds(60), wall, nanos);
    assertEquals(Optional.of(START.plusSeconds(60)), after(clock, Duration.ofMinutes(1)));
  }

  @Test
  void one_that_jumps_ahead_is_not_believed_for_a_day() {
    RetentionClock clock = new RetentionClock(START, wall, nanos);
    wall = wall.plus(Duration.ofDays(4000));
    assertEquals(Optional.empty(), after(clock, Duration.ofHours(23)));
    assertEquals(Optional.of(wall.plusSeconds(7200)), after(clock, Duration.ofHours(2)));
  }

  @Test
  void one_that_is_set_right_again_is_believed_at_once() {
    RetentionClock clock = new RetentionClock(START, wall, nanos);
    wall = wall.plus(Duration.ofDays(4000));
    assertEquals(Optional.empty(), after(clock, Duration.ofMinutes(5)));
    wall = wall.minus(Duration.ofDays(4000));
    assertEquals(Optional.of(wall.plusSeconds(60)), after(clock, Duration.ofMinutes(1)));
  }

  @Test
  void one_that_is_set_back_makes_nothing_older() {
    RetentionClock clock = new RetentionClock(START, wall, nanos);
    wall = wall.minus(Duration.ofDays(4000));
    assertEquals(Optional.of(wall.plusSeconds(10)), after(clock, Duration.ofSeconds(10)));
  }

  @Test
  void a_start_long_after_the_newest_snapshot_waits_for_a_day() {
    RetentionClock clock = new RetentionClock(START.minus(Duration.ofDays(4000)), wall, nanos);
    assertEquals(Optional.empty(), after(clock, Duration.ofHours(23)));
    assertEquals(Optional.of(wall.plusSeconds(7200)), after(clock, Duration.ofHours(2)));
  }

  @Test
  void a_start_without_any_snapshot_is_believed() {
    RetentionClock clock = new RetentionClock(Instant.EPOCH, wall, nanos);
    assertEquals(Optional.of(START.plusSeconds(10)), after(clock, Duration.ofSeconds(10)));
  }
}
