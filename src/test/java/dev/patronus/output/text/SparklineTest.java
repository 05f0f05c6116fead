package dev.patronus.output.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SparklineTest {
  private static String line(int width, boolean unicode, double... numbers) {
    return Sparkline.of(numbers, new boolean[numbers.length], width, unicode);
  }

  @Test
  void the_highest_is_a_full_bar_and_the_newest_is_at_the_right() {
    assertEquals("  ▁▁▄█", line(6, true, 0, 1, 4, 8));
    assertEquals("  __=#", line(6, false, 0, 1, 4, 8));
  }

  @Test
  void only_the_last_numbers_have_room_and_are_measured_by_each_other() {
    assertEquals("▄█", line(2, true, 1000, 4, 8));
  }

  @Test
  void a_number_that_is_not_there_is_blank() {
    assertEquals("█ ▁", line(3, true, 5, Double.NaN, 0));
    assertEquals("   ", line(3, true));
    assertEquals("▁▁", line(2, true, 0, 0));
  }

  @Test
  void a_stroke_says_where_numbers_begin_anew() {
    double[] numbers = {4, 8, 1};
    boolean[] broken = {false, false, true};
    assertEquals("▄█╎", Sparkline.of(numbers, broken, 3, true));
    assertEquals("=#|", Sparkline.of(numbers, broken, 3, false));
  }
}
