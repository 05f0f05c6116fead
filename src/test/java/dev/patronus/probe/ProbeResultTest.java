package dev.patronus.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ProbeResultTest {

  private static ProbeResult of(int sent, long... millis) {
    List<Long> nanos = LongStream.of(millis).map(each -> each * 1_000_000).boxed().toList();
    return new ProbeResult(sent, nanos, Optional.empty());
  }

  @Test
  void latency_is_given_by_lowest_mean_and_highest() {
    ProbeResult result = of(4, 12, 10, 14, 20);
    assertEquals(OptionalDouble.of(10), result.lowestMillis());
    assertEquals(OptionalDouble.of(14), result.meanMillis());
    assertEquals(OptionalDouble.of(20), result.highestMillis());
  }

  @Test
  void jitter_is_the_standard_deviation_of_the_population() {
    assertEquals(2.0, of(8, 2, 4, 4, 4, 5, 5, 7, 9).jitterMillis().getAsDouble());
    assertEquals(OptionalDouble.of(0), of(1, 30).jitterMillis());
  }

  @Test
  void the_95th_percentile_is_that_of_nearest_rank() {
    long[] twenty = LongStream.rangeClosed(1, 20).toArray();
    assertEquals(OptionalDouble.of(19), of(20, twenty).percentile95Millis());
    assertEquals(OptionalDouble.of(7), of(2, 7, 3).percentile95Millis());
  }

  @Test
  void loss_is_the_part_without_a_reply() {
    assertEquals(OptionalDouble.of(75), of(4, 1).lossPercent());
    assertEquals(OptionalDouble.of(0), of(1, 1).lossPercent());
  }

  @Test
  void without_a_reply_only_the_loss_is_known() {
    ProbeResult result = of(3);
    assertEquals(OptionalDouble.of(100), result.lossPercent());
    assertEquals(OptionalDouble.empty(), result.meanMillis());
    assertEquals(OptionalDouble.empty(), result.jitterMillis());
    assertEquals(OptionalDouble.empty(), result.percentile95Millis());
    assertEquals(OptionalDouble.empty(), of(0).lossPercent());
  }

  @Test
  void more_replies_than_requests_are_refused() {
    assertThrows(IllegalArgumentException.class, () -> of(1, 5, 6));
  }
}
