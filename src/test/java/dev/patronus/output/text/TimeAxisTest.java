package dev.patronus.output.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.history.Bucket;
import dev.patronus.history.Buckets;
import dev.patronus.history.Step;
import dev.patronus.output.text.TimeAxis.Mark;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeAxisTest {
  private static List<Bucket> steps(String since, String until, String step, String zone) {
    Buckets buckets = new Buckets(Step.parse(step), ZoneId.of(zone));
    List<Bucket> steps = new ArrayList<>();
    Bucket bucket = buckets.at(Instant.parse(since).getEpochSecond());
    while (bucket.startSecond() < Instant.parse(until).getEpochSecond()) {
      steps.add(bucket);
      bucket = buckets.after(bucket);
    }
    return steps;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          2026-11-20T10:20:00Z | 2026-11-27T10:20:00Z | 1h  | UTC           | Sat 21, Sun 22, Mon 23, Tue 24, Wed 25, Thu 26, Fri 27
          2026-11-20T22:00:00Z | 2026-11-21T06:00:00Z | 5m  | UTC           | 22:00, 23:00, Nov 21, 01:00, 02:00, 03:00, 04:00, 05:00
          2026-10-23T22:00:00Z | 2026-10-27T23:00:00Z | 1h  | Europe/Berlin | Sat 24, Sun 25, Mon 26, Tue 27
          2026-01-10T00:00:00Z | 2026-12-10T00:00:00Z | 1d  | UTC           | Apr 2026, Jul 2026, Oct 2026
          2026-11-01T00:00:00Z | 2026-12-01T00:00:00Z | 6h  | UTC           | Nov 2, Nov 9, Nov 16, Nov 23, Nov 30
          2026-11-20T10:35:00Z | 2026-11-20T10:40:00Z | 5m  | UTC           | 10:35
          """)
  void marks_stand_where_clocks_and_calendars_have_them(
      String since, String until, String step, String zone, String labels) {
    List<Mark> marks = TimeAxis.marks(steps(since, until, step, zone), ZoneId.of(zone), 8);
    assertEquals(labels, String.join(", ", marks.stream().map(Mark::label).toList()));
  }

  @Test
  void a_mark_is_where_its_step_begins() {
    List<Bucket> steps = steps("2026-11-20T10:20:00Z", "2026-11-27T10:20:00Z", "1h", "UTC");
    List<Mark> marks = TimeAxis.marks(steps, ZoneId.of("UTC"), 8);
    for (Mark mark : marks) {
      assertEquals(0, steps.get(mark.index()).startSecond() % 86_400);
    }
    assertEquals(14, marks.getFirst().index());
  }

  @Test
  void there_are_never_many_and_none_without_steps() {
    assertEquals(List.of(), TimeAxis.marks(List.of(), ZoneId.of("UTC"), 8));
    for (String until :
        List.of("2026-11-01T01:00:00Z", "2026-11-03T00:00:00Z", "2030-01-01T00:00:00Z")) {
      List<Bucket> steps = steps("2026-11-01T00:07:00Z", until, "5m", "America/St_Johns");
      assertTrue(TimeAxis.marks(steps, ZoneId.of("America/St_Johns"), 8).size() <= 9, until);
    }
  }
}
