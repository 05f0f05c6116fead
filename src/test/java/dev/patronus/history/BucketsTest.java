package dev.patronus.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BucketsTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  @ParameterizedTest
  @CsvSource({
    "1m, 2026-11-23T13:30:15Z, 2026-11-23T13:30:00Z, 2026-11-23T13:31:00Z",
    "15m, 2026-11-23T13:30:00Z, 2026-11-23T13:30:00Z, 2026-11-23T13:45:00Z",
    "6h, 2026-11-23T13:30:15Z, 2026-11-23T12:00:00Z, 2026-11-23T18:00:00Z",
    "1d, 2026-11-23T13:30:15Z, 2026-11-23T00:00:00Z, 2026-11-24T00:00:00Z",
    "24h, 2026-11-23T13:30:15Z, 2026-11-23T00:00:00Z, 2026-11-24T00:00:00Z",
    "1w, 2026-11-22T23:59:59Z, 2026-11-16T00:00:00Z, 2026-11-23T00:00:00Z",
    "1mo, 2026-02-28T13:30:15Z, 2026-02-01T00:00:00Z, 2026-03-01T00:00:00Z",
    "3mo, 2026-11-23T13:30:15Z, 2026-10-01T00:00:00Z, 2027-01-01T00:00:00Z",
    "1h, 1969-12-31T23:59:59Z, 1969-12-31T23:00:00Z, 1970-01-01T00:00:00Z",
  })
  void a_bucket_begins_on_the_wall_clock(String step, Instant at, Instant start, Instant end) {
    assertEquals(bucket(start, end), buckets(step, ZoneOffset.UTC).at(at.getEpochSecond()));
  }

  @Test
  void a_second_on_the_border_lies_in_the_bucket_that_begins() {
    Buckets hours = buckets("1h", ZoneOffset.UTC);
    assertEquals(new Bucket(3600, 7200), hours.at(3600));
    assertEquals(new Bucket(0, 3600), hours.at(3599));
  }

  @ParameterizedTest
  @CsvSource({
    "2026-03-29T12:00:00Z, 2026-03-28T23:00:00Z, 2026-03-29T22:00:00Z, 23",
    "2026-10-25T12:00:00Z, 2026-10-24T22:00:00Z, 2026-10-25T23:00:00Z, 25",
    "2026-11-23T12:00:00Z, 2026-11-22T23:00:00Z, 2026-11-23T23:00:00Z, 24",
  })
  void a_day_in_Berlin_is_as_long_as_its_clocks_make_it(
      Instant at, Instant start, Instant end, int hours) {
    Bucket day = buckets("1d", BERLIN).at(at.getEpochSecond());
    assertEquals(bucket(start, end), day);
    assertEquals(hours * 3600L, day.seconds());
  }

  @Test
  void the_hour_that_clocks_show_twice_is_two_hours() {
    Buckets hours = buckets("1h", BERLIN);
    assertEquals(
        bucket("2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"), at(hours, "2026-10-25T00:30:00Z"));
    assertEquals(
        bucket("2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"), at(hours, "2026-10-25T01:30:00Z"));
  }

  @Test
  void a_step_of_six_hours_has_seven_where_clocks_are_put_back() {
    Buckets sixHours = buckets("6h", BERLIN);
    Bucket night = bucket("2026-10-24T22:00:00Z", "2026-10-25T05:00:00Z");
    assertEquals(night, at(sixHours, "2026-10-25T00:30:00Z"));
    assertEquals(night, at(sixHours, "2026-10-25T01:30:00Z"));
  }

  @Test
  void half_an_hour_of_daylight_saving_ends_an_hour_in_its_middle() {
    Buckets hours = buckets("1h", ZoneId.of("Australia/Lord_Howe"));
    assertEquals(
        bucket("2026-04-04T14:00:00Z", "2026-04-04T15:00:00Z"), at(hours, "2026-04-04T14:59:00Z"));
    assertEquals(
        bucket("2026-04-04T15:00:00Z", "2026-04-04T15:30:00Z"), at(hours, "2026-04-04T15:00:00Z"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1s", "1m", "5m", "1h", "90m", "2h", "6h", "12h", "1d", "2d", "1w", "1mo", "3mo"})
  void buckets_follow_each_other_and_hold_every_second_once_in_any_zone(String text) {
    for (String zone :
        new String[] {
          "UTC", "Europe/Berlin", "Europe/London", "Australia/Lord_Howe", "America/Sao_Paulo",
          "Asia/Kathmandu", "Pacific/Apia", "America/Havana", "Africa/Casablanca", "Asia/Beirut"
        }) {
      check(Step.parse(text), ZoneId.of(zone));
    }
  }

  private static void check(Step step, ZoneId zone) {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    String shown = step + " in " + zone + ", seed " + seed;
    Buckets buckets = new Buckets(step, zone);
    for (int i = 0; i < 50; i++) {
      long from = random.nextLong(0, 2_000_000_000L);
      Bucket bucket = buckets.at(from);
      for (int n = 0; n < 100; n++) {
        long inside = random.nextLong(bucket.startSecond(), bucket.endSecond());
        assertEquals(bucket, new Buckets(step, zone).at(inside), shown + " at " + inside);
        Bucket next = buckets.after(bucket);
        assertEquals(bucket.endSecond(), next.startSecond(), shown + " after " + bucket);
        checkAligned(step, zone, next, shown);
        bucket = next;
      }
    }
  }

  /// A bucket begins on a step of the clock, or where clocks were changed.
  private static void checkAligned(Step step, ZoneId zone, Bucket bucket, String shown) {
    Instant start = Instant.ofEpochSecond(bucket.startSecond());
    LocalDateTime local = LocalDateTime.ofInstant(start, zone);
    boolean changed = !zone.getRules().getOffset(start).equals(offsetBefore(zone, start));
    assertTrue(changed || step.floor(local).equals(local), shown + " begins at " + local);
  }

  private static ZoneOffset offsetBefore(ZoneId zone, Instant start) {
    return zone.getRules().getOffset(start.minusSeconds(1));
  }

  @Test
  void a_day_that_an_island_skipped_has_no_bucket() {
    Buckets days = buckets("1d", ZoneId.of("Pacific/Apia"));
    Bucket thursday = at(days, "2011-12-30T00:00:00Z");
    assertEquals(
        LocalDateTime.parse("2011-12-31T00:00"),
        LocalDateTime.ofInstant(
            Instant.ofEpochSecond(days.after(thursday).startSecond()), ZoneId.of("Pacific/Apia")));
  }

  @Test
  void seconds_that_no_calendar_reaches_lie_in_the_outermost_buckets() {
    Buckets days = buckets("1d", BERLIN);
    assertEquals(days.at(Long.MAX_VALUE), days.at(253_402_300_799L));
    assertEquals(days.at(Long.MIN_VALUE), days.at(-62_135_596_800L));
  }

  private static Buckets buckets(String step, ZoneId zone) {
    return new Buckets(Step.parse(step), zone);
  }

  private static Bucket at(Buckets buckets, String instant) {
    return buckets.at(Instant.parse(instant).getEpochSecond());
  }

  private static Bucket bucket(String start, String end) {
    return bucket(Instant.parse(start), Instant.parse(end));
  }

  private static Bucket bucket(Instant start, Instant end) {
    return new Bucket(start.getEpochSecond(), end.getEpochSecond());
  }
}
