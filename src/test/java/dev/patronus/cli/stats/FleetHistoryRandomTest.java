package dev.patronus.cli.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.audit.Actor;
import dev.patronus.cli.CommandLineRun;
import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.fleet.GatewayCopy;
import dev.patronus.fleet.HubUnderTest;
import dev.patronus.fleet.read.FleetReader;
import dev.patronus.fleet.read.HubHistory;
import dev.patronus.history.Buckets;
import dev.patronus.history.SampledSeries;
import dev.patronus.history.Series;
import dev.patronus.history.Step;
import dev.patronus.history.plan.HistoryPlan;
import dev.patronus.history.plan.HistorySource;
import dev.patronus.history.plan.HistorySummary;
import dev.patronus.history.plan.HistorySums;
import dev.patronus.history.tier.Retention;
import dev.patronus.store.Database;
import dev.patronus.store.retention.HistoryExpiry;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.PostgresServer;
import dev.patronus.time.TimeRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A hub answers about one gateway as that gateway does, to the byte but for the gateway's name.
class FleetHistoryRandomTest {
  private static final Instant NOW = Instant.parse("2026-11-23T14:07:31Z");
  private static final long END = NOW.getEpochSecond();
  private static final int DAY = 86_400;
  private static final int DATABASES = Integer.getInteger("databases", 4);
  private static final int QUESTIONS = Integer.getInteger("questions", 60);

  private static final List<String> STEPS =
      List.of("1m", "2m", "5m", "10m", "30m", "1h", "2h", "6h", "12h", "1d", "2d", "1w", "1mo");
  private static final List<String> ZONES =
      List.of("UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns");
  private static final List<String> FORMATS = List.of("json", "csv", "ndjson", "table");

  @TempDir private Path folder;
  private final Random random = new Random(seed());
  private final Map<CommandLineRun, List<String>> idsOf = new HashMap<>();

  private static long seed() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.err.println("FleetHistoryRandomTest: -Dseed=" + seed);
    return seed;
  }

  /// Counters of a few weeks or months: resets, a night without, rows out of order, rows that
  /// cannot be true; what the platform has purged, and a policy that was deleted.
  private Path database(String name) throws SQLException, IOException {
    Path home = Files.createDirectory(folder.resolve(name));
    try (PlatformDatabase platform = PlatformDatabase.create(home, Age.NEWEST)) {
      long[] policies = random.longs(2L + random.nextInt(4)).toArray();
      for (long policy : policies) {
        platform.policy(policy, "policy " + Math.floorMod(policy, 1000), random.nextInt(9), "{}");
      }
      platform.run(
          "CREATE TABLE patronus_unmatched_stats (timestamp INTEGER PRIMARY KEY,"
              + " packets INTEGER NOT NULL, bytes INTEGER NOT NULL, active_flows INTEGER NOT NULL)");
      boolean unmatched = random.nextInt(4) > 0;
      platform.inOneTransaction(() -> fill(platform, policies, unmatched));
      CommandLineRun.on(platform.file()).at(NOW.toString()).out("db", "migrate");
      if (random.nextBoolean()) {
        platform.run("DELETE FROM sdwan_policy_stats WHERE timestamp < ?", END - 30L * DAY);
      }
      if (random.nextBoolean()) {
        platform.run("DELETE FROM sdwan_policy_stats WHERE policy_id = ?", policies[0]);
        platform.run("DELETE FROM sdwan_policies WHERE policy_id = ?", policies[0]);
      }
      if (random.nextBoolean()) {
        expire(platform.file());
      }
      return platform.file();
    }
  }

  private void expire(Path file) {
    try (Database database = Database.openWritable(file)) {
      HistoryExpiry expiry =
          new HistoryExpiry(
              database, Retention.parse("raw:2d 5m:" + random.nextInt(2, 30) + "d 1h:40d"));
      Actor actor = new Actor("test", null, "test");
      expiry.begin(actor, NOW);
      while (expiry.step(actor)) {}
    }
  }

  private void fill(PlatformDatabase platform, long[] policies, boolean unmatched)
      throws SQLException {
    int rows = 600 + random.nextInt(600);
    long apart = List.of(60, 300, 1200, 7200).get(random.nextInt(4));
    long[] packets = new long[policies.length + 1];
    long second = END - rows * apart;
    for (int i = 0; i < rows; i++) {
      second += random.nextInt(200) == 0 ? apart * 30 : 0;
      for (int p = 0; p <= policies.length; p++) {
        packets[p] =
            random.nextInt(150) == 0 ? random.nextInt(50) : packets[p] + random.nextInt(9000);
        long at = second + (p > 0 && random.nextInt(900) == 0 ? -5 * apart : 0);
        long bytes = random.nextInt(700) == 0 ? -7 : packets[p] * 700 + p;
        if (p < policies.length) {
          platform.stat(policies[p], at, packets[p], bytes, random.nextInt(40));
        } else if (unmatched) {
          platform.run(
              "INSERT OR IGNORE INTO patronus_unmatched_stats VALUES (?, ?, ?, ?)",
              second,
              packets[p],
              packets[p] * 90,
              random.nextInt(5));
        }
      }
      second += apart;
    }
  }

  /// The policies that a gateway has a history of.
  private List<String> ids(CommandLineRun cli) {
    return idsOf.computeIfAbsent(
        cli,
        own ->
            own.out(
                    "stats",
                    "history",
                    "--since",
                    "200d",
                    "--step",
                    "1d",
                    "--tz",
                    "UTC",
                    "-oCSV",
                    "--by-policy",
                    "--columns",
                    "policy_id",
                    "--no-headers")
                .lines()
                .distinct()
                .toList());
  }

  private List<String> question(CommandLineRun cli) {
    int which = random.nextInt(8);
    if (which == 0) {
      return traffic();
    }
    List<String> words =
        new ArrayList<>(which == 1 ? List.of("report") : List.of("stats", "history"));
    switch (random.nextInt(5)) {
      case 0 -> words.addAll(List.of("--since", random.nextInt(1, 100) + "h"));
      case 1 -> words.addAll(List.of("--since", random.nextInt(1, 60) + "d"));
      case 2 -> {
        long from = END - random.nextInt(70 * DAY);
        long until = from + 60 + random.nextInt(30 * DAY);
        words.addAll(List.of("--since", "" + from, "--until", "" + until));
      }
      case 3 -> words.addAll(List.of("--until", "" + (END - random.nextInt(5 * DAY))));
      default -> {
        // the last day
      }
    }
    if (random.nextInt(3) > 0) {
      words.addAll(List.of("--step", STEPS.get(random.nextInt(STEPS.size()))));
    }
    if (which > 3 && random.nextInt(3) == 0) {
      words.add("--by-policy");
    }
    if (which > 3 && random.nextInt(3) == 0) {
      words.add("--rate");
    }
    if (random.nextInt(3) == 0) {
      List<String> ids = ids(cli);
      words.addAll(List.of("--policy", ids.get(random.nextInt(ids.size()))));
    }
    words.addAll(List.of("--tz", ZONES.get(random.nextInt(ZONES.size()))));
    words.addAll(List.of("-o", FORMATS.get(random.nextInt(FORMATS.size()))));
    return words;
  }

  private List<String> traffic() {
    List<String> words = new ArrayList<>(List.of("stats", "--alert", "total:bytes>1GB"));
    if (random.nextBoolean()) {
      words.addAll(List.of("--sort", List.of("name", "bytes", "rate").get(random.nextInt(3))));
    }
    if (random.nextBoolean()) {
      words.addAll(List.of("--limit", "2"));
    }
    words.addAll(List.of("-o", FORMATS.get(random.nextInt(FORMATS.size()))));
    return words;
  }

  /// What a gateway would have said.
  private static String withoutGateway(String answer, String name) {
    return answer
        .replace("[\"gateway\", ", "[")
        .replace("\"gateway\":\"" + name + "\",", "")
        .replace(", \"gateways\": [\"" + name + "\"]", "")
        .replace("Snapshot of " + name + " of ", "Snapshot of ")
        .replaceAll("(?m)^(All policies|policy .*) of " + name + " ", "$1 ")
        .replaceAll("(?m)^" + name + ",", "")
        .replaceFirst("(?m)^gateway,", "")
        .replaceAll("(?m)^(\\S+,\\S+,)" + name + ",", "$1")
        .replaceFirst("timestamp,time,gateway,", "timestamp,time,");
  }

  private static String withoutDatabase(String answer) {
    return answer.replaceAll("\"database\": \"[^\"]*\"", "\"database\": \"\"");
  }

  private static void assertSameLines(String expected, String found, String asked) {
    List<String> lines = expected.lines().toList();
    List<String> others = found.lines().toList();
    for (int i = 0; i < Math.min(lines.size(), others.size()); i++) {
      assertEquals(lines.get(i), others.get(i), asked + ", line " + (i + 1));
    }
    assertEquals(lines.size(), others.size(), asked);
  }

  /// The history of a hub, policy by policy.
  private record PolicyByPolicy(HubHistory history) implements HistorySource {
    @Override
    public List<Long> policies() {
      return history.policies();
    }

    @Override
    public long secondsApart(List<Long> policies) {
      return history.secondsApart(policies);
    }

    @Override
    public OptionalLong firstSecond(List<Long> policies) {
      return history.firstSecond(policies);
    }

    @Override
    public HistoryPlan plan(
        TimeRange range, Buckets buckets, List<Long> policies, boolean unmatched) {
      return history.plan(range, buckets, policies, unmatched);
    }

    @Override
    public long read(List<Long> policies, HistoryPlan plan, Consumer<SampledSeries> series) {
      return history.read(policies, plan, series);
    }

    @Override
    public Optional<SampledSeries> readUnmatched(HistoryPlan plan) {
      return history.readUnmatched(plan);
    }
  }

  private static void assertSamePoints(Series expected, Series found, String asked) {
    for (int i = 0; i < Math.min(expected.points().size(), found.points().size()); i++) {
      assertEquals(expected.points().get(i), found.points().get(i), asked);
    }
    assertEquals(expected.points().size(), found.points().size(), asked);
  }

  /// Compares the sums of one question; whether it was answered.
  private boolean compareSums(HubHistory history) {
    List<Long> chosen = new ArrayList<>(history.policies());
    boolean all = random.nextInt(3) > 0;
    chosen.removeIf(_ -> !all && random.nextBoolean());
    long from = END - random.nextInt(70 * DAY);
    long until = random.nextInt(3) == 0 ? END + 7200 : from + 60 + random.nextInt(40 * DAY);
    if (random.nextInt(3) == 0) {
      from -= Math.floorMod(from, DAY);
    }
    TimeRange range =
        new TimeRange(
            Optional.of(Instant.ofEpochSecond(from)), Optional.of(Instant.ofEpochSecond(until)));
    String step = STEPS.get(2 + random.nextInt(STEPS.size() - 2));
    ZoneId zone = ZoneId.of(ZONES.get(random.nextInt(ZONES.size())));
    HistoryPlan plan;
    try {
      plan = history.plan(range, new Buckets(Step.parse(step), zone), chosen, all);
    } catch (UserError _) {
      return false;
    }
    plan = random.nextBoolean() ? plan : plan.withoutSamples();
    compareSums(history, chosen, plan, all, random.nextInt(5));
    return true;
  }

  private static void compareSums(
      HubHistory history, List<Long> chosen, HistoryPlan plan, boolean all, int largest) {
    String asked = plan + ", " + chosen.size() + " policies, the largest " + largest;
    HistorySums expected = new PolicyByPolicy(history).sums(chosen, plan, all, largest);
    HistorySums found = history.sums(chosen, plan, all, largest);
    assertSamePoints(expected.matched().steps(), found.matched().steps(), asked + ", steps");
    assertSamePoints(expected.matched().samples(), found.matched().samples(), asked + ", samples");
    assertEquals(expected.unmatched(), found.unmatched(), asked);
    assertEquals(expected.largest(), found.largest(), asked);
    assertEquals(expected, found, asked);
    HistorySummary each = new PolicyByPolicy(history).summary(chosen, plan, all, largest);
    HistorySummary summary = history.summary(chosen, plan, all, largest);
    for (int i = 0; i < Math.min(each.policies().size(), summary.policies().size()); i++) {
      assertEquals(each.policies().get(i), summary.policies().get(i), asked);
    }
    assertEquals(each, summary, asked);
    List<Series> steps = new ArrayList<>();
    List<Series> stepsFound = new ArrayList<>();
    assertEquals(
        new PolicyByPolicy(history).summaryAndSteps(chosen, plan, all, steps::add),
        history.summaryAndSteps(chosen, plan, all, stepsFound::add),
        asked);
    assertEquals(steps, stepsFound, asked);
  }

  /// Of two readings of one second the one that arrived last counts, and of a step the latest. The
  /// clock is behind, so that the cells of late readings are not closed.
  @ParameterizedTest
  @ValueSource(strings = {"2026-11-21T00:00:00Z", "2026-11-25T00:00:00Z"})
  void late_readings_are_summed_up_on_the_hub_as_policy_by_policy(String rolledUp)
      throws SQLException, IOException {
    int[] secondsLate = {0, 300, 300, 290, 7200, 90_000, 90_010};
    int[] activeFlows = {10, 3, 30, 3, 3, 30, 3};
    HubUnderTest hub = HubUnderTest.make(PostgresServer.shared(), folder);
    try (PlatformDatabase platform = PlatformDatabase.create(folder, Age.NEWEST)) {
      platform.inOneTransaction(() -> {
        for (int policy = 0; policy < secondsLate.length; policy++) {
          platform.policy(policy, "policy " + policy, 1, "{}");
          for (int i = 0; i < 576; i++) {
            platform.stat(policy, END - (575 - i) * 300L, i * 1000L, i * 700_000L, 10);
          }
        }
      });
      CommandLineRun.on(platform.file()).at(rolledUp).out("db", "migrate");
      for (int policy = 0; policy < secondsLate.length; policy++) {
        platform.stat(policy, END - secondsLate[policy], 576_000, 403_200_000, activeFlows[policy]);
      }
      CommandLineRun.on(platform.file()).at("2026-11-21T00:00:00Z").out("db", "migrate");
      new GatewayCopy(hub, hub.enrol("gw")).send(platform.file(), "db");
    }
    TimeRange range =
        new TimeRange(Optional.of(NOW.minusSeconds(2L * DAY)), Optional.of(NOW.plusSeconds(7200)));
    List<String> compared =
        FleetReader.read(
            hub.login(hub.server().address(PostgresServer.ADMIN, hub.database())),
            names -> names,
            reader -> {
              HubHistory history = new HubHistory(reader);
              for (String step : STEPS.subList(2, STEPS.size())) {
                Buckets buckets = new Buckets(Step.parse(step), ZoneOffset.UTC);
                HistoryPlan plan = history.plan(range, buckets, history.policies(), true);
                compareSums(history, history.policies(), plan.withoutSamples(), true, 2);
              }
              return STEPS;
            });
    assertEquals(STEPS, compared);
  }

  @Test
  void sums_are_added_up_on_the_hub_as_policy_by_policy() throws SQLException, IOException {
    HubUnderTest hub = HubUnderTest.make(PostgresServer.shared(), folder);
    for (int i = 0; i < DATABASES; i++) {
      GatewayCopy copy = new GatewayCopy(hub, hub.enrol("gw" + i));
      copy.send(database("gw" + i), "db" + i);
      if (random.nextBoolean()) {
        copy.send(database("replaced" + i), "other" + i);
      }
    }
    int answered = 0;
    for (int j = 0; answered < QUESTIONS && j < 20 * QUESTIONS; j++) {
      answered +=
          FleetReader.read(
                  hub.login(hub.server().address(PostgresServer.ADMIN, hub.database())),
                  names -> names,
                  reader -> compareSums(new HubHistory(reader)))
              ? 1
              : 0;
    }
    assertTrue(answered > QUESTIONS / 2, answered + " were answered");
  }

  @Test
  void a_hub_answers_as_the_gateway_itself() throws SQLException, IOException {
    HubUnderTest hub = HubUnderTest.make(PostgresServer.shared(), folder);
    String address = hub.server().address(PostgresServer.ADMIN, hub.database());
    int refused = 0;
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < DATABASES; i++) {
      files.add(database("gw" + i));
      new GatewayCopy(hub, hub.enrol("gw" + i)).send(files.get(i), "db" + i);
    }
    for (int i = 0; i < DATABASES; i++) {
      CommandLineRun own = CommandLineRun.on(files.get(i)).at(NOW.toString());
      CommandLineRun fleet =
          CommandLineRun.on(folder).at(NOW.toString()).env("PATRONUS_FLEET", address);
      for (int j = 0; j < QUESTIONS; j++) {
        List<String> words = question(own);
        Outcome expected = own.run(words.toArray(String[]::new));
        words.addAll(List.of("--gateway", "gw" + i));
        Outcome found = fleet.run(words.toArray(String[]::new));
        String asked = String.join(" ", words);
        assertEquals(expected.err(), found.err(), asked);
        assertEquals(expected.exitCode(), found.exitCode(), asked);
        assertSameLines(
            withoutDatabase(expected.out()),
            withoutDatabase(withoutGateway(found.out(), "gw" + i)),
            asked);
        refused += expected.exitCode() == ExitCode.DONE ? 0 : 1;
      }
    }
    assertTrue(refused < DATABASES * QUESTIONS * 4 / 5, refused + " were not answered");
  }
}
