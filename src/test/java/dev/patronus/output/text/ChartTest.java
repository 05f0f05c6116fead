package dev.patronus.output.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.output.table.Column.Kind;
import java.time.ZoneOffset;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ChartTest {
  private static Screen screen(int columns, boolean unicode) {
    return new Screen(columns, false, unicode, ZoneOffset.UTC, false, true);
  }

  private static Chart hourly(OptionalDouble line, double... values) {
    long[] starts = new long[values.length + 1];
    for (int i = 0; i < starts.length; i++) {
      starts[i] = i * 3600L;
    }
    return new Chart(Kind.BYTE_RATE, values, starts, line);
  }

  @Test
  void bars_stand_in_eighths_and_a_line_crosses_the_empty_sky() {
    assertEquals(
        """
        80 bit/s ┤╌╌╌╌╌╌╌╌╌╌╌╌████╌╌╌╌╌╌╌╌╌╌╌╌
                 │            ████
                 │            ████
                 │            ████
        40 bit/s ┤        ████████
                 │        ████████
                 │    ▄▄▄▄████████
                 │    ████████████        ▁▁▁▁
               0 ┼┬───────┬───────┬───────┬───
                  Jan 1   02:00   04:00
        """,
        hourly(OptionalDouble.of(9.5), 0, 1.875, 5, 10, Double.NaN, 0, 0.001)
            .text(screen(80, true)));
  }

  @Test
  void without_unicode_it_is_drawn_in_ascii() {
    String text = hourly(OptionalDouble.of(9.5), 0, 1.875, 5, 10).text(screen(80, false));
    assertTrue(text.chars().allMatch(c -> c < 127), text);
    assertTrue(text.contains("80 bit/s +------------####"), text);
  }

  @Test
  void it_never_is_wider_than_the_screen() {
    for (int columns = 40; columns < 200; columns += 7) {
      for (int count = 1; count < 300; count += 13) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
          values[i] = 1000.0 * i * i;
        }
        String text = hourly(OptionalDouble.of(500), values).text(screen(columns, true));
        for (String line : text.lines().toList()) {
          assertTrue(DisplayWidth.of(line) <= columns, columns + ", " + count + ":\n" + text);
        }
      }
    }
  }

  @Test
  void days_are_named_where_hours_would_repeat() {
    double[] values = new double[100];
    values[50] = 1;
    assertTrue(hourly(OptionalDouble.empty(), values).text(screen(80, true)).contains("Jan 2 "));
  }

  @Test
  void nothing_to_draw_is_no_chart() {
    assertEquals("", hourly(OptionalDouble.empty()).text(screen(80, true)));
    assertEquals("", hourly(OptionalDouble.empty(), 0, Double.NaN).text(screen(80, true)));
  }

  @Test
  void each_value_needs_a_beginning_and_the_last_an_end() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Chart(Kind.COUNT, new double[2], new long[2], OptionalDouble.empty()));
  }
}
