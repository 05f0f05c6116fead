package dev.patronus.site.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.history.Buckets;
import dev.patronus.history.Step;
import dev.patronus.site.PathStatus;
import dev.patronus.time.TimeRange;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PathSteppingTest {
  private static final PathStatus UP = PathStatus.Known.UP;
  private static final PathStatus DOWN = PathStatus.Known.DOWN;

  private static PathStepping stepping(String step, long since, long until) {
    return new PathStepping(buckets(step), range(since, until));
  }

  private static Buckets buckets(String step) {
    return new Buckets(Step.parse(step), ZoneOffset.UTC);
  }

  private static TimeRange range(long since, long until) {
    return TimeRange.of(Instant.ofEpochSecond(since), Instant.ofEpochSecond(until));
  }

  @Test
  void a_percentile_is_one_of_the_samples_by_nearest_rank() {
    PathStepping stepping = stepping("1h", 0, 3600);
    for (int i = 1; i <= 21; i++) {
      stepping.measured(i, i, 2 * i, 0);
    }
    PathPoint point = stepping.finish().points().getFirst();
    assertEquals(21, point.samples());
    assertEquals(OptionalDouble.of(20), point.latency().percentile95()); // ceil(19.95) = 20
    assertEquals(OptionalDouble.of(40), point.jitter().percentile95());
    assertEquals(OptionalDouble.of(11), point.latency().mean());
    assertEquals(OptionalDouble.of(21), point.latency().highest());
  }

  @Test
  void the_percentile_of_the_range_is_that_of_all_samples_not_of_the_steps() {
    PathStepping stepping = stepping("1m", 0, 120);
    for (int i = 0; i < 59; i++) {
      stepping.measured(i, 1, 0, 0);
    }
    stepping.measured(60, 100, 0, 0);
    PathSeries series = stepping.finish();
    assertEquals(OptionalDouble.of(100), series.points().get(1).latency().percentile95());
    assertEquals(OptionalDouble.of(1), series.total().orElseThrow().latency().percentile95());
  }

  @Test
  void a_step_without_a_measurement_is_empty_and_not_zero() {
    PathStepping stepping = stepping("1m", 0, 300);
    stepping.measured(10, 5, 1, 0);
    stepping.measured(200, 5, 1, 0);
    List<PathPoint> all = stepping.finish().withoutHoles(buckets("1m"));
    assertEquals(List.of(1L, 0L, 0L, 1L), all.stream().map(PathPoint::samples).toList());
    assertEquals(OptionalDouble.empty(), all.get(1).latency().percentile95());
    assertEquals(OptionalDouble.empty(), all.get(1).uptime().percent());
  }

  @Test
  void a_range_takes_its_beginning_and_leaves_its_end() {
    PathStepping stepping = stepping("1m", 60, 120);
    for (int second : new int[] {59, 60, 119, 120}) {
      stepping.measured(second, second, 0, 0);
    }
    PathPoint total = stepping.finish().total().orElseThrow();
    assertEquals(2, total.samples());
    assertEquals(OptionalDouble.of(119), total.latency().highest());
  }

  @Test
  void a_measurement_with_a_value_that_is_no_number_is_skipped_and_counted() {
    PathStepping stepping = stepping("1m", 0, 60);
    stepping.measured(1, 5, Double.NaN, 0);
    stepping.measured(2, 7, 1, 0);
    PathSeries series = stepping.finish();
    assertEquals(1, series.unreadable());
    assertEquals(OptionalDouble.of(7), series.total().orElseThrow().latency().highest());
  }

  @Test
  void a_status_counts_until_the_next_sample() {
    PathStepping stepping = stepping("1h", 0, 100);
    stepping.status(0, UP);
    stepping.status(75, DOWN);
    Uptime uptime = stepping.finish().total().orElseThrow().uptime();
    assertEquals(new Uptime(2, 75, 0, 25), uptime);
    assertEquals(OptionalDouble.of(75), uptime.percent());
  }

  @Test
  void a_status_counts_in_each_step_that_it_spans() {
    PathStepping stepping = stepping("1m", 0, 180);
    stepping.status(30, UP);
    stepping.status(150, DOWN);
    assertEquals(
        List.of(new Uptime(1, 30, 0, 0), new Uptime(0, 60, 0, 0), new Uptime(1, 30, 0, 30)),
        stepping.finish().points().stream().map(PathPoint::uptime).toList());
  }

  @Test
  void after_its_hold_nothing_is_known_neither_up_nor_down() {
    PathStepping stepping = stepping("1h", 0, 7200);
    stepping.status(0, UP);
    stepping.status(7000, DOWN);
    Uptime uptime = stepping.finish().total().orElseThrow().uptime();
    assertEquals(new Uptime(2, PathStepping.HOLD_SECONDS, 0, 200), uptime);
  }

  @Test
  void what_was_before_the_range_tells_what_it_begins_with() {
    PathStepping stepping = stepping("1m", 60, 120);
    stepping.status(30, DOWN);
    stepping.status(90, UP);
    Uptime uptime = stepping.finish().total().orElseThrow().uptime();
    assertEquals(new Uptime(1, 30, 0, 30), uptime);
  }

  @Test
  void a_degraded_path_is_up_and_one_of_an_unknown_status_is_not() {
    PathStepping stepping = stepping("1h", 0, 40);
    stepping.status(0, PathStatus.Known.DEGRADED);
    stepping.status(10, PathStatus.of("haunted"));
    Uptime uptime = stepping.finish().total().orElseThrow().uptime();
    assertEquals(new Uptime(2, 0, 10, 30), uptime);
    assertEquals(OptionalDouble.of(25), uptime.percent());
  }

  @Test
  void nothing_known_is_no_point() {
    PathSeries series = stepping("1h", 0, 100).finish();
    assertTrue(series.points().isEmpty());
    assertTrue(series.total().isEmpty());
  }

  /// Second by second, with lists.
  @Test
  void random_histories_agree_with_a_simple_model() {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      compare(random, "seed " + seed + ", round " + round);
    }
  }

  private static void compare(Random random, String told) {
    int since = random.nextInt(2000);
    int until = since + random.nextInt(4000);
    String step = List.of("1m", "5m", "15m", "1h").get(random.nextInt(4));
    PathStepping stepping = stepping(step, since, until);
    List<Double> latencies = new ArrayList<>();
    PathStatus[] known = new PathStatus[until + 1];
    for (int at = random.nextInt(50); at < until + 100; at += 1 + random.nextInt(1300)) {
      double latency = random.nextInt(50);
      stepping.measured(at, latency, 0, 0);
      if (at >= since && at < until) {
        latencies.add(latency);
      }
      PathStatus status = List.of(UP, DOWN).get(random.nextInt(2));
      stepping.status(at, status);
      for (int second = at; second < known.length; second++) {
        known[second] = second < at + PathStepping.HOLD_SECONDS ? status : null;
      }
    }
    PathSeries series = stepping.finish();
    long up = 0;
    long down = 0;
    for (int second = since; second < until; second++) {
      up += UP.equals(known[second]) ? 1 : 0;
      down += DOWN.equals(known[second]) ? 1 : 0;
    }
    Uptime uptime = series.total().map(PathPoint::uptime).orElse(Uptime.UNKNOWN);
    assertEquals(List.of(up, down), List.of(uptime.upSeconds(), uptime.downSeconds()), told);
    double[] sorted = latencies.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    OptionalDouble expected =
        Arrays.stream(sorted)
            .filter(value -> 100L * countUpTo(sorted, value) >= 95L * sorted.length)
            .findFirst();
    assertEquals(
        expected,
        series.total().map(total -> total.latency().percentile95()).orElse(OptionalDouble.empty()),
        told);
    assertEquals(
        latencies.size(), series.points().stream().mapToLong(PathPoint::samples).sum(), told);
  }

  private static long countUpTo(double[] sorted, double value) {
    return Arrays.stream(sorted).filter(each -> each <= value).count();
  }
}
