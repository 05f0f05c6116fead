package dev.patronus.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeriesSumTest {
  private static final Buckets MINUTES =
      new Buckets(Step.of(Duration.ofMinutes(1)), ZoneOffset.UTC);

  private static Point point(long policy, long second, long packets) {
    return new Point(policy, MINUTES.at(second), packets, packets * 10, 2, 60, 1, 0, false);
  }

  @Test
  void what_policies_carried_in_the_same_step_is_added_up() {
    SeriesSum together = new SeriesSum();
    together.add(new Series(1, List.of(point(1, 0, 5), point(1, 60, 6))));
    together.add(new Series(2, List.of(point(2, 60, 7))));
    List<Point> points = together.series().points();
    assertEquals(List.of(5L, 13L), points.stream().map(Point::packets).toList());
    assertEquals(List.of(2L, 4L), points.stream().map(Point::activeFlows).toList());
    assertEquals(60, points.getLast().coveredSeconds(), "they were watched at the same time");
  }

  @Test
  void a_step_that_nobody_counted_is_a_gap() {
    SeriesSum together = new SeriesSum();
    together.add(new Series(1, List.of(point(1, 0, 5), point(1, 180, 6))));
    List<Point> points = together.withoutHoles(MINUTES);
    assertEquals(4, points.size());
    assertTrue(points.get(1).gap() && points.get(2).gap());
    assertEquals(0, points.get(1).readings());
    assertFalse(points.get(3).gap());
    assertEquals(2, together.series().points().size());
  }

  @Test
  void a_sum_beyond_63_bits_stays_at_the_top() {
    SeriesSum together = new SeriesSum();
    Point most = new Point(1, MINUTES.at(0), Long.MAX_VALUE, 1, 1, 60, 1, 0, false);
    together.add(new Series(1, List.of(most)));
    together.add(new Series(2, List.of(point(2, 0, 5))));
    assertEquals(Long.MAX_VALUE, together.series().packets());
  }

  @Test
  void the_step_is_the_finest_that_makes_few_enough_pieces() {
    assertEquals("1m", DefaultSteps.fitting(3_600, 60).toString());
    assertEquals("2m", DefaultSteps.fitting(3_601, 60).toString());
    assertEquals("30m", DefaultSteps.fitting(86_400, 60).toString());
    assertEquals("3h", DefaultSteps.fitting(7 * 86_400, 60).toString());
    assertEquals("1w", DefaultSteps.fitting(366 * 86_400L, 60).toString());
    assertEquals("12mo", DefaultSteps.fitting(Long.MAX_VALUE / 2, 60).toString());
  }
}
