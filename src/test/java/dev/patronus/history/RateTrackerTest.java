package dev.patronus.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class RateTrackerTest {
  private static final long SECOND = 1_000_000_000L;
  private final RateTracker trail = new RateTracker();

  private void begin(long packets, long bytes) {
    trail.begin(packets, bytes, Double.NaN, Double.NaN);
  }

  @Test
  void a_rate_is_what_came_over_the_time_that_was_measured() {
    begin(100, 10_000);
    trail.follow(103, 10_600, SECOND / 2);
    assertEquals(OptionalDouble.of(6), trail.packetsPerSecond());
    assertEquals(OptionalDouble.of(1200), trail.bytesPerSecond());
    assertEquals(600, trail.bytesGained());
    assertEquals(3, trail.packetsGained());
  }

  @Test
  void the_first_reading_has_the_rate_that_its_place_knows_or_none() {
    begin(100, 10_000);
    assertEquals(OptionalDouble.empty(), trail.bytesPerSecond());
    trail.begin(100, 10_000, 5, 50);
    assertEquals(OptionalDouble.of(50), trail.bytesPerSecond());
    assertEquals(0, trail.bytesGained());
  }

  @Test
  void a_reset_counts_from_zero_and_is_never_negative() {
    begin(100, 10_000);
    trail.follow(7, 700, SECOND);
    assertEquals(OptionalDouble.of(700), trail.bytesPerSecond());
    assertEquals(700, trail.bytesGained());
    assertEquals(1, trail.resets());
    assertTrue(trail.beats().getLast().reset());
    trail.follow(10, 1000, SECOND);
    assertEquals(1000, trail.bytesGained());
    assertEquals(1, trail.resets());
  }

  @Test
  void either_counter_that_shows_less_begins_both_anew() {
    begin(100, 10_000);
    trail.follow(5, 20_000, SECOND);
    assertEquals(20_000, trail.bytesGained());
    assertEquals(5, trail.packetsGained());
  }

  @Test
  void an_older_snapshot_is_no_reset_and_nothing_counts_twice() {
    begin(100, 10_000);
    trail.follow(150, 15_000, SECOND);
    begin(120, 12_000); // the snapshot of a moment before
    assertEquals(0, trail.resets());
    assertEquals(5_000, trail.bytesGained());
    begin(160, 16_000); // the daemon again
    assertEquals(6_000, trail.bytesGained());
    assertEquals(60, trail.packetsGained());
  }

  @Test
  void without_time_between_there_is_no_rate() {
    begin(100, 10_000);
    trail.follow(200, 20_000, 0);
    assertEquals(OptionalDouble.empty(), trail.bytesPerSecond());
    trail.follow(300, 30_000, -5);
    assertEquals(OptionalDouble.empty(), trail.bytesPerSecond());
    assertEquals(20_000, trail.bytesGained());
  }

  @Test
  void the_highest_rate_is_remembered_and_the_oldest_beats_are_forgotten() {
    begin(0, 0);
    trail.follow(1, 500, SECOND);
    for (int i = 1; i <= RateTracker.BEATS; i++) {
      trail.follow(1 + i, 500 + i, SECOND);
    }
    assertEquals(OptionalDouble.of(500), trail.bytesPerSecondHighest());
    assertEquals(RateTracker.BEATS, trail.beats().size());
    assertEquals(1.0, trail.beats().getFirst().bytesPerSecond());
  }
}
