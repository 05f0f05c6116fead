package dev.patronus.store.retention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.audit.Actor;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.history.tier.Retention;
import dev.patronus.history.tier.Tier;
import dev.patronus.store.Database;
import dev.patronus.store.rollup.Rollup;
import dev.patronus.store.rollup.TierHistory;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryExpiryTest {
  private static final Instant NOW = Instant.parse("2026-11-23T14:00:00Z");
  private static final Actor ACTOR = new Actor("alice", null, "test");
  private static final Retention SHORT = Retention.parse("raw:2d 5m:10d 1h:30d 1d:300d");
  private static final String SUM =
      "SELECT sum(packets) + (SELECT sum(coalesce(open_packets, 0)) FROM patronus_series)"
          + " FROM patronus_";

  @TempDir private Path folder;
  private PlatformDatabase platform;
  private Database database;

  @BeforeEach
  void twoPoliciesForAYear() throws SQLException, IOException {
    platform = PlatformDatabase.create(folder, Age.NEWEST);
    platform.policy(7, "voice", 100, "{}");
    platform.policy(-7, "web", 90, "{}");
    platform.inOneTransaction(() -> {
      for (long hour = 400 * 24; hour >= 0; hour--) {
        long second = NOW.minus(Duration.ofHours(hour)).getEpochSecond();
        platform.stat(7, second, 400 * 24 - hour, 0, 1);
        platform.stat(-7, second, 400 * 24 - hour, 0, 1);
      }
    });
    database = Database.openWritable(platform.file());
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
    platform.close();
  }

  private HistoryExpiry expire(Retention retention, Instant now) {
    HistoryExpiry expiry = new HistoryExpiry(database, retention);
    expire(expiry, now);
    return expiry;
  }

  private static void expire(HistoryExpiry expiry, Instant now) {
    expiry.begin(ACTOR, now);
    while (expiry.step(ACTOR)) {}
  }

  private long number(String sql) throws SQLException {
    return platform.number(sql);
  }

  private long oldestAgeDays(String table, String column) throws SQLException {
    return ageDays(number("SELECT min(" + column + ") FROM " + table));
  }

  private static long ageDays(long second) {
    return (NOW.getEpochSecond() - second) / 86_400;
  }

  @Test
  void rows_and_roll_ups_go_at_their_age_and_the_daily_sums_stay() throws Exception {
    new Rollup(database).rollAll(ACTOR, NOW);
    long days = number("SELECT sum(packets) FROM patronus_days");
    long _ = expire(Retention.parse("raw:2d 5m:10d 1h:30d"), NOW).total();
    assertEquals(2, oldestAgeDays("sdwan_policy_stats", "timestamp"));
    assertEquals(10, oldestAgeDays("patronus_five_minutes", "start"));
    assertEquals(30, oldestAgeDays("patronus_hours", "start"));
    assertEquals(400, oldestAgeDays("patronus_days", "start"));
    assertEquals(days, number("SELECT sum(packets) FROM patronus_days"));
  }

  @Test
  void days_go_only_where_the_retention_says_so() throws Exception {
    new Rollup(database).rollAll(ACTOR, NOW);
    long _ = expire(SHORT, NOW).total();
    assertEquals(300, oldestAgeDays("patronus_days", "start"));
  }

  /// What each policy carried, in all days.
  private static List<Long> packets(TierHistory history) {
    List<Long> sums = new ArrayList<>();
    for (long policy : history.policies()) {
      AtomicLong sum = new AtomicLong();
      history.read(
          policy,
          Tier.DAY,
          Tier.FIRST_SECOND,
          Tier.END_SECOND,
          cell -> sum.addAndGet(cell.packets()));
      sums.add(sum.get());
    }
    return sums;
  }

  @Test
  void readers_see_all_days_or_none_of_those_that_go() throws Exception {
    new Rollup(database).rollAll(ACTOR, NOW);
    try (Database reading = Database.openReadOnly(platform.file())) {
      TierHistory before = TierHistory.open(reading).orElseThrow();
      HistoryExpiry expiry = new HistoryExpiry(database, SHORT);
      expiry.begin(ACTOR, NOW);
      UserError refused = assertThrows(UserError.class, () -> packets(before));
      assertEquals(ExitCode.BUSY, refused.exitCode());
      List<Long> left = List.of(300 * 24 + 15L, 300 * 24 + 15L);
      do {
        TierHistory history = TierHistory.open(reading).orElseThrow();
        assertEquals(left, packets(history));
        assertEquals(300, ageDays(history.firstSecond(7).orElseThrow()));
      } while (expiry.step(ACTOR));
      assertEquals(left, packets(TierHistory.open(reading).orElseThrow()));
    }
  }

  @Test
  void a_reading_that_meets_an_expiry_is_begun_again_and_has_what_is_left() throws Exception {
    new Rollup(database).rollAll(ACTOR, NOW);
    try (Database reading = Database.openReadOnly(platform.file())) {
      AtomicInteger readings = new AtomicInteger();
      List<Long> sums =
          TierHistory.reading(
              reading,
              history -> {
                if (readings.getAndIncrement() == 0) {
                  expire(new HistoryExpiry(database, SHORT), NOW);
                }
                return packets(history.orElseThrow());
              });
      assertEquals(List.of(300 * 24 + 15L, 300 * 24 + 15L), sums);
      assertEquals(2, readings.get());
    }
  }

  @Test
  void a_reading_that_meets_an_expiry_each_time_ends() throws Exception {
    new Rollup(database).rollAll(ACTOR, NOW);
    try (Database reading = Database.openReadOnly(platform.file())) {
      AtomicInteger readings = new AtomicInteger();
      UserError refused =
          assertThrows(
              UserError.class,
              () ->
                  TierHistory.reading(
                      reading,
                      history -> {
                        Duration later = Duration.ofDays(readings.getAndIncrement());
                        new HistoryExpiry(database, SHORT).begin(ACTOR, NOW.plus(later));
                        return packets(history.orElseThrow());
                      }));
      assertEquals(ExitCode.BUSY, refused.exitCode());
      assertEquals(4, readings.get());
    }
  }

  @Test
  void what_is_removed_before_a_range_does_not_disturb_its_reading() throws Exception {
    new Rollup(database).rollAll(ACTOR, NOW);
    try (Database reading = Database.openReadOnly(platform.file())) {
      TierHistory before = TierHistory.open(reading).orElseThrow();
      expire(new HistoryExpiry(database, SHORT), NOW);
      AtomicLong sum = new AtomicLong();
      long from = NOW.minus(Duration.ofDays(9)).getEpochSecond();
      before.read(
          7, Tier.FIVE_MINUTES, from, Tier.END_SECOND, cell -> sum.addAndGet(cell.packets()));
      assertEquals(9 * 24 + 1, sum.get());
    }
  }

  @Test
  void a_row_from_a_day_that_is_gone_brings_no_day_back() throws Exception {
    new Rollup(database).rollAll(ACTOR, NOW);
    long _ = expire(SHORT, NOW).total();
    long days = number("SELECT count(*) FROM patronus_days");
    long gone = NOW.minus(Duration.ofDays(350)).getEpochSecond();
    platform.stat(7, gone, 400 * 24, 0, 1).stat(7, gone + 300, 400 * 24 + 9, 0, 1);
    new Rollup(database).rollAll(ACTOR, NOW);
    assertEquals(days, number("SELECT count(*) FROM patronus_days"));
  }

  @Test
  void nothing_goes_that_is_not_rolled_up() throws Exception {
    Rollup rollup = new Rollup(database);
    boolean more = rollup.roll(ACTOR, NOW);
    assertTrue(more, "only some rows are rolled up");
    long mark = number("SELECT mark FROM patronus_rollup");
    long _ = expire(SHORT, NOW).total();
    assertEquals(mark + 1, number("SELECT min(stat_id) FROM sdwan_policy_stats"));
    rollup.rollAll(ACTOR, NOW);
    assertEquals(2 * 400 * 24, number(SUM + "five_minutes"));
  }

  @Test
  void what_goes_within_a_day_is_one_row_of_the_audit_trail() throws Exception {
    new Rollup(database).rollAll(ACTOR, NOW);
    HistoryExpiry expiry = expire(SHORT, NOW);
    expire(expiry, NOW.plus(Duration.ofHours(6)));
    List<String> audited =
        platform.rows(
            "SELECT user_id, severity, event_data FROM audit_logs WHERE event_type LIKE '%expire'");
    assertEquals(1, audited.size(), audited.toString());
    assertTrue(
        audited.getFirst().startsWith("alice|warning|{\"database_expire\":{\"patronus_days\":"),
        audited.getFirst());
    assertTrue(audited.getFirst().contains("\"retention\":\"" + SHORT.text()), audited.getFirst());
    expire(expiry, NOW.plus(Duration.ofHours(11)));
    assertEquals(2, number("SELECT count(*) FROM audit_logs WHERE event_type LIKE '%expire'"));
  }

  @Test
  void where_nothing_is_past_its_life_nothing_is_written() throws Exception {
    new Rollup(database).rollAll(ACTOR, NOW);
    long _ = expire(SHORT, NOW).total();
    long version = number("PRAGMA data_version");
    assertEquals(0, expire(SHORT, NOW).total());
    assertEquals(version, number("PRAGMA data_version"));
  }

  @Test
  void a_policy_that_counts_no_more_keeps_its_newest_row() throws Exception {
    platform.run(
        "DELETE FROM sdwan_policy_stats WHERE policy_id = 7 AND timestamp > ?",
        NOW.minus(Duration.ofDays(100)).getEpochSecond());
    new Rollup(database).rollAll(ACTOR, NOW);
    long _ = expire(SHORT, NOW).total();
    assertEquals(1, number("SELECT count(*) FROM sdwan_policy_stats WHERE policy_id = 7"));
  }

  @Test
  void without_the_index_it_refuses_instead_of_holding_the_lock() throws Exception {
    new Rollup(database).rollAll(ACTOR, NOW);
    platform.run("DROP INDEX idx_policy_stats_time");
    HistoryExpiry expiry = new HistoryExpiry(database, SHORT);
    UserError refused = assertThrows(UserError.class, () -> expiry.begin(ACTOR, NOW));
    assertTrue(refused.getMessage().contains("has no index"), refused.getMessage());
  }
}
