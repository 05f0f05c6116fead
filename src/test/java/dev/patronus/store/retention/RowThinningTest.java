package dev.patronus.store.retention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.audit.Actor;
import dev.patronus.history.Change;
import dev.patronus.history.Deltas;
import dev.patronus.history.Reading;
import dev.patronus.history.Retention;
import dev.patronus.store.Database;
import dev.patronus.store.rollup.Rollup;
import dev.patronus.testing.PlatformDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowThinningTest {
  private static final Instant NOW = Instant.parse("2026-11-23T14:07:31Z");
  private static final long NOW_SECOND = NOW.getEpochSecond();
  private static final Actor ACTOR = new Actor("alice", null, "test");
  private static final Retention SHORT = Retention.parse("1m:2h 5m:1d 1h:7d 1d:forever");

  @TempDir private Path folder;
  private PlatformDatabase platform;
  private Database database;

  @BeforeEach
  void make() throws SQLException, IOException {
    platform = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST);
    platform.policy(1, "web", 100, "{}");
    platform.policy(-2, "voice", 50, "{}");
    database = Database.openWritable(platform.file());
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
    platform.close();
  }

  private RowThinning thin(Retention retention, Instant now) {
    RowThinning thinning = new RowThinning(database, retention);
    finish(thinning, now);
    return thinning;
  }

  private void rollUp() {
    Rollup rollup = new Rollup(database);
    while (rollup.roll(ACTOR, NOW)) {}
  }

  private void finish(RowThinning thinning, Instant now) {
    rollUp();
    thinning.begin(now);
    boolean more = true;
    while (more) {
      more = thinning.step(ACTOR);
    }
  }

  /// All rows of a policy in order of time, by their keys.
  private Map<Long, Reading> rows(long policy) throws SQLException {
    Map<Long, Reading> rows = new LinkedHashMap<>();
    try (Statement statement = platform.connection().createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT stat_id, timestamp, packets_matched, bytes_matched, active_flows"
                    + " FROM sdwan_policy_stats WHERE policy_id = "
                    + policy
                    + " ORDER BY timestamp, stat_id")) {
      while (row.next()) {
        rows.put(
            row.getLong(1),
            new Reading(policy, row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5)));
      }
    }
    return rows;
  }

  private List<String> times(long policy) throws SQLException {
    return rows(policy).values().stream()
        .map(reading -> Instant.ofEpochSecond(reading.epochSecond()).toString().substring(5, 16))
        .toList();
  }

  /// A row each minute from `from` on, counting up.
  private void minutes(long policy, Instant from, int count, long base) throws SQLException {
    platform.inOneTransaction(() -> {
      for (int i = 0; i < count; i++) {
        platform.stat(policy, from.getEpochSecond() + i * 60L, base + i, (base + i) * 100, 1);
      }
    });
  }

  @Test
  void of_each_step_the_last_row_stays() throws SQLException {
    minutes(1, Instant.parse("2026-11-22T20:00:00Z"), 20, 1);
    minutes(1, Instant.parse("2026-11-23T14:00:00Z"), 5, 100);
    RowThinning thinning = thin(SHORT, NOW);
    assertEquals(
        List.of(
            "11-22T20:00", // the first of all
            "11-22T20:04",
            "11-22T20:09",
            "11-22T20:14",
            "11-22T20:19",
            "11-23T14:00",
            "11-23T14:01",
            "11-23T14:02",
            "11-23T14:03",
            "11-23T14:04"),
        times(1));
    assertEquals(15, thinning.total());
    assertEquals(25, thinning.rowsRead());
  }

  @Test
  void traffic_without_a_policy_is_thinned_too() throws SQLException {
    database.write(ACTOR, NOW, transaction -> 0); // makes our own tables
    for (int i = 0; i < 30; i++) {
      platform.run(
          "INSERT INTO patronus_unmatched_stats VALUES (?, ?, ?, 0)",
          NOW_SECOND - 86_400 * 3 + i * 60L,
          i,
          i);
    }
    thin(SHORT, NOW);
    assertTrue(platform.number("SELECT count(*) FROM patronus_unmatched_stats") <= 3);
    assertEquals(29, platform.number("SELECT max(packets) FROM patronus_unmatched_stats"));
  }

  @Test
  void the_newest_row_stays_however_old() throws SQLException {
    platform.stat(1, NOW_SECOND - 86_400 * 900, 5, 500, 1);
    platform.stat(1, NOW_SECOND - 86_400 * 800, 7, 700, 1);
    platform.stat(-2, NOW_SECOND - 86_400 * 800, 9, 900, 1);
    thin(Retention.parse("1m:2h 1h:30d"), NOW);
    assertEquals(List.of(7L), rows(1).values().stream().map(Reading::packets).toList());
    assertEquals(List.of(9L), rows(-2).values().stream().map(Reading::packets).toList());
  }

  @Test
  void a_row_from_the_future_makes_nothing_old() throws SQLException {
    minutes(1, NOW.minusSeconds(3600), 60, 1);
    platform.stat(1, NOW_SECOND + 86_400 * 9000, 70, 7000, 1);
    assertEquals(0, thin(SHORT, NOW).total());
  }

  @Test
  void a_row_from_the_future_is_not_all_that_stays() throws SQLException {
    platform.stat(1, NOW_SECOND - 86_400 * 900, 5, 500, 1);
    platform.stat(1, NOW_SECOND + 86_400 * 900, 7, 700, 1);
    thin(Retention.parse("1m:2h 1h:30d"), NOW);
    assertEquals(2, rows(1).size());
  }

  @Test
  void the_audit_trail_has_one_row_a_day() throws SQLException {
    minutes(1, NOW.minus(Duration.ofDays(3)), 600, 1);
    RowThinning thinning = thin(SHORT, NOW);
    minutes(1, NOW.minus(Duration.ofDays(2)), 600, 1000);
    finish(thinning, NOW.plusSeconds(60));
    assertEquals(
        List.of("alice|database_thin|warning|1"),
        platform.rows("SELECT user_id, event_type, severity, success FROM audit_logs"));
    String data = platform.rows("SELECT event_data FROM audit_logs").getFirst();
    assertTrue(data.contains("\"sdwan_policy_stats\":" + thinning.total()), data);
    assertTrue(data.contains("1m:2h 5m:1d 1h:7d 1d:forever"), data);
    minutes(1, NOW.minus(Duration.ofDays(1)), 600, 2000);
    finish(thinning, NOW.plus(Duration.ofDays(1)));
    assertEquals(2, platform.number("SELECT count(*) FROM audit_logs"));
  }

  @Test
  void what_is_not_rolled_up_stays() throws SQLException {
    minutes(1, NOW.minus(Duration.ofDays(6)), 600, 1);
    rollUp();
    minutes(-2, NOW.minus(Duration.ofDays(6)), 600, 1);
    RowThinning thinning = new RowThinning(database, SHORT);
    thinning.begin(NOW);
    while (thinning.step(ACTOR)) {}
    assertTrue(rows(1).size() < 20);
    assertEquals(600, rows(-2).size());
  }

  @Test
  void where_nothing_goes_nothing_is_written() throws SQLException {
    minutes(1, NOW.minusSeconds(600), 10, 1);
    thin(SHORT, NOW);
    assertEquals(0, platform.number("SELECT count(*) FROM audit_logs"));
  }

  @Test
  void another_writer_gets_its_turn_between_two_steps() throws SQLException {
    platform.policy(3, "third", 1, "{}");
    for (long policy : new long[] {1, -2, 3}) {
      minutes(policy, NOW.minus(Duration.ofDays(6)), 6000, 1);
    }
    rollUp();
    RowThinning thinning = new RowThinning(database, SHORT);
    thinning.begin(NOW);
    boolean more = true;
    int written = 0;
    while (more) {
      more = thinning.step(ACTOR);
      platform.stat(1, NOW_SECOND + 60L * ++written, 9000 + written, 900_000 + written, 1);
    }
    assertTrue(written >= 6, "steps: " + written);
    int all = written;
    assertEquals(
        all,
        platform.number("SELECT count(*) FROM sdwan_policy_stats WHERE timestamp > " + NOW_SECOND));
  }

  @Test
  void no_sum_is_changed_whatever_the_rows_are() throws SQLException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (long policy : new long[] {1, -2}) {
      platform.inOneTransaction(() -> randomRows(policy, 9_000, random));
    }
    Map<Long, Map<Long, Reading>> before = new HashMap<>();
    for (long policy : new long[] {1, -2}) {
      before.put(policy, rows(policy));
    }
    rollUp();
    RowThinning brokenOff = new RowThinning(database, SHORT);
    brokenOff.begin(NOW);
    for (int i = random.nextInt(3); i > 0; i--) {
      brokenOff.step(ACTOR);
    }
    thin(SHORT, NOW);
    for (long policy : new long[] {1, -2}) {
      judge(before.get(policy), rows(policy), "seed " + seed);
    }
    assertEquals(0, thin(SHORT, NOW).total(), "thinned again, seed " + seed);
  }

  /// Rows as time goes on, now and then repeated, out of order, from the future or reset.
  private void randomRows(long policy, int count, Random random) throws SQLException {
    long packets = 0;
    long time = NOW_SECOND - 86_400 * 12;
    for (int i = 0; i < count; i++) {
      time += random.nextInt(4) == 0 ? 0 : random.nextInt(230);
      packets = random.nextInt(200) == 0 ? random.nextInt(50) : packets + random.nextInt(100);
      long shown = random.nextInt(500) == 0 ? -1 : packets;
      long stamp = random.nextInt(300) == 0 ? time - random.nextInt(90_000) : time;
      platform.stat(policy, stamp, shown, shown * 100, 1);
    }
  }

  private static void judge(Map<Long, Reading> before, Map<Long, Reading> after, String seed) {
    assertTrue(before.entrySet().containsAll(after.entrySet()), seed);
    assertTrue(after.size() < before.size(), seed);
    List<Long> keys = new ArrayList<>(before.keySet());
    assertTrue(after.containsKey(keys.getFirst()), "the first row, " + seed);
    assertTrue(after.containsKey(keys.getLast()), "the last row, " + seed);
    assertEquals(sums(before, after), sums(after, after), seed);
    eachStepHasItsLastRow(before, after, seed);
  }

  /// What came until each row that stays, added up from one row to the next.
  private static Map<Long, Long> sums(Map<Long, Reading> rows, Map<Long, Reading> staying) {
    Deltas deltas = new Deltas();
    Map<Long, Long> sums = new HashMap<>();
    long sum = 0;
    for (Map.Entry<Long, Reading> row : rows.entrySet()) {
      if (deltas.next(row.getValue()) instanceof Change.Delta delta) {
        sum += delta.packets();
      }
      if (staying.containsKey(row.getKey()) && row.getValue().plausible()) {
        sums.put(row.getKey(), sum);
      }
    }
    return sums;
  }

  /// After each plausible row, in the step that its age gives it, some row stays: it or a later
  /// one.
  private static void eachStepHasItsLastRow(
      Map<Long, Reading> before, Map<Long, Reading> after, String seed) {
    Set<String> steps = new HashSet<>();
    for (Map.Entry<Long, Reading> row : List.copyOf(before.entrySet()).reversed()) {
      long second = row.getValue().epochSecond();
      if (row.getValue().plausible()) {
        if (after.containsKey(row.getKey())) {
          SHORT.tiers().forEach(tier -> steps.add(step(tier.resolution(), second)));
        }
        String own = step(SHORT.resolution(second, NOW_SECOND), second);
        assertTrue(steps.contains(own), own + ", " + seed);
      }
    }
  }

  private static String step(Duration width, long second) {
    return width + "/" + Math.floorDiv(second, width.toSeconds());
  }

  @Test
  void a_plan_tells_what_a_pass_does() throws SQLException {
    minutes(1, NOW.minus(Duration.ofDays(9)), 5000, 1);
    minutes(-2, NOW.minus(Duration.ofHours(9)), 500, 1);
    long planned =
        new RowThinning(database, SHORT)
            .plan(NOW).values().stream().mapToLong(Long::longValue).sum();
    assertEquals(5500, platform.number("SELECT count(*) FROM sdwan_policy_stats"));
    assertEquals(planned, thin(SHORT, NOW).total());
  }
}
