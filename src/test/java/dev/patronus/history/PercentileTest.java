package dev.patronus.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PercentileTest {
  @ParameterizedTest
  @CsvSource({
    "1, 95, 1",
    "10, 95, 10",
    "20, 95, 19",
    "100, 95, 95",
    "101, 95, 96",
    "8640, 95, 8208",
    "5, 0, 1",
    "5, 100, 5",
    "5, 50, 3",
    "2147483647, 100, 2147483647",
  })
  void the_rank_is_the_first_that_covers_so_many_per_cent(int count, int percent, int rank) {
    assertEquals(rank, Percentile.nearestRank(count, percent));
  }

  @Test
  void nothing_has_no_percentile() {
    assertThrows(IllegalArgumentException.class, () -> Percentile.nearestRank(0, 95));
    assertThrows(IllegalArgumentException.class, () -> Percentile.nearestRank(1, 101));
  }
}
