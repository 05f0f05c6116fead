package dev.patronus.history.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RetentionTest {
  private static String read(String text) {
    return Retention.parse(text).text();
  }

  @Test
  void the_default_is_that_of_the_platform_and_of_a_year_by_hours() {
    assertEquals("raw:30d 5m:62d 1h:397d 1d:forever", Retention.DEFAULT.text());
    assertEquals(Retention.DEFAULT, Retention.parse(Retention.DEFAULT.text()));
    assertEquals(Optional.of(Duration.ofDays(62)), Retention.DEFAULT.life(Tier.FIVE_MINUTES));
    assertEquals(Optional.of(Duration.ofDays(397)), Retention.DEFAULT.life(Tier.HOUR));
    assertEquals(Optional.empty(), Retention.DEFAULT.life(Tier.DAY));
  }

  @Test
  void an_age_alone_is_that_of_raw_rows() {
    assertEquals("raw:45d 5m:62d 1h:397d 1d:forever", read("45d"));
  }

  @Test
  void what_is_left_out_lasts_at_least_as_long_as_what_is_finer() {
    assertEquals("raw:90d 5m:90d 1h:397d 1d:forever", read("90d"));
    assertEquals("raw:30d 5m:500d 1h:500d 1d:forever", read("5m:500d"));
    assertEquals("off", read("forever"));
    assertEquals("raw:30d 5m:62d 1h:397d 1d:3650d", read("1d:3650d"));
  }

  @Test
  void off_keeps_all() {
    assertEquals(Retention.OFF, Retention.parse("off"));
    assertEquals("off", Retention.OFF.text());
  }

  @Test
  void tiers_of_earlier_versions_are_understood() {
    assertEquals("raw:2d 5m:14d 1h:397d 1d:forever", read("1m:48h 5m:14d 1h:397d 1d:forever"));
    assertEquals("raw:2d 5m:14d 1h:397d 1d:forever", read("60s:48h, 5m:14d"));
  }

  @Test
  void what_it_is_not_is_refused_with_what_it_takes() {
    for (String text :
        new String[] {
          "",
          "10m:4d",
          "raw",
          "5m",
          "raw:",
          "raw:30d raw:40d",
          "30d raw:40d",
          "5m:30d 5m:40d",
          "30m",
          "5m:12h",
          "5m:100d 1h:90d",
          "raw:100d 5m:90d",
          "1h:forever 1d:400d",
          "5m:x"
        }) {
      RuntimeException refused =
          assertThrows(RuntimeException.class, () -> Retention.parse(text), text);
      assertTrue(!refused.getMessage().isBlank(), text);
    }
    assertEquals(
        "1h must be kept at least as long as 5m, was 'raw:30d 5m:100d 1h:90d 1d:forever'",
        assertThrows(IllegalArgumentException.class, () -> Retention.parse("5m:100d 1h:90d"))
            .getMessage());
    assertEquals(
        "raw must be kept for 1h at least, was 30m",
        assertThrows(IllegalArgumentException.class, () -> Retention.parse("30m")).getMessage());
  }
}
