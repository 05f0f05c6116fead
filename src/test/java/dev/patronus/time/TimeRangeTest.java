package dev.patronus.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class TimeRangeTest {
  private static final Instant TEN = Instant.ofEpochSecond(10);
  private static final Instant TWENTY = Instant.ofEpochSecond(20);

  @Test
  void a_range_contains_its_beginning_and_not_its_end() {
    TimeRange range = TimeRange.of(TEN, TWENTY);
    assertTrue(range.contains(TEN));
    assertFalse(range.contains(TWENTY));
    assertFalse(range.contains(TEN.minusNanos(1)));
    assertTrue(range.contains(TWENTY.minusNanos(1)));
  }

  @Test
  void an_open_range_contains_all_on_its_open_side() {
    assertTrue(TimeRange.ALL.contains(Instant.MAX));
    assertTrue(TimeRange.since(TEN).contains(Instant.MAX));
    assertTrue(TimeRange.until(TEN).contains(Instant.MIN));
    assertFalse(TimeRange.until(TEN).contains(TEN));
  }

  @Test
  void an_empty_range_contains_nothing() {
    assertFalse(TimeRange.of(TEN, TEN).contains(TEN));
  }

  @Test
  void a_reversed_range_cannot_be_made() {
    assertThrows(IllegalArgumentException.class, () -> TimeRange.of(TWENTY, TEN));
  }

  @Test
  void its_seconds_select_the_rows_that_it_contains() {
    for (int nanos : new int[] {0, 1, 999_999_999}) {
      TimeRange range = TimeRange.of(TEN.plusNanos(nanos), TWENTY.plusNanos(nanos));
      for (long second = 5; second < 25; second++) {
        boolean selected = second >= range.firstSecond() && second < range.endSecond();
        assertEquals(range.contains(Instant.ofEpochSecond(second)), selected);
      }
    }
  }

  @Test
  void a_stored_time_that_no_calendar_reaches_becomes_the_nearest_instant() {
    assertEquals(TEN, EpochSeconds.toInstant(10));
    assertEquals("0000-01-01T00:00:00Z", EpochSeconds.toInstant(Long.MIN_VALUE).toString());
    assertEquals("9999-12-31T23:59:59Z", EpochSeconds.toInstant(Long.MAX_VALUE).toString());
  }
}
