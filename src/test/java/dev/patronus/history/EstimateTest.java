package dev.patronus.history;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EstimateTest {
  private static final Step DAY = new Step.Days(1);
  private static final Bucket TODAY = new Bucket(86_400, 172_800);

  private static Point point(Bucket bucket, long packets, long bytes, long covered) {
    return new Point(1, bucket, packets, bytes, 0, covered, 3, 0, false);
  }

  private static Optional<Estimate> of(Point last, Step step, long from, long now) {
    Point yesterday = point(new Bucket(0, 86_400), 9, 900, 86_400);
    return Estimate.of(List.of(yesterday, last), step, from, now);
  }

  @Test
  void a_day_that_is_a_quarter_over_will_have_four_times_as_much() {
    Estimate estimate = of(point(TODAY, 10, 1000, 21_600), DAY, 0, 108_000).orElseThrow();
    assertEquals(40, estimate.packets());
    assertEquals(4000, estimate.bytes());
    assertEquals(1000, estimate.soFar().bytes());
  }

  @Test
  void time_that_was_not_counted_is_not_made_up_for() {
    Estimate estimate = of(point(TODAY, 10, 1000, 10_800), DAY, 0, 108_000).orElseThrow();
    assertEquals(1000 + 6000, estimate.bytes(), "half of the quarter, then three quarters");
  }

  @Test
  void without_a_running_step_of_a_day_there_is_none() {
    Point last = point(TODAY, 10, 1000, 21_600);
    assertEquals(Optional.empty(), of(last, DAY, 0, 172_800), "it is over");
    assertEquals(Optional.empty(), of(last, DAY, 90_000, 108_000), "its beginning is left out");
    assertEquals(Optional.empty(), of(last, new Step.Clock(3600), 0, 108_000), "an hour");
    assertEquals(Optional.empty(), of(point(TODAY, 0, 0, 0), DAY, 0, 108_000), "not counted");
    assertEquals(Optional.empty(), Estimate.of(List.of(), DAY, 0, 108_000));
  }
}
