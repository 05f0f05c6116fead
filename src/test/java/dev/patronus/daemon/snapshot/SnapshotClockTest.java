package dev.patronus.daemon.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SnapshotClockTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private Instant wall = Instant.parse("2026-11-23T14:00:20Z");
  private long nanos = 5_000_000_000L;
  private final SnapshotClock clock = new SnapshotClock(MINUTE, Instant.EPOCH, wall, nanos);
  private final List<String> stamps = new ArrayList<>();

  /// Lets seconds go by, one tick each, and takes the snapshots that are due.
  private void run(int seconds) {
    for (int i = 0; i < seconds; i++) {
      wall = wall.plusSeconds(1);
      nanos += 1_000_000_000L;
      if (clock.isDue(wall, nanos)) {
        Instant stamp = clock.stamp(wall);
        stamps.add(stamp.toString().substring(11, 16));
        clock.taken(wall, nanos);
        clock.saved(stamp);
      }
    }
  }

  @Test
  void a_snapshot_is_stamped_with_each_whole_minute() {
    run(200);
    assertEquals(List.of("14:01", "14:02", "14:03"), stamps);
  }

  @Test
  void the_first_minute_may_come_seconds_after_the_start() {
    wall = Instant.parse("2026-11-23T14:00:57Z");
    SnapshotClock late = new SnapshotClock(MINUTE, Instant.EPOCH, wall, nanos);
    assertFalse(late.isDue(wall.plusSeconds(2), nanos + 2_000_000_000L));
    assertEquals(true, late.isDue(wall.plusSeconds(4), nanos + 4_000_000_000L));
  }

  @Test
  void a_clock_set_forward_brings_no_snapshot_for_the_hours_that_never_were() {
    run(100);
    wall = wall.plus(Duration.ofHours(5));
    run(60);
    assertEquals(List.of("14:01", "14:02", "19:02", "19:03"), stamps);
  }

  @Test
  void a_clock_set_back_never_stamps_before_what_is_there() {
    run(100);
    wall = wall.minus(Duration.ofHours(2));
    run(180);
    assertEquals(List.of("14:01", "14:02"), stamps.stream().distinct().toList());
    assertEquals(6, stamps.size());
    assertEquals(true, clock.behind(wall).toMinutes() > 100);
  }

  @Test
  void a_row_of_the_future_does_not_bind_a_clock_that_is_trusted() {
    Instant future = Instant.parse("2040-01-01T00:00:00Z");
    SnapshotClock clock = new SnapshotClock(MINUTE, future, wall, nanos);
    assertEquals(future, clock.stamp(wall));
    clock.trust(wall, true);
    assertEquals(Instant.parse("2026-11-23T14:00:00Z"), clock.stamp(wall));
    assertEquals(java.util.Optional.of(future), clock.future(wall));
    assertEquals(Duration.ZERO, clock.behind(wall));
    clock.saved(clock.stamp(wall));
    clock.trust(wall, false);
    assertEquals(Instant.parse("2026-11-23T14:00:00Z"), clock.stamp(wall));
  }

  @Test
  void a_clock_from_before_this_program_was_made_is_not_trusted() {
    Instant newest = Instant.parse("2026-11-23T14:00:00Z");
    Instant dead = Instant.parse("2020-01-01T00:00:00Z");
    SnapshotClock clock = new SnapshotClock(MINUTE, newest, dead, nanos);
    clock.trust(dead, true);
    assertEquals(newest, clock.stamp(dead));
  }

  @Test
  void a_clock_that_stands_still_does_not_stop_the_snapshots() {
    run(100);
    int before = stamps.size();
    for (int i = 0; i < 200; i++) {
      nanos += 1_000_000_000L;
      if (clock.isDue(wall, nanos)) {
        stamps.add("still");
        clock.taken(wall, nanos);
      }
    }
    assertEquals(2, stamps.size() - before);
  }
}
