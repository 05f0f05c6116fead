package dev.patronus.output.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.history.Bucket;
import dev.patronus.history.Point;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CurveTest {
  private static List<Bucket> buckets(int count) {
    List<Bucket> buckets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      buckets.add(new Bucket(i * 60L, i * 60L + 60));
    }
    return buckets;
  }

  private static Point point(int step, long bytes, int resets, boolean gap) {
    Bucket bucket = new Bucket(step * 60L, step * 60L + 60);
    return new Point(0, bucket, 1, bytes, 1, 60, 1, resets, gap);
  }

  @Test
  void a_step_is_a_column_and_one_in_between_that_nobody_read_is_a_gap() {
    Curve curve = Curve.of(buckets(5), List.of(point(1, 600, 0, false), point(3, 1200, 1, true)));
    assertEquals(5, curve.columns());
    assertTrue(Double.isNaN(curve.rate(0)) && !curve.isGap(0), "before the first");
    assertEquals(10, curve.rate(1));
    assertTrue(Double.isNaN(curve.rate(2)) && curve.isGap(2));
    assertTrue(curve.isGap(3) && curve.isReset(3));
    assertTrue(Double.isNaN(curve.rate(4)) && !curve.isGap(4), "after the last");
    assertEquals(20, curve.highest());
    assertEquals(1, curve.resets());
    assertEquals(2, curve.gaps());
  }

  @Test
  void many_steps_share_columns_by_their_mean() {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      points.add(point(i, i % 3 == 0 ? 180 : 0, i == 499 ? 1 : 0, false));
    }
    Curve curve = Curve.of(buckets(500), points);
    assertEquals(3, Curve.stepsPerColumn(500));
    assertEquals(167, curve.columns());
    assertEquals(1, curve.rate(0));
    assertEquals(1.5, curve.rate(166), "of two");
    assertTrue(curve.isReset(166));
    assertFalse(curve.isReset(165));
  }

  @Test
  void nothing_is_no_column() {
    Curve curve = Curve.of(List.of(), List.of());
    assertEquals(0, curve.columns());
    assertEquals(0, curve.highest());
  }
}
