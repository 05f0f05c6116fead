package dev.patronus.error;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class CountedTest {
  @Test
  void one_is_singular_and_all_else_plural() {
    assertEquals("0 rows", Counted.of(0, "row"));
    assertEquals("1 row", Counted.of(1, "row"));
    assertEquals("1,234,567 rows", Counted.of(1_234_567, "row"));
    assertEquals("1 policy", Counted.of(1, "policy", "policies"));
    assertEquals("2 policies", Counted.of(2, "policy", "policies"));
  }

  @Test
  void what_exists_is_the_only_one_or_several() {
    assertEquals("the only one", Counted.existing(1));
    assertEquals("the 3 that exist", Counted.existing(3));
  }

  @Test
  void digits_are_grouped_with_their_sign() {
    assertEquals("-123", Counted.grouped(-123));
    assertEquals("-1,234", Counted.grouped(-1234));
    assertEquals("-9,223,372,036,854,775,808", Counted.grouped(Long.MIN_VALUE));
  }
}
