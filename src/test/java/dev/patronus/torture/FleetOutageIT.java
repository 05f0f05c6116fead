package dev.patronus.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.json.Json;
import dev.patronus.testing.CertificateAuthority;
import dev.patronus.testing.CertificateAuthority.Certificate;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.Gateway;
import dev.patronus.testing.Namespace;
import dev.patronus.testing.NetflowV5Stream;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PostgresServer;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.RunningProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Packaged daemons of two gateways, each in a network namespace, that send by TLS to a PostgreSQL
/// in a third: what the hub has after everything was killed and cut off.
///
/// West logs in by a password, east by a client certificate. The hours for which they are cut off
/// are those of their clocks, which the shim sets forward.
class FleetOutageIT {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private static final String CELLS =
      "series_id, start, packets, bytes, active_flows, active_flows_highest, last_second,"
          + " covered_seconds, longest_seconds, readings, resets, implausible";

  /// What is compared row by row: of the gateway, and of the hub, where `%s` is the newest epoch or
  /// the gateway.
  private static final Map<String, String> ROWS = new LinkedHashMap<>();

  static {
    for (String tier : List.of("five_minutes", "hours", "days")) {
      ROWS.put(
          "SELECT " + CELLS + " FROM patronus_" + tier,
          "SELECT " + CELLS + " FROM fleet." + tier + " WHERE %s");
    }
    String series =
        "SELECT series_id, policy_id, name, newest, last_timestamp, last_packets, last_bytes,"
            + " hours_until, days_until, open_start,"
            + " CASE WHEN open_start IS NOT NULL THEN open_packets END,"
            + " CASE WHEN open_start IS NOT NULL THEN open_bytes END FROM ";
    ROWS.put(series + "patronus_series", series + "fleet.series WHERE %s");
    ROWS.put(
        "SELECT stat_id, policy_id, timestamp, packets_matched, bytes_matched, active_flows"
            + " FROM sdwan_policy_stats",
        "SELECT row_id, policy_id, \"timestamp\", packets_matched, bytes_matched, active_flows"
            + " FROM fleet.visible_policy_stats WHERE gateway = '%s'");
    ROWS.put(
        "SELECT timestamp, packets, bytes, active_flows FROM patronus_unmatched_stats",
        "SELECT \"timestamp\", packets, bytes, active_flows"
            + " FROM fleet.visible_unmatched_stats WHERE gateway = '%s'");
    ROWS.put(
        "SELECT id, event_type FROM audit_logs",
        "SELECT row_id, event_type FROM fleet.visible_audit_logs WHERE gateway = '%s'");
    ROWS.put(
        "SELECT policy_id, name, priority FROM sdwan_policies",
        "SELECT p.policy_id, p.name, p.priority FROM fleet.policies p JOIN fleet.gateways g"
            + " USING (gateway_id) WHERE p.deleted_at IS NULL AND g.name = '%s'");
  }

  private static final String SUM =
      "SELECT coalesce((SELECT sum(%1$s) FROM %2$sfive_minutes%3$s), 0)"
          + " + coalesce((SELECT sum(CASE WHEN open_start IS NOT NULL THEN open_%1$s END)"
          + " FROM %2$sseries%3$s), 0)";

  private static final String VISIBLE =
      " WHERE (gateway_id, epoch) IN (SELECT gateway_id, epoch FROM fleet.epochs WHERE visible)";

  @TempDir private Path folder;
  private Gateway net;
  private PostgresServer server;
  private CertificateAuthority authority;
  private String base;

  /// A gateway: the host that it is, its link to the hub, and its setting.
  private record Box(String name, Namespace host, Path folder, Shim shim, int port, String secret) {
    DaemonUnderTest start() {
      Program daemon =
          shim.under(DaemonUnderTest.program(folder, port))
              .env("PATRONUS_CONFIG", folder.resolve("patronus.conf"))
              .env("PATRONUS_FLEET", "postgresql://127.0.0.1/read-by-commands")
              .env("PATRONUS_SNAPSHOT_EVERY", "1s")
              .env("HOME", folder);
      return DaemonUnderTest.start(host.inside(daemon), folder, port);
    }

    Path file() {
      return folder.resolve("sdwan.db");
    }

    List<String> rows(String sql) throws SQLException {
      try (PlatformDatabase database = PlatformDatabase.open(file())) {
        return database.rows(sql);
      }
    }
  }

  @BeforeEach
  void build() throws IOException {
    Gateway.require();
    PostgresServer.require();
    CertificateAuthority.require();
    net = Gateway.build();
    authority = CertificateAuthority.make(folder, "authority");
    Certificate own = authority.server("hub", "IP:10.77.1.254,IP:10.77.2.254");
    server = PostgresServer.startIn(net.middle(), PostgresServer.tls(own, authority.root()));
    base = server.database();
    ProgramOutcome _ = server.psql(PostgresServer.ADMIN, base, "CREATE ROLE certificates");
    assertEquals(0, fleet("init").exitCode());
  }

  @AfterEach
  void remove() {
    if (server != null) {
      server.close();
    }
    if (net != null) {
      net.close();
    }
  }

  private ProgramOutcome fleet(String... words) {
    List<Object> all = new ArrayList<>(List.of("fleet"));
    all.addAll(List.of(words));
    String hub =
        "postgresql:///%s?host=%s&port=%d&user=%s"
            .formatted(base, server.folder(), server.port(), PostgresServer.ADMIN);
    return Program.patronus(all.toArray()).env("PATRONUS_FLEET", hub).run();
  }

  private Box west() throws Exception {
    Json.Obj made = (Json.Obj) Json.parse(fleet("enrol", "west", "-o", "json").stdout());
    Path passwords = folder.resolve("west.pgpass");
    Files.writeString(passwords, "*:*:*:" + made.text("role") + ":" + made.text("password") + "\n");
    Files.setPosixFilePermissions(passwords, PosixFilePermissions.fromString("rw-------"));
    return box(
        net.west(),
        "west",
        "10.77.1.254",
        made.text("role"),
        "&passfile=" + passwords,
        made.text("password"));
  }

  private Box east() throws Exception {
    Json.Obj made =
        (Json.Obj) Json.parse(fleet("enrol", "east", "--certificate", "-o", "json").stdout());
    String role = made.text("role");
    ProgramOutcome _ =
        server.psql(PostgresServer.ADMIN, base, "GRANT certificates TO \"" + role + "\"");
    Certificate own = authority.client("east", role, "ec");
    return box(
        net.east(),
        "east",
        "10.77.2.254",
        role,
        "&sslcert=" + own.certificate() + "&sslkey=" + own.key(),
        "PRIVATE KEY");
  }

  private Box box(
      Namespace host, String name, String hub, String role, String parameters, String secret)
      throws Exception {
    Path place = Files.createDirectory(folder.resolve(name));
    try (PlatformDatabase database = PlatformDatabase.create(place, PlatformDatabase.Age.NEWEST)) {
      database.policy(-7, "web", 100, "{\"protocol\":6,\"dst_port_range\":[443,443]}");
    }
    String address =
        "postgresql://%s@%s:%d/%s?gateway=%s&sslrootcert=%s%s"
            .formatted(role, hub, server.port(), base, name, authority.root(), parameters);
    Files.writeString(place.resolve("patronus.conf"), "fleet = " + address + "\n");
    return new Box(name, host, place, Shim.over(place), DaemonUnderTest.freePort(), secret);
  }

  private List<String> sql(String sql) {
    ProgramOutcome outcome = server.psql(PostgresServer.ADMIN, base, sql);
    if (outcome.exitCode() != 0) {
      throw new IllegalStateException(outcome.toString());
    }
    return outcome.lines();
  }

  private static void await(String what, DaemonUnderTest.Condition condition) throws Exception {
    DaemonUnderTest.await(what, LIMIT, condition);
  }

  /// Sends a gateway flows of two ports, of which one has a policy.
  private static RunningProgram stream(Box box) {
    return box.host()
        .program(
            Path.of(System.getProperty("java.home"), "bin/java"),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            Path.of("target/test-classes").toAbsolutePath(),
            NetflowV5Stream.class.getName(),
            box.port(),
            "443,80",
            100)
        .start();
  }

  private static void end(RunningProgram stream) throws IOException {
    stream.stdin().close();
    assertEquals(0, stream.outcome().exitCode());
  }

  private static void awaitMore(DaemonUnderTest daemon) throws Exception {
    long before = daemon.packets();
    await("flows are counted", () -> daemon.packets() > before + 1_000);
  }

  /// Lets a gateway count.
  private static void count(Box box, DaemonUnderTest daemon) throws Exception {
    try (RunningProgram stream = stream(box)) {
      awaitMore(daemon);
      end(stream);
    }
  }

  /// Counts in each of some hours of the gateway's clock.
  private static void countFor(Box box, DaemonUnderTest daemon, int from, int until)
      throws Exception {
    try (RunningProgram stream = stream(box)) {
      for (int hour = from; hour < until; hour++) {
        String newest = "SELECT coalesce(max(timestamp), 0) FROM sdwan_policy_stats";
        long before = Long.parseLong(box.rows(newest).getFirst());
        box.shim().clock(Duration.ofHours(hour));
        awaitMore(daemon);
        await(
            "a snapshot of the next hour is saved",
            () -> Long.parseLong(box.rows(newest).getFirst()) > before + 1_800);
      }
      end(stream);
    }
  }

  private String rowsOf(Box box) {
    return sql("SELECT count(*) || ' ' || coalesce(max(row_id), 0) FROM fleet.visible_policy_stats"
            + " WHERE gateway = '"
            + box.name()
            + "'")
        .getFirst();
  }

  private long newestRow(Box box) {
    return Long.parseLong(rowsOf(box).split(" ", -1)[1]);
  }

  private void awaitSent(Box box) throws Exception {
    String newest = "SELECT coalesce(max(stat_id), 0) FROM sdwan_policy_stats";
    await(
        "a snapshot of " + box.name() + " is saved",
        () -> Long.parseLong(box.rows(newest).getFirst()) > 0);
    long here = Long.parseLong(box.rows(newest).getFirst());
    await("the hub has row " + here + " of " + box.name(), () -> newestRow(box) >= here);
  }

  private static void kill(DaemonUnderTest daemon) {
    daemon.program().signal("KILL");
    daemon.program().outcome();
  }

  private static void end(DaemonUnderTest daemon) {
    daemon.program().signal("TERM");
    ProgramOutcome outcome = daemon.program().outcome();
    assertEquals(0, outcome.exitCode(), outcome::toString);
  }

  /// The gateway's secret is neither in the command lines of this machine, nor in what the daemon
  /// or the server have said.
  private void assertSecret(Box box, DaemonUnderTest daemon) {
    String said =
        Program.of("ps", "-ww", "-eo", "args").run().stdout()
            + daemon.program().stderrSoFar()
            + server.log();
    assertFalse(said.contains(box.secret()), box.name());
  }

  private static String sorted(List<String> rows) {
    return rows.stream().sorted().collect(Collectors.joining("\n"));
  }

  /// Compares all rows of a gateway, as sets that may have a row twice.
  private void assertSame(Box box) throws SQLException {
    String newest =
        "(gateway_id, epoch) = (SELECT gateway_id, epoch FROM fleet.gateways WHERE name = '%s')"
            .formatted(box.name());
    for (Map.Entry<String, String> each : ROWS.entrySet()) {
      String here = sorted(box.rows(each.getKey()));
      String there =
          sorted(
              sql(
                  each.getValue()
                      .formatted(each.getValue().contains("WHERE %s") ? newest : box.name())));
      assertEquals(here, there, box.name() + ": " + each.getKey());
    }
  }

  private void assertSameSums(List<Box> boxes) throws SQLException {
    for (String what : List.of("packets", "bytes")) {
      long here = 0;
      for (Box box : boxes) {
        here += Long.parseLong(box.rows(SUM.formatted(what, "patronus_", "")).getFirst());
      }
      assertTrue(here > 0);
      assertEquals(List.of(Long.toString(here)), sql(SUM.formatted(what, "fleet.", VISIBLE)), what);
    }
  }

  @Test
  void the_hub_has_what_two_gateways_have_that_were_killed_cut_off_for_hours_and_restored()
      throws Exception {
    Box west = west();
    Box east = east();
    Path backup = folder.resolve("backup.db");
    DaemonUnderTest first = west.start();
    try (DaemonUnderTest second = east.start()) {
      count(west, first);
      count(east, second);
      awaitSent(west);
      awaitSent(east);
      assertSecret(west, first);
      assertSecret(east, second);

      // West is cut off for six hours, and killed in the midst of them.
      String before = rowsOf(west);
      net.middle().shell("ip link set west down");
      countFor(west, first, 1, 4);
      kill(first);
      first = west.start();
      countFor(west, first, 4, 7);
      assertEquals(before, rowsOf(west), "nothing comes through a link that is down");

      // Meanwhile the hub is killed while east sends, and east is cut off while it is down.
      server.killHard();
      countFor(east, second, 1, 3);
      net.middle().shell("ip link set east down");
      countFor(east, second, 3, 5);
      server.run();
      net.middle().shell("ip link set east up; ip link set west up");
      awaitSent(west);
      awaitSent(east);
      assertSecret(west, first);

      // West gets an older database back; what it had sent since then is lost there, and so here.
      ProgramOutcome saved = Program.patronus("db", "backup", backup, "--db", west.file()).run();
      assertEquals(0, saved.exitCode(), saved::toString);
      countFor(west, first, 7, 9);
      awaitSent(west);
      kill(first);
      for (String beside : List.of("-wal", "-shm")) {
        Files.deleteIfExists(Path.of(west.file() + beside));
      }
      Files.copy(backup, west.file(), StandardCopyOption.REPLACE_EXISTING);
      first = west.start();
      countFor(west, first, 9, 11);
      await(
          "epoch 2 of west is complete",
          () ->
              sql("SELECT count(*) FROM fleet.epochs WHERE epoch = 2 AND visible")
                  .equals(List.of("1")));

      // The hub is killed once more, and the last snapshots are sent at the end.
      server.killHard();
      count(east, second);
      server.run();
      awaitSent(east);
      awaitSent(west);
      count(west, first);
      count(east, second);
      end(first);
      end(second);
    } finally {
      first.close();
    }
    assertSame(west);
    assertSame(east);
    assertSameSums(List.of(west, east));
    assertEquals(
        List.of("0"),
        sql(
            "SELECT count(*) FROM (SELECT row_id FROM fleet.visible_policy_stats"
                + " GROUP BY gateway, row_id HAVING count(*) > 1) AS twice"));
    assertEquals(
        List.of("east|1", "west|2"), sql("SELECT name, epoch FROM fleet.gateways ORDER BY name"));
  }
}
