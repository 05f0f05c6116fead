package dev.patronus.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ThinningTest {
  private static final long NOW = 1_000_000_000L;
  private static final long MINUTE = 60;
  private static final long DAY = 86_400;

  @Test
  void young_readings_all_stay() {
    List<Reading> readings = minutes(NOW - 47 * 3600, NOW, 10);
    assertEquals(readings, thinned(readings));
  }

  @Test
  void of_older_ones_the_last_of_five_minutes_stays_and_the_very_first() {
    long start = NOW - 10 * DAY - (NOW - 10 * DAY) % 300;
    List<Reading> kept = thinned(minutes(start, start + 15 * MINUTE, 10));
    assertEquals(
        List.of(0L, 4L, 9L, 14L),
        kept.stream().map(r -> (r.epochSecond() - start) / MINUTE).toList());
  }

  @Test
  void what_a_clock_stamped_in_the_future_stays() {
    List<Reading> readings = minutes(NOW + 10 * DAY, NOW + 11 * DAY, 10);
    assertEquals(readings, thinned(readings));
  }

  @Test
  void a_year_by_minutes_shrinks_to_some_thousand_readings() {
    int kept = thinned(minutes(NOW - 365 * DAY, NOW, 10)).size();
    assertTrue(kept > 12_000 && kept < 17_000, "kept " + kept);
  }

  @Test
  void what_is_older_than_all_tiers_goes() {
    Retention aDay =
        new Retention(
            List.of(new Retention.Tier(Duration.ofMinutes(1), Optional.of(Duration.ofDays(1)))));
    List<Reading> readings = minutes(NOW - 2 * DAY, NOW, 10);
    assertEquals(
        readings.stream().filter(reading -> reading.epochSecond() > NOW - DAY).toList(),
        thinned(readings, aDay));
  }

  @Test
  void no_sum_between_readings_that_stay_is_changed_by_those_that_go() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 30; round++) {
      List<Reading> readings = random(random);
      List<Reading> kept = thinned(readings);
      assertTrue(kept.size() < readings.size());
      for (long policy = 1; policy <= 2; policy++) {
        assertEquals(sum(readings, policy), sum(kept, policy), "seed " + seed);
      }
      assertEquals(kept, thinned(kept), "thinning twice, seed " + seed);
    }
  }

  private static List<Reading> random(Random random) {
    List<Reading> readings = new ArrayList<>();
    long[] counters = new long[3];
    for (long second = NOW - 500 * DAY; second < NOW; second += random.nextInt(7_200)) {
      int policy = random.nextInt(1, 3);
      counters[policy] =
          random.nextInt(50) == 0 ? random.nextInt(50) : counters[policy] + random.nextInt(1000);
      readings.add(new Reading(policy, second, counters[policy], counters[policy], 0));
    }
    return readings;
  }

  private static long sum(List<Reading> readings, long policy) {
    Deltas deltas = new Deltas();
    long sum = 0;
    for (Reading reading : readings) {
      if (reading.policyId() == policy && deltas.next(reading) instanceof Change.Delta delta) {
        sum += delta.bytes();
      }
    }
    return sum;
  }

  @Test
  void ages_have_the_resolution_that_the_retention_says() {
    assertEquals(Duration.ofMinutes(1), resolution(2 * DAY - 1));
    assertEquals(Duration.ofMinutes(5), resolution(2 * DAY));
    assertEquals(Duration.ofHours(1), resolution(14 * DAY));
    assertEquals(Duration.ofDays(1), resolution(397 * DAY));
    assertEquals(Duration.ofMinutes(1), resolution(-DAY));
  }

  private static Duration resolution(long ageSeconds) {
    return Retention.STANDARD.resolution(NOW - ageSeconds, NOW);
  }

  @Test
  void a_retention_that_contradicts_itself_cannot_be_made() {
    Retention.Tier forEver = new Retention.Tier(Duration.ofMinutes(1), Optional.empty());
    Retention.Tier day = new Retention.Tier(Duration.ofMinutes(5), Optional.of(Duration.ofDays(1)));
    Retention.Tier odd = new Retention.Tier(Duration.ofMinutes(6), Optional.of(Duration.ofDays(2)));
    refused(List.of());
    refused(List.of(forEver, day));
    refused(List.of(day, day));
    refused(List.of(day, odd));
  }

  private static void refused(List<Retention.Tier> tiers) {
    assertThrows(IllegalArgumentException.class, () -> new Retention(tiers));
  }

  private static List<Reading> minutes(long from, long until, long bytesEach) {
    List<Reading> readings = new ArrayList<>();
    for (long second = from; second < until; second += MINUTE) {
      readings.add(new Reading(1, second, readings.size(), readings.size() * bytesEach, 0));
    }
    return readings;
  }

  private static List<Reading> thinned(List<Reading> readings) {
    return thinned(readings, Retention.STANDARD);
  }

  private static List<Reading> thinned(List<Reading> readings, Retention retention) {
    Set<Reading> needless = new HashSet<>();
    Thinning thinning = new Thinning(retention, NOW, needless::add);
    readings.forEach(thinning::accept);
    return readings.stream().filter(reading -> !needless.contains(reading)).toList();
  }
}
