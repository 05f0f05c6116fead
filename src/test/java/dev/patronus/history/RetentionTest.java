package dev.patronus.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class RetentionTest {
  @Test
  void the_standard_reads_as_it_is_written() {
    assertEquals(Retention.STANDARD, Retention.parse(Retention.STANDARD.text()));
    assertEquals("1m:2d 5m:14d 1h:397d 1d:forever", Retention.STANDARD.text());
  }

  @Test
  void tiers_may_be_apart_by_commas_too() {
    assertEquals(Retention.parse("1m:48h 1h:30d"), Retention.parse("1m:48h, 1h:30d"));
  }

  @Test
  void what_makes_no_sense_is_refused_with_a_reason() {
    for (String text :
        List.of(
            "",
            "1m",
            ":48h",
            "1m:",
            "x:48h",
            "1m:48h 1m:24h",
            "5m:48h 7m:60d",
            "1m:forever 5m:9d",
            "7s:48h",
            "1m:10m",
            "1m:48h;5m:14d")) {
      RuntimeException refused =
          assertThrows(RuntimeException.class, () -> Retention.parse(text), text);
      assertTrue(refused.getMessage().length() > 20, refused.getMessage());
    }
  }
}
