package dev.patronus.alert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.patronus.alert.Budget.Level;
import dev.patronus.alert.BudgetPeriod.Range;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.ZoneId;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BudgetTest {
  @Test
  void a_budget_has_whose_traffic_a_volume_a_period_and_a_warning() {
    Budget budget = Budget.parse("backup: policy backup 2TB per month from day 15 warn 70%");
    assertEquals("backup", budget.name());
    assertEquals("backup", budget.policy());
    assertEquals(2e12, budget.bytes());
    assertEquals(new BudgetPeriod.Month(15), budget.period());
    assertEquals(70, budget.warn());
    assertEquals(new BudgetPeriod.Month(1), Budget.parse("a: total 1GB per month").period());
    assertEquals(
        new BudgetPeriod.Week(DayOfWeek.SUNDAY),
        Budget.parse("a: unmatched 1GB per week from Sunday").period());
    assertEquals(80, Budget.parse("a: total 1GB per day").warn());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "policy backup 2TB per month | 0",
        "x: backup 2TB per month | 3",
        "x: policy backup much per month | 17",
        "x: policy backup 0 per month | 17",
        "x: total 2TB a month | 13",
        "x: total 2TB per year | 17",
        "x: total 2TB per month from day 31 | 32",
        "x: total 2TB per month from 15 | 28",
        "x: total 2TB per week from day | 27",
        "x: total 2TB per day from 5 | 21",
        "x: total 2TB per day warn 80 | 26",
        "x: total 2TB per day warn 80% now | 30",
      })
  void a_mistake_is_refused_with_its_place(String text, int offset) {
    UnreadableRule refused =
        assertThrows(UnreadableRule.class, () -> Budget.parse(text), text::toString);
    assertEquals(offset, refused.offset(), refused::getMessage);
  }

  /// From and until a period at an instant, in UTC.
  private static String range(BudgetPeriod period, String now, int before, String zone) {
    Range range = period.range(Instant.parse(now), before, ZoneId.of(zone));
    return Instant.ofEpochSecond(range.from()) + " " + Instant.ofEpochSecond(range.until());
  }

  @Test
  void periods_begin_at_midnight_of_the_clocks_in_berlin_also_when_they_are_changed() {
    BudgetPeriod month = new BudgetPeriod.Month(15);
    assertEquals(
        "2026-10-14T22:00:00Z 2026-11-14T23:00:00Z",
        range(month, "2026-11-14T22:59:59Z", 0, "Europe/Berlin"));
    assertEquals(
        "2026-11-14T23:00:00Z 2026-12-14T23:00:00Z",
        range(month, "2026-11-14T23:00:00Z", 0, "Europe/Berlin"));
    // 25 hours
    assertEquals(
        "2026-10-24T22:00:00Z 2026-10-25T23:00:00Z",
        range(new BudgetPeriod.Day(), "2026-10-25T12:00:00Z", 0, "Europe/Berlin"));
    // 23 hours
    assertEquals(
        "2026-03-28T23:00:00Z 2026-03-29T22:00:00Z",
        range(new BudgetPeriod.Day(), "2026-03-30T12:00:00Z", 1, "Europe/Berlin"));
    assertEquals(
        "2026-10-18T22:00:00Z 2026-10-25T23:00:00Z",
        range(new BudgetPeriod.Week(DayOfWeek.MONDAY), "2026-10-25T22:59:00Z", 0, "Europe/Berlin"));
  }

  @Test
  void periods_begin_at_midnight_in_kolkata() {
    assertEquals(
        "2026-10-31T18:30:00Z 2026-11-30T18:30:00Z",
        range(new BudgetPeriod.Month(1), "2026-11-23T14:00:00Z", 0, "Asia/Kolkata"));
    assertEquals(
        "2026-11-22T18:30:00Z 2026-11-29T18:30:00Z",
        range(new BudgetPeriod.Week(DayOfWeek.MONDAY), "2026-11-22T18:30:00Z", 0, "Asia/Kolkata"));
  }

  @Test
  void periods_follow_each_other_without_a_gap_and_contain_their_instant() {
    long seed = Long.getLong("seed", new Random().nextLong());
    Random random = new Random(seed);
    for (int run = 0; run < 5_000; run++) {
      BudgetPeriod period =
          switch (random.nextInt(3)) {
            case 0 -> new BudgetPeriod.Month(1 + random.nextInt(28));
            case 1 -> new BudgetPeriod.Week(DayOfWeek.of(1 + random.nextInt(7)));
            default -> new BudgetPeriod.Day();
          };
      ZoneId zone =
          ZoneId.of(
              random.nextBoolean()
                  ? "Europe/Berlin"
                  : random.nextBoolean() ? "Asia/Kolkata" : "America/St_Johns");
      Instant now = Instant.ofEpochSecond(1_700_000_000L + random.nextInt(200_000_000));
      int before = random.nextInt(20);
      Range range = period.range(now, before, zone);
      assertEquals(
          range.from(), period.range(now, before + 1, zone).until(), () -> "-Dseed=" + seed);
      Range current = period.range(now, 0, zone);
      assertEquals(
          true,
          current.from() <= now.getEpochSecond() && now.getEpochSecond() < current.until(),
          () -> period + " " + zone + " " + now + " -Dseed=" + seed);
    }
  }

  @Test
  void the_level_is_a_warning_from_its_part_on_and_exceeded_beyond_the_whole() {
    Budget budget = Budget.parse("a: total 1000 per day warn 80%");
    assertEquals(Level.OK, budget.level(799));
    assertEquals(Level.WARNING, budget.level(800));
    assertEquals(Level.WARNING, budget.level(1000));
    assertEquals(Level.EXCEEDED, budget.level(1001));
  }

  @Test
  void the_forecast_adds_a_usual_day_for_each_day_that_is_left() {
    assertEquals(
        OptionalDouble.of(100 + 2.5 * 10),
        Budget.forecast(100, OptionalDouble.of(10), 2 * 86_400 + 43_200));
    assertEquals(OptionalDouble.empty(), Budget.forecast(100, OptionalDouble.empty(), 86_400));
  }
}
