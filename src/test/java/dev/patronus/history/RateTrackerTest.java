package dev.patronus.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateTrackerTest {
  private static final long SECOND = 1_000_000_000L;
  private final RateTracker trail = new RateTracker();

  private void begin(long packets, long bytes) {
    trail.begin(packets, bytes, Double.NaN, Double.NaN, 0);
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
    trail.begin(100, 10_000, 5, 50, 60 * SECOND);
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
    assertTrue(trail.samples().getLast().reset());
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
  void the_highest_rate_of_a_minute_is_remembered_and_the_oldest_beats_are_forgotten() {
    begin(0, 0);
    trail.follow(1, 500, SECOND);
    for (int i = 1; i <= RateTracker.SAMPLES; i++) {
      trail.follow(1 + i, 500 + i, SECOND);
    }
    assertEquals((500 + 54.5) / 55.5, trail.bytesPerSecondHighest().getAsDouble(), 0.01);
    assertEquals(RateTracker.SAMPLES, trail.samples().size());
    assertEquals((500 + 250.5) / 2, trail.samples().getFirst().bytesPerSecond());
    assertEquals(1.0, trail.bytesPerSecond().getAsDouble(), 1e-9);
  }

  @Test
  void an_exporter_that_reports_once_a_minute_has_a_steady_rate() {
    trail.begin(0, 0, 100, 1_000_000, 60 * SECOND);
    long bytes = 0;
    for (int second = 2; second <= 600; second += 2) {
      bytes += second % 60 == 0 ? 60_000_000 : 0;
      trail.follow(bytes / 10_000, bytes, 2 * SECOND);
      if (second >= 70) {
        assertEquals(1_000_000, trail.bytesPerSecond().getAsDouble(), 1, second + " s");
        assertEquals(100, trail.packetsPerSecond().getAsDouble(), 0.1);
        assertEquals(RateTracker.WINDOW_NANOS, trail.windowNanos());
      }
      assertTrue(trail.bytesPerSecond().getAsDouble() <= 1_000_001, second + " s");
    }
    assertTrue(trail.bytesPerSecondHighest().getAsDouble() <= 1_000_001);
  }

  @ParameterizedTest
  @ValueSource(ints = {58, 59, 61, 62, 63})
  void reports_that_come_early_or_late_make_neither_dips_nor_spikes(int period) {
    begin(0, 0);
    long bytes = 0;
    for (int second = 2; second <= 900; second += 2) {
      bytes = (long) (second / period) * period * 1_000_000;
      trail.follow(bytes / 10_000, bytes, 2 * SECOND);
      if (second > 3 * period) {
        assertEquals(1_000_000, trail.bytesPerSecond().getAsDouble(), 60_000, second + " s");
      }
    }
  }

  @Test
  void what_came_before_is_in_the_rate_and_not_in_the_highest() {
    trail.begin(0, 0, 100, 1_000_000, 60 * SECOND);
    trail.follow(1, 20, 2 * SECOND);
    assertTrue(trail.bytesPerSecond().getAsDouble() > 900_000);
    assertEquals(OptionalDouble.of(10), trail.bytesPerSecondHighest());
    assertEquals(OptionalDouble.of(10), trail.bytesPerSecondWithin());
  }

  @Test
  void traffic_that_ended_is_gone_from_the_rate_after_the_window() {
    trail.begin(0, 0, 100, 1_000_000, 60 * SECOND);
    for (int i = 0; i < 36; i++) {
      trail.follow(0, 0, 2 * SECOND);
    }
    assertEquals(0, trail.bytesPerSecond().getAsDouble(), 1e-6);
  }

  @Test
  void without_an_earlier_rate_the_window_is_the_time_that_is_known() {
    begin(0, 0);
    assertEquals(0, trail.windowNanos());
    trail.follow(10, 1000, SECOND);
    trail.follow(20, 3000, SECOND);
    assertEquals(OptionalDouble.of(1250), trail.bytesPerSecond(), "of 1000 and 1500");
    assertEquals(2 * SECOND, trail.windowNanos());
  }

  @Test
  void readings_further_apart_than_the_window_have_the_rate_between_them() {
    begin(0, 0);
    trail.follow(1, 1_000, SECOND);
    trail.follow(301, 301_000, 300 * SECOND);
    assertEquals(1_000, trail.bytesPerSecond().getAsDouble(), 1e-6);
    assertEquals(300 * SECOND, trail.windowNanos());
  }

  /// Against a model that keeps all readings; a reset counts from zero in it, too.
  @Test
  void the_rate_is_the_median_of_the_growth_within_the_last_windows() {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    double[] grown = new double[2_000];
    Deque<Double> rates = new ArrayDeque<>();
    begin(0, 0);
    long bytes = 0;
    for (int i = 1; i < grown.length; i++) {
      boolean reset = random.nextInt(200) == 0;
      long more = random.nextInt(3) == 0 ? random.nextInt(1_000_000) : 0;
      long before = bytes;
      bytes = reset ? more : bytes + more;
      grown[i] = grown[i - 1] + (bytes < before ? bytes : bytes - before);
      trail.follow(bytes / 100, bytes, 3 * SECOND);
      int from = Math.max(0, i - 20);
      rates.addLast((grown[i] - grown[from]) / ((i - from) * 3.0));
      if (rates.size() > 4) {
        rates.removeFirst();
      }
      double[] sorted = rates.stream().mapToDouble(Double::doubleValue).sorted().toArray();
      double expected = (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
      assertEquals(
          expected, trail.bytesPerSecond().getAsDouble(), 1e-3, "seed " + seed + " at " + i);
    }
  }
}
