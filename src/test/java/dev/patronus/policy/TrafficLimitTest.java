package dev.patronus.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class TrafficLimitTest {
  private static double bound(String text) {
    return TrafficLimit.parse(text).bound();
  }

  private static boolean exceeded(String text, double value) {
    return TrafficLimit.parse(text).exceededBy(OptionalDouble.of(value));
  }

  @Test
  void a_limit_is_for_each_policy_or_one_or_all_together() {
    assertEquals(Optional.empty(), TrafficLimit.parse("bytes>1").policy());
    assertEquals(Optional.of("voice"), TrafficLimit.parse("voice:bytes>1").policy());
    assertEquals(Optional.of("a:b c"), TrafficLimit.parse(" a:b c : flows >= 1 ").policy());
    assertTrue(TrafficLimit.parse("total:bytes>1").ofTotal());
  }

  @Test
  void numbers_have_units() {
    assertEquals(500, bound("packets>500"));
    assertEquals(1_500_000, bound("packets>1.5M"));
    assertEquals(10e9, bound("bytes>10GB"));
    assertEquals(4L << 30, bound("bytes>4GiB"));
    assertEquals(1024, bound("bytes>1Ki"));
    assertEquals(125e6, bound("byte-rate>1Gbit/s"));
    assertEquals(125e6, bound("bit-rate>1 gbit"));
    assertEquals(300, bound("age>5min"));
    assertEquals(90, bound("age>90"));
  }

  @Test
  void a_bit_rate_without_a_unit_is_in_bits() {
    assertEquals(12.5e6, bound("bit-rate>100M"));
    assertEquals(12.5e6, bound("bit-rate>12.5MB/s"));
    assertEquals(100e6, bound("byte-rate>100M"));
    assertEquals(12.5e6, bound("byte-rate>100Mbps"));
  }

  @Test
  void a_rate_in_what_may_be_bits_or_bytes_is_refused() {
    for (String limit : new String[] {"byte-rate>100Mb/s", "bit-rate>100mb"}) {
      String why =
          assertThrows(IllegalArgumentException.class, () -> TrafficLimit.parse(limit))
              .getMessage();
      assertTrue(why.startsWith("bits or bytes in '100"), why);
    }
  }

  @Test
  void a_unit_that_the_measure_does_not_count_is_refused() {
    assertEquals(
        "packets counts packets, and '1Mbit/s' is written in bits",
        assertThrows(
                IllegalArgumentException.class, () -> TrafficLimit.parse("voice:packets>1Mbit/s"))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> TrafficLimit.parse("flows>1MB"));
  }

  @Test
  void each_relation_holds_where_it_says() {
    assertTrue(exceeded("flows>5", 6));
    assertFalse(exceeded("flows>5", 5));
    assertTrue(exceeded("flows>=5", 5));
    assertTrue(exceeded("flows<5", 4));
    assertFalse(exceeded("flows<5", 5));
    assertTrue(exceeded("flows<=5", 5));
    assertTrue(exceeded("flows=0", 0));
    assertFalse(exceeded("flows=0", 1));
  }

  @Test
  void what_is_not_known_exceeds_nothing() {
    assertFalse(TrafficLimit.parse("packet-rate<5").exceededBy(OptionalDouble.empty()));
  }

  @Test
  void what_cannot_be_read_is_refused_with_what_can() {
    for (String bad :
        new String[] {
          "",
          "bytes",
          "bytes>",
          ">5",
          "bytes>x",
          "bytes>1..2",
          "bytes>10XB",
          "colour>5",
          "bytes>1iB",
          "age>5GB",
          "bytes>-5",
          "bytes>10min"
        }) {
      assertThrows(IllegalArgumentException.class, () -> TrafficLimit.parse(bad), bad);
    }
  }
}
