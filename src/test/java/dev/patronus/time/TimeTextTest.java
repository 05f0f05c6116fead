package dev.patronus.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.error.UserError;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimeTextTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final Instant NOW = Instant.parse("2026-11-23T13:30:15Z");
  private final TimeText times = new TimeText(NOW, BERLIN);

  @ParameterizedTest
  @CsvSource({
    "15m, 2026-11-23T13:15:15Z",
    "24h, 2026-11-22T13:30:15Z",
    "7d, 2026-11-16T13:30:15Z",
    "1h30m, 2026-11-23T12:00:15Z",
    "0s, 2026-11-23T13:30:15Z",
    "now, 2026-11-23T13:30:15Z",
    "today, 2026-11-22T23:00:00Z",
    "yesterday, 2026-11-21T23:00:00Z",
    "this-week, 2026-11-22T23:00:00Z",
    "last-week, 2026-11-15T23:00:00Z",
    "this-month, 2026-10-31T23:00:00Z",
    "last-month, 2026-09-30T22:00:00Z",
    "tomorrow, 2026-11-23T23:00:00Z",
    "2026-11, 2026-10-31T23:00:00Z",
    "2026-07-01, 2026-06-30T22:00:00Z",
    "2026-11-01T10:00+01:00, 2026-11-01T09:00:00Z",
    "2026-11-01T10:00:30.25-0330, 2026-11-01T13:30:30.250Z",
    "2026-11-01T10:00+05, 2026-11-01T05:00:00Z",
    "2026-11-01T10:00:00Z, 2026-11-01T10:00:00Z",
    "2026-11-01t10:00:00z, 2026-11-01T10:00:00Z",
    "2026-11-01T10:00, 2026-11-01T09:00:00Z",
    "2026-11-01 10:00:59, 2026-11-01T09:00:59Z",
    "1793523600, 2026-11-01T09:00:00Z",
    "0, 1970-01-01T00:00:00Z",
    "2024-02-29, 2024-02-28T23:00:00Z",
    "' 15m ', 2026-11-23T13:15:15Z",
  })
  void a_time_is_read_in_the_zone_and_from_now(String text, Instant meant) {
    assertEquals(meant, times.instant(text));
  }

  @Test
  void a_day_that_clocks_change_is_as_long_as_it_really_is() {
    assertEquals(range("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"), times.range("2026-03-29"));
    assertEquals(range("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"), times.range("2026-10-25"));
  }

  @Test
  void a_time_that_clocks_skipped_is_the_moment_when_they_jumped() {
    assertEquals(Instant.parse("2026-03-29T01:00:00Z"), times.instant("2026-03-29T02:30"));
  }

  @Test
  void a_time_that_clocks_showed_twice_is_the_first_and_an_offset_names_the_second() {
    assertEquals(Instant.parse("2026-10-25T00:30:00Z"), times.instant("2026-10-25T02:30"));
    assertEquals(Instant.parse("2026-10-25T01:30:00Z"), times.instant("2026-10-25T02:30+01:00"));
  }

  @Test
  void a_day_whose_midnight_is_skipped_begins_when_the_clocks_jumped() {
    TimeText beirut = new TimeText(NOW, ZoneId.of("Asia/Beirut"));
    assertEquals(Instant.parse("2026-03-28T22:00:00Z"), beirut.instant("2026-03-29"));
    assertEquals(Instant.parse("2026-03-28T22:00:00Z"), beirut.instant("2026-03-29T00:30"));
  }

  @Test
  void a_day_or_a_month_alone_is_the_whole_of_it() {
    assertEquals(range("2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z"), times.range("2026-11"));
    assertEquals(range("2026-11-22T23:00:00Z", "2026-11-23T23:00:00Z"), times.range("today"));
    assertEquals(range("2026-12-30T23:00:00Z", "2026-12-31T23:00:00Z"), times.range("2026-12-31"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"15m", "1793523600", "2026-11-01T10:00", "2026-11-01T10:00Z", "now"})
  void any_other_time_alone_is_the_range_from_there_on(String text) {
    assertEquals(TimeRange.since(times.instant(text)), times.range(text));
  }

  @ParameterizedTest
  @CsvSource({
    "2026-11-01..2026-11-08, 2026-10-31T23:00:00Z, 2026-11-07T23:00:00Z",
    "2026-10..2026-11, 2026-09-30T22:00:00Z, 2026-10-31T23:00:00Z",
    "2026-11-01.., 2026-10-31T23:00:00Z,",
    "..2026-11-01,, 2026-10-31T23:00:00Z",
    "7d..24h, 2026-11-16T13:30:15Z, 2026-11-22T13:30:15Z",
    "yesterday..today, 2026-11-21T23:00:00Z, 2026-11-22T23:00:00Z",
    "last-week, 2026-11-15T23:00:00Z, 2026-11-22T23:00:00Z",
    "last-month, 2026-09-30T22:00:00Z, 2026-10-31T23:00:00Z",
    "1000..2000, 1970-01-01T00:16:40Z, 1970-01-01T00:33:20Z",
    "1000..1000, 1970-01-01T00:16:40Z, 1970-01-01T00:16:40Z",
    "'2026-11-01 .. 2026-11-02', 2026-10-31T23:00:00Z, 2026-11-01T23:00:00Z",
    "..,,",
  })
  void a_range_is_half_open_and_may_lack_an_end(String text, Instant since, Instant until) {
    assertEquals(
        new TimeRange(Optional.ofNullable(since), Optional.ofNullable(until)), times.range(text));
  }

  @Test
  void since_and_until_mean_beginnings() {
    assertEquals(
        range("2026-10-31T23:00:00Z", "2026-11-22T23:00:00Z"),
        times.range(Optional.of("2026-11"), Optional.of("today")));
    assertEquals(
        TimeRange.since(Instant.parse("2026-10-31T23:00:00Z")),
        times.range(Optional.of("2026-11"), Optional.empty()));
    assertEquals(TimeRange.ALL, times.range(Optional.empty(), Optional.empty()));
  }

  @Test
  void a_whole_range_may_stand_behind_since_but_not_beside_until() {
    assertEquals(
        times.range("2026-10..2026-11"),
        times.range(Optional.of("2026-10..2026-11"), Optional.empty()));
    assertEquals(
        "'2026-10..' is a range with an end of its own; leave out --until",
        refusal(() -> times.range(Optional.of("2026-10.."), Optional.of("today"))));
  }

  @Test
  void neighbouring_ranges_share_no_instant_and_miss_none() {
    for (String border : new String[] {"2026-10-25T02:30", "2026-03-29T02:30", "2026-11"}) {
      TimeRange before = times.range(".." + border);
      TimeRange after = times.range(border + "..");
      assertEquals(before.until(), after.since(), border);
      assertEquals(before.endSecond(), after.firstSecond(), border);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``|it is empty",
        "soon|it is no time",
        "-15m|it is no time",
        "15x|there is no unit x",
        "1m1h|units go from large to small, each once",
        "200000d|it is longer than 100 years",
        "2026-13|there is no month 13",
        "2026-1|it ends too early",
        "2026-02-30|that month has 28 days",
        "2026/11/01|a - is missing before '/11/01'",
        "2026-11-01T|it ends too early",
        "2026-11-01T24:00|there are no 24 hours",
        "2026-11-01T10:60|there are no 60 minutes",
        "2026-11-01T10:00:00.|a second has one to nine decimals",
        "2026-11-01T10:00Zulu|'ulu' is too much",
        "2026-11-01T10:00+19:00|an offset goes up to 18:00",
        "2026-11-01x|a T is missing before 'x'",
        "1793523600000|epoch seconds have ten digits; are these milliseconds?",
        "99999999999999999999|epoch seconds have ten digits; are these milliseconds?",
        "１５m|it is no time",
        "2026-11...2026-12|it is no time",
      })
  void what_is_no_time_is_refused_in_one_line_that_helps(String text, String why) {
    String message = refusal(() -> times.range(text));
    assertTrue(message.contains(why), message);
    assertTrue(message.contains("; write "), message);
    assertFalse(message.contains("\n"), message);
  }

  @Test
  void a_refusal_quotes_little_and_no_control_characters() {
    String message = refusal(() -> times.instant("\u001b[31m" + "x".repeat(1000)));
    assertTrue(message.length() < 250, message);
    assertFalse(message.contains("\u001b"), message);
  }

  @Test
  void a_reversed_range_is_refused() {
    assertEquals(
        "the range '2026-11-08..2026-11-01' ends before it begins; swap its ends",
        refusal(() -> times.range("2026-11-08..2026-11-01")));
    assertEquals(
        "the range '--since today --until yesterday' ends before it begins; swap its ends",
        refusal(() -> times.range(Optional.of("today"), Optional.of("yesterday"))));
  }

  @Test
  void a_range_from_a_day_to_itself_is_refused_because_its_end_is_outside() {
    assertEquals(
        "the range '2026-11-01..2026-11-01' is empty, for its end does not belong to it;"
            + " write the day after as its end",
        refusal(() -> times.range("2026-11-01..2026-11-01")));
  }

  @Test
  void what_was_understood_can_be_shown_with_its_offsets() {
    assertEquals(
        "from 2026-10-25 02:30 +02:00 until 2026-11-01 00:00 +01:00",
        times.range("2026-10-25T02:30..2026-11").describe(BERLIN));
    assertEquals("from 2026-11-01 00:00 +01:00 on", times.range("2026-11..").describe(BERLIN));
    assertEquals("until 2026-11-01 00:00 +01:00", times.range("..2026-11").describe(BERLIN));
    assertEquals("all time", TimeRange.ALL.describe(BERLIN));
  }

  @Test
  void random_instants_written_in_any_way_are_read_back() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      Instant instant = Instant.ofEpochSecond(random.nextLong(0, 4_102_444_800L));
      String shown = "seed " + seed + ", " + instant;
      assertEquals(instant, times.instant(Long.toString(instant.getEpochSecond())), shown);
      assertEquals(instant, times.instant(instant.toString()), shown);
      assertEquals(
          instant, times.instant(instant.atZone(BERLIN).toOffsetDateTime().toString()), shown);
      String local = instant.atZone(BERLIN).toLocalDateTime().toString();
      assertEquals(local, times.instant(local).atZone(BERLIN).toLocalDateTime().toString(), shown);
    }
  }

  @Test
  void random_text_is_read_or_refused_and_nothing_else() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    String letters = "0123456789-:.TZ+ mhdwsxä";
    for (int i = 0; i < 100_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(20); n > 0; n--) {
        text.append(letters.charAt(random.nextInt(letters.length())));
      }
      try {
        times.range(text.toString());
      } catch (UserError refused) {
        assertFalse(refused.getMessage().isEmpty());
      } catch (RuntimeException broken) {
        throw new AssertionError("seed " + seed + ", text '" + text + "'", broken);
      }
    }
  }

  private static String refusal(Runnable reading) {
    return assertThrows(UserError.class, reading::run).getMessage();
  }

  private static TimeRange range(String since, String until) {
    return TimeRange.of(Instant.parse(since), Instant.parse(until));
  }
}
