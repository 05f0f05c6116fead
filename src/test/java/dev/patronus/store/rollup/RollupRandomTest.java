package dev.patronus.store.rollup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.audit.Actor;
import dev.patronus.error.UserError;
import dev.patronus.flow.CounterState;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.history.Buckets;
import dev.patronus.history.Point;
import dev.patronus.history.Reading;
import dev.patronus.history.SampledSeries;
import dev.patronus.history.Step;
import dev.patronus.history.plan.HistoryPlan;
import dev.patronus.history.tier.Retention;
import dev.patronus.store.Database;
import dev.patronus.store.history.PolicyHistory;
import dev.patronus.store.retention.HistoryExpiry;
import dev.patronus.store.table.SnapshotTable;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.time.TimeRange;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Random histories, rolled up in random pieces, answer like a model that keeps every row.
class RollupRandomTest {
  private static final Actor ACTOR = new Actor("patronus", null, "test");
  private static final long[] POLICIES = {1, -2, 77, Long.MIN_VALUE};
  private static final int DAY = 86_400;

  /// Two weeks before clocks in Berlin are set back.
  private static final long BEGIN = Instant.parse("2026-10-11T09:13:20Z").getEpochSecond();

  private static final List<String> STEPS =
      List.of("5m", "10m", "15m", "30m", "1h", "2h", "6h", "12h", "1d", "2d", "1w", "1mo");
  private static final List<String> DAMAGE =
      List.of(
          "UPDATE patronus_five_minutes SET bytes = bytes + 1",
          "UPDATE patronus_five_minutes SET packets = packets * 2, readings = readings * 2",
          "UPDATE patronus_five_minutes SET covered_seconds = covered_seconds + 1",
          "DELETE FROM patronus_five_minutes",
          "UPDATE patronus_hours SET packets = 0",
          "DELETE FROM patronus_days");
  private static final List<ZoneId> ZONES =
      List.of(ZoneId.of("UTC"), ZoneId.of("Europe/Berlin"), ZoneId.of("Asia/Kolkata"));

  @TempDir private Path folder;

  /// A database under way.
  private static final class World implements AutoCloseable {
    private final Random random;
    private final PlatformDatabase platform;
    private final Database database;
    private final Map<Long, ArrivalModel> models = new HashMap<>();
    private final ArrivalModel unmatched = new ArrivalModel();
    private final Map<Long, Reading> counters = new HashMap<>();
    private final List<Long> policies = new ArrayList<>();
    private final Rollup rollup;
    private final HistoryExpiry expiry;
    private int refused;
    private final boolean steady;
    private long clock = BEGIN;
    private long number;

    World(Random random, Path folder) throws SQLException, IOException {
      this.random = random;
      this.steady = random.nextBoolean();
      platform = PlatformDatabase.create(folder, age());
      platform.run("PRAGMA journal_mode = WAL");
      platform.run("PRAGMA synchronous = OFF");
      for (long policy : POLICIES) {
        platform.policy(policy, "policy " + policy, 1, "{}");
        policies.add(policy);
        models.put(policy, new ArrivalModel());
        counters.put(policy, new Reading(policy, 0, random.nextInt(1000), 0, 0));
      }
      counters.put(0L, new Reading(0, 0, 0, 0, 0));
      database = Database.openWritable(platform.file());
      database.read(open -> {
        open.createStatement().execute("PRAGMA synchronous = OFF");
        return true;
      });
      rollup = new Rollup(database);
      expiry = new HistoryExpiry(database, Retention.DEFAULT);
    }

    private PlatformDatabase.Age age() {
      return random.nextBoolean() ? PlatformDatabase.Age.NEWEST : PlatformDatabase.Age.SPRINT_30;
    }

    private Instant now() {
      return Instant.ofEpochSecond(clock);
    }

    private long mark() throws SQLException {
      return rolled() ? platform.number("SELECT mark FROM patronus_rollup") : 0;
    }

    private boolean rolled() throws SQLException {
      return !platform.rows("SELECT 1 FROM sqlite_schema WHERE name = 'patronus_days'").isEmpty();
    }

    boolean complete() throws SQLException {
      return rolled() && platform.number("SELECT complete FROM patronus_rollup") == 1;
    }

    private Reading count(long policy) {
      Reading before = counters.get(policy);
      long packets = before.packets() + random.nextInt(1_000);
      long bytes = before.bytes() + random.nextInt(1_000_000);
      if (random.nextInt(40) == 0) { // a reset
        packets = random.nextInt(100);
        bytes = random.nextInt(10_000);
      } else if (!steady && random.nextInt(300) == 0) {
        packets = Long.MAX_VALUE - random.nextInt(5);
      }
      if (packets < 0) {
        packets = 7;
      }
      Reading now = new Reading(policy, clock, packets, bytes, random.nextInt(50));
      counters.put(policy, now);
      return now;
    }

    void pass() {
      clock +=
          switch (random.nextInt(10)) {
            case 0 -> 0;
            case 1, 2, 3 -> 60;
            case 4, 5 -> random.nextInt(600);
            case 6, 7 -> random.nextInt(7_200);
            case 8 -> random.nextInt(DAY);
            default -> 300;
          };
    }

    void jump() {
      if (steady) {
        return;
      }
      clock += random.nextInt(5 * DAY) - 3 * DAY;
    }

    /// A row as an older version or the platform would write it.
    void foreignRow() throws SQLException {
      long policy = policies.get(random.nextInt(policies.size()));
      Reading reading = count(policy);
      if (random.nextInt(15) == 0) {
        reading = new Reading(policy, clock, -1 - random.nextInt(9), 5, 3);
      }
      platform.stat(policy, clock, reading.packets(), reading.bytes(), reading.activeFlows());
      models.get(policy).add(lastRow(), reading);
    }

    private long lastRow() throws SQLException {
      return platform.number("SELECT max(stat_id) FROM sdwan_policy_stats");
    }

    void snapshot() throws SQLException {
      List<PolicyTotal> totals = new ArrayList<>();
      List<Reading> readings = new ArrayList<>();
      for (long policy : policies) {
        if (random.nextInt(8) > 0) {
          Reading reading = count(policy);
          readings.add(reading);
          totals.add(
              new PolicyTotal(
                  policy, reading.packets(), reading.bytes(), reading.activeFlows(), now()));
        }
      }
      Reading none = count(0);
      CounterState state =
          new CounterState(
              ++number,
              new Snapshot(
                  now(),
                  totals,
                  new PolicyTotal(0, none.packets(), none.bytes(), none.activeFlows(), now()),
                  false),
              new PolicyTotal(0, 0, 0, 0, null),
              List.of());
      new SnapshotTable(database).write(state, Optional.of(Map.of()), List.of(), ACTOR);
      long id =
          platform.number(
                  "SELECT coalesce(max(seq), 0) FROM sqlite_sequence"
                      + " WHERE name = 'sdwan_policy_stats'")
              - readings.size();
      for (Reading reading : readings) {
        models.get(reading.policyId()).add(++id, reading);
      }
      unmatched.add(0, none);
    }

    /// What the platform does at its start and every day.
    void purge() throws SQLException {
      long before = clock - 30L * DAY;
      long mark = mark();
      platform.run("DELETE FROM sdwan_policy_stats WHERE timestamp < ?", before);
      models.values().forEach(model -> model.lose(mark, before));
    }

    void deletePolicy() throws SQLException {
      if (policies.size() > 2) {
        long policy = policies.remove(random.nextInt(policies.size()));
        long mark = mark();
        platform.run("DELETE FROM sdwan_policy_stats WHERE policy_id = ?", policy);
        platform.run("DELETE FROM sdwan_policies WHERE policy_id = ?", policy);
        models.get(policy).lose(mark, Long.MAX_VALUE);
      }
    }

    void build() {
      boolean more = true;
      while (more) {
        more = rollup.roll(ACTOR, now());
      }
    }

    /// Changes roll-ups of whose days all rows are there; gives how many cells.
    int damage(String change) throws SQLException {
      String days =
          """
          (SELECT s.series_id, min(r.timestamp) / 86400 * 86400 + 86400 AS day
           FROM patronus_series s JOIN sdwan_policy_stats r USING (policy_id) GROUP BY 1)
          """;
      String chosen =
          "(series_id, start) IN (SELECT t.series_id, t.start FROM TIER t JOIN DAYS d"
              + " ON d.series_id = t.series_id AND t.start >= d.day WHERE t.packets > 0"
              + " ORDER BY (t.start * 7919 + t.series_id) % 1009 LIMIT 3)";
      String tier = change.split(" ", -1)[change.startsWith("UPDATE") ? 1 : 2];
      platform.run(change + " WHERE " + chosen.replace("TIER", tier).replace("DAYS", days));
      return (int) platform.number("SELECT changes()");
    }

    void closeAll() {
      while (rollup.sumUpHours(ACTOR, now())) {}
    }

    void closeSome() {
      for (int i = 0; i < 3 && rollup.sumUpHours(ACTOR, now()); i++) {}
    }

    void verify(String when) {
      PolicyHistory history = new PolicyHistory(database);
      for (long policy : POLICIES) {
        verify(when, history, policy, models.get(policy));
      }
      verify(when + " unmatched", history, 0, unmatched);
    }

    private void verify(String when, PolicyHistory history, long policy, ArrivalModel model) {
      if (model.isEmpty()) {
        return;
      }
      Step step = Step.parse(STEPS.get(random.nextInt(STEPS.size())));
      ZoneId zone = ZONES.get(random.nextInt(ZONES.size()));
      TimeRange range = range(model);
      Buckets buckets = new Buckets(step, zone);
      String asked = "%s, policy %d, %s, %s, %s".formatted(when, policy, step, zone, range);
      HistoryPlan plan;
      try {
        plan = history.plan(range, buckets, List.of(policy), policy == 0);
      } catch (UserError e) {
        assertTooFine(step, zone, range, asked);
        refused++;
        return;
      }
      long from = plan.range().firstSecond();
      long until = plan.range().endSecond();
      assertTrue(from <= range.firstSecond() && until >= range.endSecond(), asked);
      List<SampledSeries> found = new ArrayList<>();
      if (policy == 0) {
        history.readUnmatched(plan).ifPresent(found::add);
      } else {
        long implausible = history.read(List.of(policy), plan, found::add);
        assertEquals(model.implausible(from, until), implausible, asked);
      }
      List<Point> expected =
          model.points(policy, from, until, buckets, Point.gapAfterSeconds(step));
      assertEquals(expected.isEmpty(), found.isEmpty(), asked);
      if (!found.isEmpty()) {
        assertEquals(expected, found.getFirst().steps().points(), asked);
        Buckets samples = new Buckets(Step.parse("5m"), ZoneId.of("UTC"));
        long never = plan.separateSamples() ? Long.MAX_VALUE : Point.gapAfterSeconds(step);
        assertEquals(
            model.points(policy, from, until, plan.finely() ? samples : buckets, never),
            found.getFirst().samples().points(),
            asked);
      }
    }

    /// Steps of a minute are read from rows, of which none must be gone.
    void verifyRows(String when) throws SQLException {
      PolicyHistory history = new PolicyHistory(database);
      for (long policy : policies) {
        ArrivalModel model = models.get(policy);
        if (platform.number("SELECT count(*) FROM sdwan_policy_stats WHERE policy_id = " + policy)
            == model.size()) {
          Buckets buckets = new Buckets(Step.parse("1m"), ZoneId.of("Europe/Berlin"));
          HistoryPlan plan = history.plan(range(model), buckets, List.of(policy), false);
          assertTrue(plan.tier().isEmpty(), when);
          List<Point> found = new ArrayList<>();
          long _ = history.read(List.of(policy), plan, s -> found.addAll(s.steps().points()));
          long from = plan.range().firstSecond();
          long until = plan.range().endSecond();
          assertEquals(model.points(policy, from, until, buckets, 90), found, when);
        }
      }
    }

    /// What is refused begins in hours and asks for less than hours, or in days and asks for less
    /// than days of UTC.
    private void assertTooFine(Step step, ZoneId zone, TimeRange range, String asked) {
      long begin = range.firstSecond();
      long today = clock - Math.floorMod(clock, DAY);
      boolean utc = zone.getId().equals("UTC");
      boolean days = !(step instanceof Step.Clock) && utc;
      boolean hours =
          !zone.getId().equals("Asia/Kolkata") && step.shortest().toSeconds() % 3600 == 0;
      assertTrue(begin < today - 62L * DAY && !days, asked);
      assertTrue(begin < today - 397L * DAY || !hours, asked);
    }

    private TimeRange range(ArrivalModel model) {
      long first = model.firstSecond();
      long last = model.lastSecond();
      long border = clock - Math.floorMod(clock, DAY) - (random.nextBoolean() ? 62L : 397L) * DAY;
      boolean atBorder = first <= border && border <= last && random.nextInt(3) == 0;
      long from =
          atBorder ? border : random.nextBoolean() ? first : random.nextLong(first - 500, last + 1);
      long until = random.nextBoolean() ? last + 1 : random.nextLong(from, last + 500);
      return new TimeRange(
          random.nextInt(6) == 0 ? Optional.empty() : Optional.of(Instant.ofEpochSecond(from)),
          random.nextInt(6) == 0 ? Optional.empty() : Optional.of(Instant.ofEpochSecond(until)));
    }

    @Override
    public void close() throws SQLException {
      database.close();
      platform.close();
    }
  }

  @Test
  void random_histories_answer_like_their_arrivals() throws SQLException, IOException {
    long first = Long.getLong("seed", new Random().nextLong(1_000_000));
    for (long seed = first; seed < first + Integer.getInteger("patronus.rollups", 6); seed++) {
      run(seed);
    }
  }

  private void run(long seed) throws SQLException, IOException {
    Path place = java.nio.file.Files.createDirectory(folder.resolve("world-" + seed));
    try (World world = new World(new Random(seed), place)) {
      existing(world);
      partly(world);
      world.build();
      assertTrue(world.complete());
      world.verify("seed " + seed + " built");
      for (int i = 0; i < 300; i++) {
        step(world);
        if (i % 10 == 0) {
          world.verify("seed " + seed + " step " + i);
        }
      }
      world.closeAll();
      for (int i = 0; i < 40; i++) {
        world.verify("seed " + seed + " closed");
      }
      world.verifyRows("seed " + seed + " rows");
      damage(world, "seed " + seed);
      world.clock += 40L * DAY;
      world.build();
      world.purge();
      for (int i = 0; i < 40; i++) {
        world.verify("seed " + seed + " purged");
      }
      for (int days : new int[] {15, 10, 325, 100}) {
        age(world, days, "seed " + seed + " after " + days + " d more");
      }
    }
  }

  /// Sums that somebody has changed are found, and made anew of the rows that are there.
  private static void damage(World world, String when) throws SQLException {
    RollupCheck check = new RollupCheck(world.database);
    assertEquals(List.of(), check.differences(_ -> {}), when);
    for (String change : DAMAGE) {
      if (world.platform.number("SELECT sum(disordered) FROM patronus_series") > 0) {
        return;
      }
      world.build();
      int rows = world.damage(change);
      String asked = when + " " + change;
      assertEquals(rows == 0, check.differences(_ -> {}).isEmpty(), asked);
      assertEquals(rows == 0, check.repair(ACTOR, world.now(), _ -> {}).isEmpty(), asked);
      assertEquals(List.of(), check.differences(_ -> {}), asked);
      for (int i = 0; i < 10; i++) {
        world.verify(asked);
      }
      world.pass();
      world.snapshot();
      world.verify(asked + ", continued");
    }
  }

  /// What is past its life is removed, some rows come late, and what is left answers the same or
  /// not at all.
  private static void age(World world, int days, String when) throws SQLException {
    world.clock += (long) days * DAY;
    world.closeAll();
    world.expiry.begin(ACTOR, world.now());
    while (world.expiry.step(ACTOR)) {
      if (world.random.nextInt(5) == 0) {
        world.verify(when + ", under way");
      }
    }
    long now = world.clock;
    for (int i = 0; i < 10; i++) {
      world.clock -= world.random.nextInt(40 * DAY);
      world.snapshot();
    }
    world.clock = now;
    world.closeAll();
    int before = world.refused;
    for (int i = 0; i < 40; i++) {
      world.verify(when);
    }
    assertTrue(world.refused > before, when);
    assertTrue(world.refused < before + 40 * (POLICIES.length + 1), when);
  }

  /// Rows from before there were roll-ups, some from a clock that jumped.
  private static void existing(World world) throws SQLException {
    int rows = world.random.nextInt(600);
    for (int i = 0; i < rows; i++) {
      world.pass();
      if (world.random.nextInt(60) == 0) {
        world.jump();
      }
      world.foreignRow();
    }
    world.clock = Math.max(world.clock, BEGIN + 6L * DAY);
  }

  /// A build that is interrupted again and again, while snapshots are written.
  private static void partly(World world) throws SQLException {
    for (int i = 0; i < 5; i++) {
      world.pass();
      world.clock += 60; // unmatched rows of one time would be one row
      world.snapshot();
      if (world.random.nextBoolean()) {
        boolean _ = world.rollup.roll(ACTOR, world.now());
      }
    }
  }

  private static void step(World world) throws SQLException {
    world.pass();
    switch (world.random.nextInt(40)) {
      case 0 -> world.jump();
      case 1 -> world.purge();
      case 2 -> {
        if (world.random.nextInt(8) == 0) {
          world.deletePolicy();
        }
      }
      case 3, 4, 5 -> world.foreignRow();
      case 6 -> world.closeSome();
      case 7 -> {
        boolean _ = world.rollup.roll(ACTOR, world.now());
      }
      default -> world.snapshot();
    }
  }
}
