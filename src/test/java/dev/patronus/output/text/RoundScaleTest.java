package dev.patronus.output.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.output.table.Column.Kind;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoundScaleTest {
  private static final HumanFormat HUMANE = new HumanFormat(ZoneOffset.UTC, false);

  @ParameterizedTest
  @CsvSource({
    "BYTES,0,0",
    "BYTES,-3,0",
    "BYTES,1,1",
    "BYTES,1.01,1.5",
    "BYTES,999,1000",
    "BYTES,6001,8000",
    "BYTE_RATE,1,1",
    "BYTE_RATE,1.2,1.25",
    "BYTE_RATE,1000,1000"
  })
  void the_end_of_an_axis_is_round_and_not_below(Kind kind, double value, double top) {
    assertEquals(top, RoundScale.top(kind, value), top * 1e-12);
  }

  @Test
  void no_value_leaves_its_axis() {
    for (double value = 1e-3; value < 1e15; value *= 1.37) {
      double top = RoundScale.top(Kind.BYTE_RATE, value);
      assertTrue(value <= top && top <= value * 1.6, value + " on " + top);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "BYTE_RATE,6250000,50 Mbit/s",
    "BYTE_RATE,187500,1.5 Mbit/s",
    "BYTE_RATE,12500,100 kbit/s",
    "BYTE_RATE,31250,250 kbit/s",
    "BYTE_RATE,0,0 bit/s",
    "COUNT,1000,1000",
    "BYTES,1000,1 kB",
    "RATE,2.5,2.5",
    "BYTE_RATE,15625,125 kbit/s"
  })
  void what_stands_at_an_axis_has_no_zeros_that_say_nothing(Kind kind, double value, String text) {
    assertEquals(text, RoundScale.label(HUMANE, kind, value));
  }
}
