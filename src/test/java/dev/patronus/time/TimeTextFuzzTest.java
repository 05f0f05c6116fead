package dev.patronus.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.patronus.error.UserError;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class TimeTextFuzzTest {
  private static final Instant NOW = Instant.parse("2026-11-23T14:00:00Z");
  private static final List<TimeText> TEXTS =
      Stream.of("UTC", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia")
          .map(zone -> new TimeText(NOW, ZoneId.of(zone)))
          .toList();

  static Stream<byte[]> seeds() {
    return Stream.of(
            "1w2d3h4m5s6ms",
            "100y",
            "yesterday..now",
            "2026-11..2026-12-01T10:00:00.123+01:00",
            "2026-03-29T02:30",
            "2026-11-01 10:00Z..",
            "..1793523600",
            "9999-12-31")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest
  void any_text_is_refused_in_one_line_or_means_a_time(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    try {
      Duration duration = DurationText.parse(text);
      assertTrue(!duration.isNegative() && duration.compareTo(DurationText.LONGEST) <= 0, text);
      assertEquals(duration, DurationText.parse(DurationText.format(duration)));
    } catch (UserError e) {
      assertOneLine(e);
    }
    for (TimeText times : TEXTS) {
      try {
        times.instant(text);
      } catch (UserError e) {
        assertOneLine(e);
      }
      range(times, () -> times.range(text));
      range(times, () -> times.range(Optional.of(text), Optional.empty()));
      range(times, () -> times.range(Optional.of("2026-11-01"), Optional.of(text)));
    }
  }

  private interface Reading {
    TimeRange read();
  }

  private static void range(TimeText times, Reading reading) {
    try {
      TimeRange range = reading.read();
      assertTrue(range.firstSecond() <= range.endSecond(), range.toString());
      range.describe(times.zone());
    } catch (UserError e) {
      assertOneLine(e);
    }
  }

  private static void assertOneLine(UserError error) {
    assertEquals(1, error.getMessage().lines().count(), error.getMessage());
  }
}
