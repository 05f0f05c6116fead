package dev.patronus.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.json.Json;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.NetflowV5Sender;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PostgresServer;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Packaged daemons that send to a real PostgreSQL, while each of them is killed.
class FleetIT {
  private static final String TOTAL =
      "SELECT coalesce(sum(packets), 0) FROM ("
          + "SELECT packets FROM %1$sfive_minutes%2$s UNION ALL"
          + " SELECT open_packets FROM %1$sseries%2$s%3$s) AS cells";

  @TempDir private Path folder;
  private PostgresServer server;
  private String base;

  /// A gateway: its folder, port and setting.
  private record Box(String name, Path folder, int port) {
    DaemonUnderTest start() {
      Program daemon =
          DaemonUnderTest.program(folder, port)
              .env("PATRONUS_CONFIG", folder.resolve("patronus.conf"))
              .env("PATRONUS_FLEET", "postgresql://127.0.0.1/read-by-commands")
              .env("PATRONUS_SNAPSHOT_EVERY", "1s")
              .env("HOME", folder);
      return DaemonUnderTest.start(daemon, folder, port);
    }

    PlatformDatabase database() throws SQLException {
      return PlatformDatabase.open(folder.resolve("sdwan.db"));
    }
  }

  @BeforeEach
  void makeHub() {
    server = PostgresServer.start();
    base = server.database();
    assertEquals(0, fleet("init").exitCode());
  }

  @AfterEach
  void stopHub() {
    server.close();
  }

  private ProgramOutcome fleet(String... words) {
    Object[] all = new Object[words.length + 1];
    all[0] = "fleet";
    System.arraycopy(words, 0, all, 1, words.length);
    return Program.patronus(all)
        .env("PATRONUS_FLEET", server.address(PostgresServer.ADMIN, base))
        .run();
  }

  private Box box(String name) throws IOException, SQLException {
    Path place = Files.createDirectory(folder.resolve(name));
    try (PlatformDatabase database = PlatformDatabase.create(place, PlatformDatabase.Age.NEWEST)) {
      database.policy(7, "web", 100, "{}");
    }
    Json.Obj enrolled = (Json.Obj) Json.parse(fleet("enrol", name, "-o", "json").stdout());
    Path passwords = place.resolve(".pgpass");
    Files.writeString(
        passwords, "*:*:*:" + enrolled.text("role") + ":" + enrolled.text("password") + "\n");
    Files.setPosixFilePermissions(passwords, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(place.resolve("patronus.conf"), "fleet = " + enrolled.text("fleet") + "\n");
    return new Box(name, place, DaemonUnderTest.freePort());
  }

  private List<String> sql(String sql) {
    return server.psql(PostgresServer.ADMIN, base, sql).lines();
  }

  private long onHub(Box box) {
    String where =
        " WHERE (gateway_id, epoch) IN (SELECT gateway_id, epoch FROM fleet.epochs"
            + " JOIN fleet.gateways USING (gateway_id, epoch) WHERE name = '"
            + box.name()
            + "')";
    List<String> lines = sql(TOTAL.formatted("fleet.", where, " AND open_start IS NOT NULL"));
    return lines.isEmpty() ? -1 : Long.parseLong(lines.getFirst());
  }

  private String newestEpoch(Box box) {
    return sql("SELECT epoch FROM fleet.gateways WHERE name = '" + box.name() + "'").getFirst();
  }

  private static long onGateway(Box box) throws SQLException {
    try (PlatformDatabase database = box.database()) {
      return database.number(TOTAL.formatted("patronus_", "", " WHERE open_start IS NOT NULL"));
    }
  }

  private static boolean hasSnapshot(Box box) throws SQLException {
    try (PlatformDatabase database = box.database()) {
      return database.number("SELECT count(*) FROM sdwan_policy_stats") > 0;
    }
  }

  private void awaitSame(Box box, DaemonUnderTest daemon) throws Exception {
    try {
      DaemonUnderTest.await(
          "the hub has what " + box.name() + " has",
          () -> onGateway(box) > 0 && onHub(box) == onGateway(box));
    } catch (IllegalStateException e) {
      throw new IllegalStateException(
          "hub %d, gateway %d\n%s%s"
              .formatted(
                  onHub(box),
                  onGateway(box),
                  daemon.program().stderrSoFar(),
                  Program.patronus("status", "--socket", box.folder().resolve("patronus.sock"))
                      .run()),
          e);
    }
  }

  private static void count(DaemonUnderTest daemon, int datagrams) throws Exception {
    long before = daemon.packets();
    try (NetflowV5Sender sender = new NetflowV5Sender(daemon.port())) {
      for (int i = 0; i < datagrams; i++) {
        sender.send(i, 443, 5);
      }
    }
    DaemonUnderTest.await("the packets are counted", () -> daemon.packets() > before);
  }

  @Test
  void the_hub_has_what_two_gateways_have_after_daemons_and_server_were_killed() throws Exception {
    Box berlin = box("berlin");
    Box lyon = box("lyon");
    Path backup = folder.resolve("backup.db");
    try (DaemonUnderTest second = lyon.start()) {
      try (DaemonUnderTest first = berlin.start()) {
        for (Box box : List.of(berlin, lyon)) { // what comes before it says nothing
          DaemonUnderTest.await("the first snapshot is saved", () -> hasSnapshot(box));
        }
        count(first, 20);
        count(second, 30);
        awaitSame(berlin, first);
        first.program().signal("KILL");
        first.program().outcome();
      }
      Files.copy(berlin.folder().resolve("sdwan.db"), backup);
      long inBackup = onHub(berlin);
      server.kill();
      try (DaemonUnderTest first = berlin.start()) {
        count(first, 40);
        count(second, 10);
        server.run();
        DaemonUnderTest.await(
            "more was sent than is in the backup", () -> onHub(berlin) > inBackup);
        awaitSame(berlin, first);
        awaitSame(lyon, second);
        first.program().signal("TERM");
        assertEquals(0, first.program().outcome().exitCode());
      }
      for (String beside : List.of("-wal", "-shm")) {
        Files.deleteIfExists(berlin.folder().resolve("sdwan.db" + beside));
      }
      Files.copy(backup, berlin.folder().resolve("sdwan.db"), StandardCopyOption.REPLACE_EXISTING);
      try (DaemonUnderTest first = berlin.start()) {
        count(first, 15);
        DaemonUnderTest.await("epoch 2 has begun", () -> newestEpoch(berlin).equals("2"));
        awaitSame(berlin, first);
      }
    }
    assertEquals(
        List.of("0"),
        sql(
            "SELECT count(*) FROM (SELECT row_id FROM fleet.visible_policy_stats"
                + " GROUP BY gateway, row_id HAVING count(*) > 1) AS twice"));
    assertTrue(onHub(lyon) > 0);
  }

  @Test
  void status_and_doctor_name_a_hub_that_is_not_reached_and_the_daemon_counts_on()
      throws Exception {
    Box berlin = box("berlin");
    server.kill();
    try (DaemonUnderTest daemon = berlin.start()) {
      count(daemon, 5);
      DaemonUnderTest.await(
          "doctor names it",
          () ->
              Program.patronus("doctor", "--socket", berlin.folder().resolve("patronus.sock"))
                  .env("PATRONUS_DB_PATH", berlin.folder().resolve("sdwan.db"))
                  .run()
                  .stdout()
                  .contains("cannot reach the hub"));
      String status =
          Program.patronus("status", "--socket", berlin.folder().resolve("patronus.sock"))
              .run()
              .stdout();
      assertTrue(status.contains("cannot reach the hub"), status);
    }
    server.run();
  }

  @Test
  void a_command_that_names_no_hub_loads_nothing_of_it() throws Exception {
    Box berlin = box("berlin");
    for (String words : List.of("stats", "site list", "export sites", "db check")) {
      Path log = folder.resolve(words.replace(' ', '-') + ".log");
      ProgramOutcome _ =
          Program.patronus((Object[]) words.split(" ", -1))
              .env("PATRONUS_DB_PATH", berlin.folder().resolve("sdwan.db"))
              .env("PATRONUS_JAVA_OPTS", "-Xlog:class+load:file=" + log)
              .run();
      String loaded = Files.readString(log);
      assertTrue(loaded.contains("dev.patronus.Main"), words);
      assertFalse(loaded.contains(" org.postgresql."), words);
      assertFalse(loaded.contains(" dev.patronus.fleet.Hub source"), words);
    }
  }
}
