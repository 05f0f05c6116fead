package dev.patronus.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.error.UserError;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurationTextTest {
  @ParameterizedTest
  @CsvSource({
    "60s, PT60S",
    "5m, PT5M",
    "1h30m, PT90M",
    "30d, PT720H",
    "2w, PT336H",
    "250ms, PT0.25S",
    "1w2d3h4m5s6ms, PT219H4M5.006S",
    "0s, PT0S",
    "36600d, PT878400H",
  })
  void a_duration_is_numbers_with_units(String text, Duration meant) {
    assertEquals(meant, DurationText.parse(text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|it is empty",
        "60|a unit is missing (w, d, h, m, s, ms)",
        "m|a whole number is missing",
        "-5m|a whole number is missing",
        "1.5h|there is no unit .",
        "5mins|there is no unit mins",
        "5M|there is no unit M",
        "5m5m|units go from large to small, each once",
        "36601d|it is longer than 100 years",
        "99999999999999999d|it is longer than 100 years",
        "9999999999999999999d|it is longer than 100 years",
        "9w9w|units go from large to small, each once",
      })
  void what_is_no_duration_is_refused_in_one_line_that_helps(String text, String why) {
    String message = assertThrows(UserError.class, () -> DurationText.parse(text)).getMessage();
    assertTrue(message.contains(why), message);
    assertTrue(message.endsWith("; write 60s, 5m, 1h30m, 24h or 30d"), message);
  }

  @ParameterizedTest
  @CsvSource({"PT90S, 1m30s", "PT168H, 7d", "PT0S, 0s", "PT0.25S, 250ms", "PT25H, 1d1h"})
  void a_duration_is_written_in_its_largest_units(Duration duration, String text) {
    assertEquals(text, DurationText.format(duration));
  }

  @Test
  void minutes_may_be_written_as_min() {
    assertEquals(Duration.ofMinutes(5), DurationText.parse("5min"));
    assertEquals("5m", DurationText.format(DurationText.parse("5min")));
  }

  @Test
  void a_unit_with_a_line_break_is_refused_in_one_line() {
    UserError refusal = assertThrows(UserError.class, () -> DurationText.parse("4\n5s"));
    assertEquals(1, refusal.getMessage().lines().count(), refusal.getMessage());
  }

  @Test
  void what_is_written_is_read_back() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      Duration duration = Duration.ofMillis(random.nextLong(1L << random.nextInt(1, 41)));
      assertEquals(duration, DurationText.parse(DurationText.format(duration)), "seed " + seed);
    }
  }
}
