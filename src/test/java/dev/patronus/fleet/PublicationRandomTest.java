package dev.patronus.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.audit.Actor;
import dev.patronus.error.UserError;
import dev.patronus.fleet.address.HubAddress;
import dev.patronus.flow.CounterState;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.flow.Volume;
import dev.patronus.store.Database;
import dev.patronus.store.rollup.Rollup;
import dev.patronus.store.table.SnapshotTable;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Gateways that count, reset, delete, lose connections, are restored from backups and replaced, at
/// random, send to a real hub, which crashes now and then: in the end the hub has what they have.
class PublicationRandomTest {
  private static final Actor ACTOR = new Actor("patronus", null, "test");
  private static final long BEGIN = Instant.parse("2026-10-11T09:13:20Z").getEpochSecond();
  private static final long[] POLICIES = {1, -2, 77, Long.MIN_VALUE};
  private static final long SMALL_BATCH = 3_000;

  private static final Map<String, String> TIERS =
      Map.of(
          "five_minutes", "patronus_five_minutes",
          "hours", "patronus_hours",
          "days", "patronus_days");

  private static final String CELL_COLUMNS =
      "series_id, start, packets, bytes, active_flows, active_flows_highest, last_second,"
          + " covered_seconds, longest_seconds, readings, resets, implausible";

  private static final String SERIES_COLUMNS =
      "series_id, policy_id, name, newest, last_timestamp, last_packets, last_bytes, hours_until,"
          + " days_until, open_start, CASE WHEN open_start IS NOT NULL THEN open_packets END,"
          + " CASE WHEN open_start IS NOT NULL THEN open_bytes END,"
          + " CASE WHEN open_start IS NOT NULL THEN open_last_second END,"
          + " CASE WHEN open_start IS NOT NULL THEN open_readings END";

  @TempDir private Path home;

  /// What a reader of the hub has got that asks for what is new.
  private static final class Reader {
    private final Map<String, Long> rows = new HashMap<>();
    private int epoch;
    private long row;
  }

  /// One gateway.
  private static final class Box implements AutoCloseable {
    private final Random random;
    private final Path folder;
    private final String name;
    private final HubUnderTest hub;
    private final HubUnderTest.Enrolled enrolled;
    private final LossyProxy proxy;
    private final Reader reader = new Reader();
    private PlatformDatabase platform;
    private Database database;
    private Map<Long, Volume> counters = new HashMap<>();
    private Map<Long, Volume> counterBackup;
    private long clock = BEGIN;
    private long number;
    private long numberBackup;
    private int sites;
    private int databases;
    private Optional<Path> backup = Optional.empty();

    Box(Random random, Path folder, String name, HubUnderTest hub) throws Exception {
      this.random = random;
      this.folder = Files.createDirectories(folder.resolve(name));
      this.name = name;
      this.hub = hub;
      this.enrolled = hub.enrol(name);
      this.proxy = new LossyProxy(hub.server().port());
      fresh();
    }

    private void fresh() throws Exception {
      PlatformDatabase.Age[] ages = PlatformDatabase.Age.values();
      platform =
          PlatformDatabase.create(
              Files.createDirectories(folder.resolve("db" + databases++)),
              ages[random.nextInt(ages.length)]);
      for (long policy : POLICIES) {
        platform.policy(policy, "policy " + policy, 1, "{}");
      }
      counters = new HashMap<>();
      number = 0;
      open();
      String _ = new SnapshotTable(database).identify(Optional.empty(), ACTOR, now());
    }

    private void open() throws SQLException {
      platform.run("PRAGMA synchronous = OFF");
      database = Database.openWritable(platform.file());
      database.read(open -> {
        open.createStatement().execute("PRAGMA synchronous = OFF");
        return true;
      });
    }

    private Instant now() {
      return Instant.ofEpochSecond(clock);
    }

    void step() throws Exception {
      switch (random.nextInt(24)) {
        case 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 -> snapshot();
        case 11, 12 -> clock += random.nextInt(7_200);
        case 13 -> clock += random.nextInt(3 * 86_400) - 86_400;
        case 14 -> close(database);
        case 15 -> site();
        case 16 -> deletePolicy();
        case 17 -> metric();
        case 18 -> backUp();
        case 19 -> restore();
        case 20 -> {
          if (random.nextInt(6) == 0) {
            replace();
          }
        }
        default -> {
          if (random.nextBoolean()) {
            proxy.cutAfter(random.nextInt(4_000));
          }
          publish();
          proxy.mend();
          read();
        }
      }
    }

    private void close(Database open) {
      boolean more = true;
      while (more) {
        more = new Rollup(open).sumUpHours(ACTOR, now());
      }
    }

    private void snapshot() throws SQLException {
      clock += random.nextInt(3) > 0 ? 60 : random.nextInt(600);
      List<PolicyTotal> totals = new ArrayList<>();
      for (String policy : platform.rows("SELECT policy_id FROM sdwan_policies")) {
        totals.add(count(Long.parseLong(policy)));
      }
      CounterState state =
          new CounterState(
              ++number,
              new Snapshot(now(), totals, count(0), false),
              new PolicyTotal(0, 0, 0, 0, null),
              List.of());
      new SnapshotTable(database).write(state, Optional.of(Map.of()), List.of(), ACTOR);
    }

    private PolicyTotal count(long policy) {
      Volume before = counters.getOrDefault(policy, new Volume(0, 0));
      boolean reset = random.nextInt(30) == 0;
      Volume after =
          new Volume(
              (reset ? 0 : before.packets()) + random.nextInt(1_000),
              (reset ? 0 : before.bytes()) + random.nextInt(1_000_000));
      counters.put(policy, after);
      return new PolicyTotal(policy, after.packets(), after.bytes(), random.nextInt(9), now());
    }

    private void site() throws SQLException {
      if (sites > 0 && random.nextInt(3) == 0) {
        platform.run("DELETE FROM sdwan_path_metrics");
        platform.run("DELETE FROM sdwan_paths");
        platform.run("DELETE FROM sdwan_sites WHERE rowid = (SELECT min(rowid) FROM sdwan_sites)");
      } else {
        String id = "site-" + sites++;
        platform.site(id, "n\u00e4me \"" + sites + "\" \\ of " + name);
        platform.path(1_000L + sites, id, id);
      }
    }

    private void metric() throws SQLException {
      for (String path : platform.rows("SELECT path_id FROM sdwan_paths")) {
        platform.metric(Long.parseLong(path), clock, random.nextDouble());
      }
    }

    private void deletePolicy() throws SQLException {
      List<String> all = platform.rows("SELECT policy_id FROM sdwan_policies");
      if (all.size() > 2 && random.nextInt(3) == 0) {
        platform.run("DELETE FROM sdwan_policies WHERE policy_id = " + all.getFirst());
        // Rows that were deleted before they were sent, and come back with a backup, are not sent.
        backup = Optional.empty();
      } else if (all.size() < POLICIES.length) {
        for (long policy : POLICIES) {
          if (!all.contains(Long.toString(policy))) {
            platform.policy(policy, "again " + policy, 3, "{}");
          }
        }
      }
    }

    private void shut() throws SQLException {
      database.close();
      platform.run("PRAGMA wal_checkpoint(TRUNCATE)");
      platform.close();
    }

    private void backUp() throws Exception {
      Path file = platform.file();
      shut();
      Path copy = folder.resolve("backup.db");
      Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
      backup = Optional.of(copy);
      counterBackup = new HashMap<>(counters);
      numberBackup = number;
      platform = PlatformDatabase.open(file);
      open();
    }

    private void restore() throws Exception {
      if (backup.isEmpty()) {
        return;
      }
      Path file = platform.file();
      shut();
      Files.copy(backup.get(), file, StandardCopyOption.REPLACE_EXISTING);
      counters = new HashMap<>(counterBackup);
      number = numberBackup;
      platform = PlatformDatabase.open(file);
      open();
    }

    private void replace() throws Exception {
      // The one that goes has sent all; what it had not sent would be lost with it.
      sendAll();
      read();
      check();
      shut();
      backup = Optional.empty();
      fresh();
      replacedSums = replacedSums.plus(lastSums);
    }

    private Sums replacedSums = new Sums(0, 0);
    private Sums lastSums = new Sums(0, 0);

    private boolean publish() {
      String address = enrolled.address().replace(":" + hub.server().port(), ":" + proxy.port());
      try (GatewayLink link =
          new GatewayLink(
              Hub.open(hub.login(HubAddress.parse(address).text()), 0), enrolled.name())) {
        HubSender.Round round =
            new HubSender(
                    link, database, ACTOR, Clock.fixed(now(), ZoneOffset.UTC), "test", SMALL_BATCH)
                .send(() -> false, _ -> {});
        return round.waiting() == 0;
      } catch (UserError e) {
        return false;
      }
    }

    void sendAll() {
      int attempts = 0;
      while (!publish()) {
        attempts++;
        assertTrue(attempts < 5, () -> name + " cannot send although nothing is wrong");
      }
    }

    /// What a reader does that wants each row once.
    void read() {
      for (String line :
          hub.sql(
              """
              SELECT epoch, row_id, policy_id, "timestamp", packets_matched
              FROM fleet.visible_policy_stats
              WHERE gateway = '%s' AND (epoch, row_id) > (%d, %d) ORDER BY epoch, row_id
              """
                  .formatted(name, reader.epoch, reader.row))) {
        String[] fields = line.split("\\|", -1);
        reader.epoch = Integer.parseInt(fields[0]);
        reader.row = Long.parseLong(fields[1]);
        String row = databases + ":" + fields[1] + ":" + fields[3] + ":" + fields[4];
        Long before = reader.rows.put(row + ":" + fields[2], reader.row);
        assertEquals(null, before, () -> name + " hands over twice: " + row);
      }
    }

    /// Compares everything.
    void check() throws SQLException {
      String epoch =
          hub.sql("SELECT epoch FROM fleet.gateways WHERE name = '" + name + "'").getFirst();
      String of =
          " WHERE gateway_id = (SELECT gateway_id FROM fleet.gateways WHERE name = '%s')"
              .formatted(name);
      for (Map.Entry<String, String> tier : TIERS.entrySet()) {
        assertEquals(
            lines(platform.rows("SELECT " + CELL_COLUMNS + " FROM " + tier.getValue())),
            lines(
                hub.sql(
                    "SELECT "
                        + CELL_COLUMNS
                        + " FROM fleet."
                        + tier.getKey()
                        + of
                        + " AND epoch = "
                        + epoch)),
            () -> name + ": " + tier.getKey());
      }
      assertEquals(
          lines(platform.rows("SELECT " + SERIES_COLUMNS + " FROM patronus_series")),
          lines(
              hub.sql(
                  "SELECT "
                      + SERIES_COLUMNS
                      + " FROM fleet.series"
                      + of
                      + " AND epoch = "
                      + epoch)),
          () -> name + ": series");
      String rows = "policy_id, \"timestamp\", packets_matched, bytes_matched, active_flows";
      String sameDatabase =
          """
           AND epoch IN (SELECT epoch FROM fleet.epochs e WHERE e.gateway_id = s.gateway_id
             AND e.database_id = (SELECT database_id FROM fleet.epochs n
               WHERE n.gateway_id = s.gateway_id ORDER BY epoch DESC LIMIT 1))
          """;
      List<String> stats =
          hub.sql(
              "SELECT row_id, " + rows + " FROM fleet.visible_policy_stats s" + of + sameDatabase);
      assertEquals(stats.size(), new TreeSet<>(stats).size(), () -> name + ": rows twice");
      TreeSet<String> here =
          new TreeSet<>(platform.rows("SELECT stat_id, " + rows + " FROM sdwan_policy_stats"));
      TreeSet<String> missing = new TreeSet<>(here);
      missing.removeAll(stats);
      assertEquals(new TreeSet<>(), missing, () -> name + ": rows are missing");
      assertEquals(
          lines(
              platform.rows(
                  "SELECT timestamp, packets, bytes, active_flows FROM patronus_unmatched_stats")),
          lines(
              hub.sql(
                  "SELECT \"timestamp\", packets, bytes, active_flows"
                      + " FROM fleet.visible_unmatched_stats s"
                      + of
                      + sameDatabase)),
          () -> name + ": unmatched");
      TreeSet<String> metrics =
          new TreeSet<>(
              hub.sql(
                  "SELECT row_id, path_id, \"timestamp\" FROM fleet.visible_path_metrics s"
                      + of
                      + sameDatabase));
      assertTrue(
          metrics.containsAll(
              platform.rows("SELECT metric_id, path_id, timestamp FROM sdwan_path_metrics")),
          () -> name + ": path metrics");
      assertEquals(
          lines(platform.rows("SELECT id, event_type FROM audit_logs")),
          lines(
              hub.sql(
                  "SELECT row_id, event_type FROM fleet.visible_audit_logs s" + of + sameDatabase)),
          () -> name + ": audit");
      assertEquals(
          lines(platform.rows("SELECT site_id, site_name, status FROM sdwan_sites")),
          lines(
              hub.sql(
                  "SELECT site_id, site_name, status FROM fleet.sites"
                      + of
                      + " AND deleted_at IS NULL")),
          () -> name + ": sites");
      assertEquals(
          lines(platform.rows("SELECT policy_id, name, priority FROM sdwan_policies")),
          lines(
              hub.sql(
                  "SELECT policy_id, name, priority FROM fleet.policies"
                      + of
                      + " AND deleted_at IS NULL")),
          () -> name + ": policies");
      lastSums = here();
      assertEquals(replacedSums.plus(lastSums), hubSums(of), () -> name + ": sums");
    }

    private Sums here() throws SQLException {
      return new Sums(
          platform.number(total("packets", "patronus_five_minutes", "patronus_series", "")),
          platform.number(total("bytes", "patronus_five_minutes", "patronus_series", "")));
    }

    private Sums hubSums(String of) {
      String visible =
          " WHERE (gateway_id, epoch) IN (SELECT gateway_id, epoch FROM fleet.epochs"
              + of
              + " AND visible)";
      return new Sums(
          Long.parseLong(
              hub.sql(total("packets", "fleet.five_minutes", "fleet.series", visible)).getFirst()),
          Long.parseLong(
              hub.sql(total("bytes", "fleet.five_minutes", "fleet.series", visible)).getFirst()));
    }

    private static String total(String what, String cells, String series, String where) {
      return ("SELECT coalesce((SELECT sum(%1$s) FROM %2$s%4$s), 0)"
              + " + coalesce((SELECT sum(CASE WHEN open_start IS NOT NULL THEN open_%1$s END)"
              + " FROM %3$s%4$s), 0)")
          .formatted(what, cells, series, where);
    }

    private static String lines(List<String> rows) {
      return rows.stream().sorted().collect(Collectors.joining("\n"));
    }

    @Override
    public void close() throws SQLException, IOException {
      shut();
      proxy.close();
    }
  }

  private record Sums(long packets, long bytes) {
    Sums plus(Sums other) {
      return new Sums(packets + other.packets, bytes + other.bytes);
    }
  }

  @Test
  void in_the_end_the_hub_has_what_the_gateways_have() throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    int rounds = Integer.getInteger("rounds", 150);
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    try (PostgresServer server = PostgresServer.start()) {
      HubUnderTest hub = HubUnderTest.make(server, home);
      try (Box berlin = new Box(random, home, "berlin", hub);
          Box lyon = new Box(random, home, "lyon", hub)) {
        for (int i = 0; i < rounds; i++) {
          (random.nextBoolean() ? berlin : lyon).step();
          if (random.nextInt(100) == 0) {
            server.kill();
            server.run();
          }
          if (random.nextInt(60) == 0) {
            berlin.sendAll();
            berlin.check();
          }
        }
        for (Box box : List.of(berlin, lyon)) {
          box.sendAll();
          box.read();
          box.check();
        }
      }
    }
  }

  /// Nothing but the token of the last batch tells such a database from the one that sent it.
  @Test
  void a_restored_database_that_has_counted_on_beyond_what_was_sent_begins_a_new_epoch()
      throws Exception {
    HubUnderTest hub = HubUnderTest.make(PostgresServer.shared(), home);
    try (Box berlin = new Box(new Random(1), home, "berlin", hub)) {
      berlin.snapshot();
      berlin.snapshot();
      berlin.sendAll();
      berlin.backUp();
      berlin.snapshot();
      berlin.sendAll();
      berlin.restore();
      for (int i = 0; i < 5; i++) {
        berlin.snapshot();
      }
      berlin.sendAll();
      berlin.read();
      berlin.check();
      assertEquals(List.of("2"), hub.sql("SELECT epoch FROM fleet.gateways"));
    }
  }
}
