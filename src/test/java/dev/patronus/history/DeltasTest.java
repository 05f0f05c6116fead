package dev.patronus.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeltasTest {
  private final Deltas deltas = new Deltas();

  @Test
  void the_first_reading_of_a_policy_has_no_delta() {
    Reading first = reading(1, 60, 10, 1000);
    assertEquals(new Change.First(first), deltas.next(first));
  }

  @Test
  void a_later_reading_has_what_came_since_the_one_before() {
    deltas.next(reading(1, 60, 10, 1000));
    Reading second = reading(1, 120, 13, 1500);
    assertEquals(new Change.Delta(second, 60, 3, 500, false), deltas.next(second));
  }

  @Test
  void a_smaller_value_is_a_reset_and_counts_from_zero() {
    deltas.next(reading(1, 60, 10, 1000));
    Reading second = reading(1, 120, 4, 400);
    assertEquals(new Change.Delta(second, 60, 4, 400, true), deltas.next(second));
  }

  @Test
  void both_counters_count_from_zero_when_either_was_reset() {
    deltas.next(reading(1, 60, 10, 1000));
    Reading busier = reading(1, 120, 12, 500);
    assertEquals(new Change.Delta(busier, 60, 12, 500, true), deltas.next(busier));
  }

  @Test
  void a_value_at_the_top_of_63_bits_and_then_a_small_one_is_a_reset_and_no_wrap() {
    deltas.next(reading(1, 60, Long.MAX_VALUE, Long.MAX_VALUE));
    Reading second = reading(1, 120, 5, 6);
    assertEquals(new Change.Delta(second, 60, 5, 6, true), deltas.next(second));
  }

  @Test
  void a_negative_counter_is_passed_over_and_the_next_is_compared_with_the_last_plausible() {
    deltas.next(reading(1, 60, 10, 1000));
    Reading damaged = reading(1, 120, 11, -1);
    assertEquals(new Change.Implausible(damaged), deltas.next(damaged));
    Reading third = reading(1, 180, 13, 1300);
    assertEquals(new Change.Delta(third, 120, 3, 300, false), deltas.next(third));
  }

  @Test
  void policies_whose_ids_look_negative_are_policies_like_others() {
    deltas.next(reading(-1, 60, 10, 1000));
    deltas.next(reading(Long.MIN_VALUE, 60, 1, 1));
    Reading second = reading(-1, 120, 11, 1100);
    assertEquals(new Change.Delta(second, 60, 1, 100, false), deltas.next(second));
  }

  @Test
  void a_repeated_time_has_a_delta_and_no_rate() {
    deltas.next(reading(1, 60, 10, 1000));
    Change.Delta again = (Change.Delta) deltas.next(reading(1, 60, 11, 1100));
    assertEquals(1, again.packets());
    assertEquals(OptionalDouble.empty(), again.packetsPerSecond());
    Change.Delta earlier = (Change.Delta) deltas.next(reading(1, 30, 12, 1200));
    assertEquals(OptionalDouble.empty(), earlier.bytesPerSecond());
  }

  @Test
  void a_rate_is_per_second_since_the_reading_before() {
    deltas.next(reading(1, 60, 10, 1000));
    Change.Delta delta = (Change.Delta) deltas.next(reading(1, 120, 40, 2500));
    assertEquals(OptionalDouble.of(0.5), delta.packetsPerSecond());
    assertEquals(OptionalDouble.of(25), delta.bytesPerSecond());
  }

  @Test
  void mixed_policies_are_compared_each_with_its_own_as_a_plain_list_says() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<Reading> seen = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      Reading reading =
          reading(random.nextInt(4) - 2, i * 60L, random.nextInt(100), random.nextInt(-5, 100));
      assertEquals(plainly(seen, reading), deltas.next(reading), "seed " + seed);
      seen.add(reading);
    }
  }

  private static Change plainly(List<Reading> seen, Reading reading) {
    if (reading.packets() < 0 || reading.bytes() < 0) {
      return new Change.Implausible(reading);
    }
    Reading before = null;
    for (Reading earlier : seen) {
      if (earlier.policyId() == reading.policyId() && earlier.bytes() >= 0) {
        before = earlier;
      }
    }
    if (before == null) {
      return new Change.First(reading);
    }
    long elapsed = reading.epochSecond() - before.epochSecond();
    if (reading.packets() < before.packets() || reading.bytes() < before.bytes()) {
      return new Change.Delta(reading, elapsed, reading.packets(), reading.bytes(), true);
    }
    return new Change.Delta(
        reading,
        elapsed,
        reading.packets() - before.packets(),
        reading.bytes() - before.bytes(),
        false);
  }

  @Test
  void a_reading_of_either_negative_counter_is_implausible() {
    assertTrue(reading(1, 0, 0, 0).plausible());
    assertFalse(reading(1, 0, -1, 0).plausible());
    assertFalse(reading(1, 0, 0, -1).plausible());
  }

  private static Reading reading(long policy, long second, long packets, long bytes) {
    return new Reading(policy, second, packets, bytes, 0);
  }
}
