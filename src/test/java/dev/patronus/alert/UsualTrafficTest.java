package dev.patronus.alert;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.alert.UsualTraffic.Hour;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class UsualTrafficTest {
  private static List<String> hours(String now, String zone) {
    return UsualTraffic.hours(Instant.parse(now), ZoneId.of(zone)).stream()
        .map(Hour::from)
        .map(second -> Instant.ofEpochSecond(second).toString())
        .toList();
  }

  @Test
  void the_hour_is_that_of_the_clocks_also_before_they_were_changed() {
    // summer time in Berlin ended on 2026-10-25 at 01:00Z
    List<String> hours = hours("2026-10-26T13:20:00Z", "Europe/Berlin");
    assertEquals(UsualTraffic.DAYS, hours.size());
    assertEquals("2026-10-25T13:00:00Z", hours.get(0));
    assertEquals("2026-10-24T12:00:00Z", hours.get(1));
  }

  @Test
  void an_hour_in_a_zone_with_half_hours_begins_at_its_own_clock() {
    assertEquals("2026-11-22T13:30:00Z", hours("2026-11-23T14:10:00Z", "Asia/Kolkata").getFirst());
  }

  private static OptionalDouble median(double... means) {
    return UsualTraffic.median(
        java.util.Arrays.stream(means)
            .mapToObj(mean -> Double.isNaN(mean) ? OptionalDouble.empty() : OptionalDouble.of(mean))
            .toList());
  }

  @Test
  void the_usual_value_is_the_median_of_the_days_that_have_one() {
    assertEquals(OptionalDouble.of(3), median(1, 3, 1000));
    assertEquals(OptionalDouble.of(2.5), median(4, Double.NaN, 2, 1, 3));
  }

  @Test
  void two_days_are_too_few() {
    assertEquals(OptionalDouble.empty(), median(1, 3));
    assertEquals(OptionalDouble.empty(), median(1, Double.NaN, 3));
  }
}
