package dev.patronus.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.time.TimeRange;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SteppingTest {
  private final List<Point> points = new ArrayList<>();

  @Test
  void changes_are_summed_in_the_bucket_of_their_own_reading() {
    step("5m", TimeRange.ALL, reading(0, 0), reading(299, 10), reading(300, 30), reading(599, 31));
    assertEquals(List.of(10L, 21L), points.stream().map(Point::bytes).toList());
    assertEquals(new Bucket(300, 600), points.get(1).bucket());
  }

  @Test
  void the_first_reading_opens_a_point_without_a_rate() {
    step("5m", TimeRange.ALL, reading(0, 500));
    assertEquals(0, points.getFirst().bytes());
    assertEquals(OptionalDouble.empty(), points.getFirst().bytesPerSecond());
    assertEquals(1, points.getFirst().readings());
  }

  @Test
  void a_range_takes_its_beginning_and_leaves_its_end() {
    step("1m", range(60, 180), reading(0, 0), reading(60, 1), reading(120, 3), reading(180, 7));
    assertEquals(List.of(1L, 2L), points.stream().map(Point::bytes).toList());
  }

  @Test
  void a_rate_is_over_the_time_that_was_covered() {
    step("5m", TimeRange.ALL, reading(0, 0), reading(300, 600), reading(360, 1200));
    assertEquals(360, points.get(1).coveredSeconds());
    assertEquals(1200 / 360.0, points.get(1).bytesPerSecond().orElseThrow());
  }

  @Test
  void a_step_of_which_only_a_part_was_counted_says_how_much() {
    step("1h", TimeRange.ALL, reading(1500, 0), reading(3540, 1), reading(7200, 2));
    assertEquals(
        List.of(Optional.of(Duration.ofMinutes(34)), Optional.empty()),
        points.stream().map(Point::partOfBucket).toList());
  }

  @Test
  void a_change_over_too_much_time_marks_its_point_and_no_other() {
    step("1m", TimeRange.ALL, reading(0, 0), reading(180, 1), reading(361, 2), reading(421, 3));
    assertEquals(List.of(false, false, true, false), points.stream().map(Point::gap).toList());
  }

  @Test
  void a_reset_is_counted_and_loses_nothing_that_was_read() {
    step("1h", TimeRange.ALL, reading(0, 100), reading(60, 150), reading(120, 30));
    assertEquals(80, points.getFirst().bytes());
    assertEquals(1, points.getFirst().resets());
  }

  @Test
  void implausible_readings_are_counted_and_left_out() {
    Stepping stepping = stepping(Step.parse("1h"), TimeRange.ALL);
    stepping.accept(reading(0, -5));
    stepping.accept(reading(60, 5));
    stepping.finish();
    assertEquals(1, stepping.implausible());
    assertEquals(1, points.getFirst().readings());
  }

  @Test
  void damaged_sums_stay_at_the_top_and_never_turn_negative() {
    step(
        "1h",
        TimeRange.ALL,
        reading(0, 0),
        reading(60, Long.MAX_VALUE),
        reading(120, 0),
        reading(180, Long.MAX_VALUE));
    assertEquals(Long.MAX_VALUE, points.getFirst().bytes());
    assertEquals(Long.MAX_VALUE, new Series(1, points).bytes());
  }

  @Test
  void the_day_of_25_hours_in_Berlin_is_one_point() {
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    long midnight = Instant.parse("2026-10-24T22:00:00Z").getEpochSecond();
    Stepping stepping =
        new Stepping(new Buckets(Step.parse("1d"), berlin), TimeRange.ALL, 180, points::add);
    for (int hour = 0; hour <= 49; hour++) {
      stepping.accept(reading(midnight + hour * 3600L, hour));
    }
    stepping.finish();
    assertEquals(List.of(25, 24, 1), points.stream().map(Point::readings).toList());
  }

  @Test
  void random_histories_are_stepped_as_a_plain_reading_of_the_rules_says() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      points.clear();
      List<Reading> readings = history(random);
      TimeRange range = range(random.nextInt(5_000), 5_000 + random.nextInt(20_000));
      step("5m", range, readings.toArray(Reading[]::new));
      for (long policy = 1; policy <= 3; policy++) {
        long id = policy;
        List<Point> its = points.stream().filter(p -> p.policyId() == id).toList();
        new Series(id, its); // in order, one policy
        assertEquals(sum(readings, id, range), bytes(its), "seed " + seed);
        for (Point point : its) {
          Bucket bucket = point.bucket();
          TimeRange both =
              range(
                  Math.max(bucket.startSecond(), range.firstSecond()),
                  Math.min(bucket.endSecond(), range.endSecond()));
          assertEquals(sum(readings, id, both), point.bytes(), "seed " + seed);
        }
      }
    }
  }

  private static long bytes(List<Point> points) {
    return points.stream().mapToLong(Point::bytes).sum();
  }

  /// All bytes that readings inside the range show beyond the reading before each.
  private static long sum(List<Reading> readings, long policy, TimeRange range) {
    long sum = 0;
    long before = -1;
    for (Reading reading : readings) {
      if (reading.policyId() == policy) {
        if (before >= 0 && range.contains(Instant.ofEpochSecond(reading.epochSecond()))) {
          sum += reading.bytes() < before ? reading.bytes() : reading.bytes() - before;
        }
        before = reading.bytes();
      }
    }
    return sum;
  }

  private static List<Reading> history(Random random) {
    List<Reading> readings = new ArrayList<>();
    long[] counters = new long[4];
    long second = 0;
    for (int i = 0; i < 500; i++) {
      int policy = random.nextInt(1, 4);
      second += random.nextInt(120);
      counters[policy] =
          random.nextInt(20) == 0 ? random.nextInt(50) : counters[policy] + random.nextInt(1000);
      readings.add(new Reading(policy, second, counters[policy], counters[policy], i));
    }
    return readings;
  }

  @Test
  void millions_of_rows_keep_one_open_point_a_policy() {
    long[] count = new long[1];
    Stepping stepping =
        new Stepping(
            new Buckets(Step.parse("1d"), ZoneOffset.UTC), TimeRange.ALL, 180, _ -> count[0]++);
    int policies = 100;
    long rows = 2_000_000;
    for (long i = 0; i < rows; i++) {
      long minute = i / policies;
      stepping.accept(new Reading(i % policies, minute * 60, minute, minute * 1000, 0));
    }
    long before = count[0];
    stepping.finish();
    assertEquals(policies, count[0] - before);
    assertTrue(before > 0);
  }

  @Test
  void a_series_refuses_points_of_another_policy_and_points_out_of_order() {
    step("1m", TimeRange.ALL, reading(0, 0), reading(60, 1));
    assertFalse(refused(1, points));
    assertTrue(refused(2, points));
    assertTrue(refused(1, points.reversed()));
  }

  private static boolean refused(long policy, List<Point> points) {
    try {
      return new Series(policy, points) == null;
    } catch (IllegalArgumentException _) {
      return true;
    }
  }

  @Test
  void the_95th_percentile_leaves_out_points_without_a_rate() {
    Reading[] readings = new Reading[101];
    for (int i = 0; i <= 100; i++) {
      readings[i] = reading(i * 60L, (long) i * (i + 1) / 2 * 60); // minute i carries i bytes/s
    }
    step("1m", TimeRange.ALL, readings);
    assertEquals(OptionalDouble.of(95), new Series(1, points).bytesPerSecond95th());
    assertEquals(OptionalDouble.empty(), new Series(1, List.of()).bytesPerSecond95th());
  }

  private void step(String step, TimeRange range, Reading... readings) {
    Stepping stepping = stepping(Step.parse(step), range);
    for (Reading reading : readings) {
      stepping.accept(reading);
    }
    stepping.finish();
  }

  private Stepping stepping(Step step, TimeRange range) {
    return new Stepping(new Buckets(step, ZoneOffset.UTC), range, 180, points::add);
  }

  private static TimeRange range(long since, long until) {
    return TimeRange.of(Instant.ofEpochSecond(since), Instant.ofEpochSecond(until));
  }

  private static Reading reading(long second, long bytes) {
    return new Reading(1, second, Math.max(0, bytes), bytes, 0);
  }
}
