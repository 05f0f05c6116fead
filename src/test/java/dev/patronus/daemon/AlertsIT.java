package dev.patronus.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.NetflowV5Sender;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Alerts of the packaged daemon: they fire and recover on traffic and on what the platform writes,
/// run the command, and survive a restart.
class AlertsIT {
  private static final String SITE = "7a109bcb-24e2-38e2-9799-3a7494b71919";

  @TempDir private Path folder;
  private final int port = DaemonUnderTest.freePort();
  private PlatformDatabase database;

  @BeforeEach
  void makeDatabase() throws SQLException, IOException {
    database = PlatformDatabase.create(folder, Age.NEWEST);
    database
        .policy(7, "web", 100, "{\"protocol\":6,\"dst_port_range\":[443,443]}")
        .site(SITE, "oslo")
        .site("b", "berlin")
        .path(7, SITE, "b")
        .run("UPDATE sdwan_sites SET last_seen = unixepoch() + 3600");
    Path command = folder.resolve("on-alert");
    Files.writeString(
        command,
        "#!/bin/sh\necho \"$PATRONUS_ALERT_NAME $PATRONUS_ALERT_STATE\" >>'" + notices() + "'\n");
    Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwx------"));
  }

  @AfterEach
  void closeDatabase() throws SQLException {
    database.close();
  }

  private Path notices() {
    return folder.resolve("notices");
  }

  private void configure(String... rules) throws IOException {
    Files.writeString(
        folder.resolve("patronus.conf"),
        "snapshot-every = 1s\nalert-command = "
            + folder.resolve("on-alert")
            + "\nalert = "
            + String.join("\nalert = ", rules)
            + "\n");
  }

  private DaemonUnderTest start() {
    Program program =
        DaemonUnderTest.program(folder, port)
            .env("PATRONUS_CONFIG", folder.resolve("patronus.conf"));
    return DaemonUnderTest.start(program, folder, port);
  }

  private List<String> told() throws IOException {
    return Files.exists(notices()) ? Files.readAllLines(notices()) : List.of();
  }

  private void awaitTold(String... lines) throws Exception {
    DaemonUnderTest.await("told of " + List.of(lines), () -> told().containsAll(List.of(lines)));
  }

  private String phase(String alert) throws SQLException {
    List<String> rows =
        database.rows("SELECT phase FROM patronus_alerts WHERE name = '" + alert + "'");
    return rows.isEmpty() ? "" : rows.getFirst();
  }

  @Test
  void an_alert_fires_with_traffic_and_recovers_without() throws Exception {
    configure("busy: policy web packet-rate > 10", "dropped: drops");
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      DaemonUnderTest.await("evaluated", () -> phase("busy").equals("ok"));
      DaemonUnderTest.await(
          "busy fires",
          () -> {
            sender.send(0, 443, 100);
            return told().contains("busy firing");
          });
      awaitTold("busy recovered");
      assertFalse(told().contains("dropped firing"), () -> "nothing was dropped");
      daemon.program().signal("TERM");
      assertEquals(0, daemon.program().outcome().exitCode());
    }
  }

  @Test
  void alerts_of_sites_and_paths_follow_what_the_platform_writes() throws Exception {
    configure("oslo: site oslo not-seen 10m", "slow: path 7 latency > 50ms", "room: disk < 101%");
    try (DaemonUnderTest _ = start()) {
      awaitTold("room firing");
      database.metric(7, System.currentTimeMillis() / 1000, 80);
      database.run("UPDATE sdwan_sites SET last_seen = unixepoch() - 700");
      awaitTold("oslo firing", "slow firing");
      database.run("UPDATE sdwan_sites SET last_seen = unixepoch()");
      database.metric(7, System.currentTimeMillis() / 1000 + 1, 20);
      awaitTold("oslo recovered", "slow recovered");
    }
  }

  @Test
  void a_daemon_that_ends_before_its_first_evaluation_leaves_the_states() throws Exception {
    configure("room: disk < 101%");
    try (DaemonUnderTest daemon = start()) {
      awaitTold("room firing");
      DaemonUnderTest.await("it is saved", () -> phase("room").equals("firing"));
      daemon.program().signal("TERM");
      assertEquals(0, daemon.program().outcome().exitCode());
    }
    List<String> saved = database.rows("SELECT phase, since, last_fired FROM patronus_alerts");
    Path config = folder.resolve("patronus.conf");
    Files.writeString(config, Files.readString(config).replace("= 1s", "= 1h"));
    try (DaemonUnderTest daemon = start()) {
      daemon.program().signal("TERM");
      assertEquals(0, daemon.program().outcome().exitCode());
    }
    assertEquals(saved, database.rows("SELECT phase, since, last_fired FROM patronus_alerts"));
    assertEquals(List.of("room firing"), told());
  }

  @Test
  void an_alert_that_fires_is_announced_once_over_a_kill() throws Exception {
    configure("room: disk < 101%");
    try (DaemonUnderTest daemon = start()) {
      awaitTold("room firing");
      DaemonUnderTest.await("it is saved", () -> phase("room").equals("firing"));
      daemon.program().signal("KILL");
    }
    try (DaemonUnderTest _ = start()) {
      long before = database.number("SELECT evaluated FROM patronus_alerts");
      DaemonUnderTest.await(
          "evaluated again",
          () -> database.number("SELECT evaluated FROM patronus_alerts") > before + 1);
      configure("room: disk < 1%");
    }
    assertEquals(List.of("room firing"), told());
    try (DaemonUnderTest _ = start()) {
      awaitTold("room recovered");
    }
  }

  @Test
  void a_silenced_alert_is_not_announced() throws Exception {
    configure("room: disk < 101%");
    ProgramOutcome silenced =
        Program.patronus("alert", "silence", "room", "--for", "1h")
            .env("PATRONUS_DB_PATH", database.file())
            .env("PATRONUS_CONFIG", folder.resolve("patronus.conf"))
            .run();
    assertEquals(0, silenced.exitCode(), silenced::toString);
    try (DaemonUnderTest _ = start()) {
      DaemonUnderTest.await("it fires", () -> phase("room").equals("firing"));
      assertEquals(0, database.number("SELECT announced FROM patronus_alerts"));
      database.run("UPDATE patronus_alert_silences SET until = unixepoch() - 1");
      awaitTold("room firing");
    }
  }

  @Test
  void a_lock_that_keeps_snapshots_from_being_saved_is_told_meanwhile() throws Exception {
    configure("stale: age > 3s");
    try (DaemonUnderTest _ = start()) {
      DaemonUnderTest.await("evaluated", () -> phase("stale").equals("ok"));
      database.run("BEGIN IMMEDIATE");
      awaitTold("stale firing");
      database.run("ROLLBACK");
      awaitTold("stale recovered");
    }
  }

  @Test
  void a_rule_that_cannot_be_read_is_refused_at_the_start_by_a_check_and_on_hup() throws Exception {
    configure("room: disk < 101%", "busy: policy web packet-rate >");
    String refused = "the rule ends too early; write a number (";
    String place = folder.resolve("patronus.conf") + " line 4, column 39)";
    for (String more : List.of("--dry-run", "--check")) {
      ProgramOutcome outcome =
          DaemonUnderTest.program(folder, port, more)
              .env("PATRONUS_CONFIG", folder.resolve("patronus.conf"))
              .run();
      assertEquals(2, outcome.exitCode(), outcome::toString);
      assertTrue(outcome.stderr().contains(refused + place), outcome::toString);
    }
    configure("room: disk < 1%");
    try (DaemonUnderTest daemon = start()) {
      configure("room: disk < 1%", "busy: policy web packet-rate >");
      daemon.program().signal("HUP");
      daemon.program().awaitStderr("the previous configuration stays in force: alert: " + refused);
      configure("room: disk < 101%");
      daemon.program().signal("HUP");
      awaitTold("room firing");
    }
  }

  @Test
  void less_traffic_than_usual_at_this_hour_is_told() throws Exception {
    database.inOneTransaction(() -> {
      long now = System.currentTimeMillis() / 1000;
      long bytes = 0;
      for (int day = 4; day > 0; day--) {
        for (long second = now - day * 86_400L - 3600;
            second < now - day * 86_400L + 7200;
            second += 60) {
          bytes += 60 * 1000;
          database.stat(7, second, bytes / 100, bytes, 1);
        }
      }
    });
    ProgramOutcome rolledUp =
        Program.patronus("db", "migrate").env("PATRONUS_DB_PATH", database.file()).run();
    assertEquals(0, rolledUp.exitCode(), rolledUp::toString);
    configure("quiet: policy web byte-rate < 50% of usual");
    try (DaemonUnderTest _ = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      awaitTold("quiet firing");
      DaemonUnderTest.await(
          "quiet recovers",
          () -> {
            sender.send(0, 443, 100);
            return told().contains("quiet recovered");
          });
    }
  }

  @Test
  void drops_and_other_sampling_are_told() throws Exception {
    configure("dropped: drops", "sampled: sampling changed");
    try (DaemonUnderTest _ = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      DaemonUnderTest.await("evaluated", () -> phase("dropped").equals("ok"));
      sender.sendGarbage();
      awaitTold("dropped firing", "dropped recovered");
      sender.send(0, 443, 10);
      long seen = database.number("SELECT evaluated FROM patronus_alerts");
      DaemonUnderTest.await(
          "the rate is known",
          () -> database.number("SELECT min(evaluated) FROM patronus_alerts") > seen + 1);
      assertFalse(told().contains("sampled firing"), () -> "the first rate is no change");
      sender.samplingInterval(100);
      sender.send(0, 443, 10);
      awaitTold("sampled firing", "sampled recovered");
    }
  }

  @Test
  void the_loss_of_a_path_is_told_by_webhook_and_mail() throws Exception {
    BlockingQueue<String> posted = new LinkedBlockingQueue<>();
    HttpServer hook = AlertKindsIT.hook(posted);
    Path sendmail = folder.resolve("sendmail");
    Files.writeString(sendmail, "#!/bin/sh\ncat >>'" + folder.resolve("mails") + "'\n");
    Files.setPosixFilePermissions(sendmail, PosixFilePermissions.fromString("rwx------"));
    configure("loss: path 7 loss > 2%");
    Files.writeString(
        folder.resolve("patronus.conf"),
        "alert-webhook = http://127.0.0.1:"
            + hook.getAddress().getPort()
            + "/alerts\nalert-mail = noc@example.net\nalert-sendmail = "
            + sendmail
            + "\n",
        StandardOpenOption.APPEND);
    try (DaemonUnderTest _ = start()) {
      for (String state : List.of("firing", "recovered")) {
        boolean fires = state.equals("firing");
        database
            .metric(7, System.currentTimeMillis() / 1000 + (fires ? 0 : 5), 20)
            .run(
                "UPDATE sdwan_path_metrics SET packet_loss_pct = ?"
                    + " WHERE metric_id = (SELECT max(metric_id) FROM sdwan_path_metrics)",
                fires ? 7.5 : 0.0);
        awaitTold("loss " + state);
        String document = posted.take();
        assertTrue(document.contains("\"state\":\"" + state + "\""), document);
        DaemonUnderTest.await(
            "a mail is sent",
            () ->
                Files.exists(folder.resolve("mails"))
                    && Files.readString(folder.resolve("mails")).contains("loss " + state));
      }
    } finally {
      hook.stop(0);
    }
  }

  @Test
  void a_notice_that_waits_at_a_stop_is_sent_after_the_next_start() throws Exception {
    Path down = Files.createFile(folder.resolve("down"));
    Path command = folder.resolve("on-alert");
    Files.writeString(
        command,
        Files.readString(command)
            .replace("#!/bin/sh\n", "#!/bin/sh\n[ ! -e '" + down + "' ] || exit 1\n"));
    configure("room: disk < 101%");
    try (DaemonUnderTest daemon = start()) {
      daemon.program().awaitStderr("it is retried");
      daemon.program().signal("TERM");
      daemon
          .program()
          .awaitStderr("notices of room were not delivered; they are sent again after the next");
      assertEquals(0, daemon.program().outcome().exitCode());
    }
    assertEquals(List.of(), told());
    Files.delete(down);
    try (DaemonUnderTest _ = start()) {
      awaitTold("room firing");
    }
    assertEquals(List.of("room firing"), told());
  }
}
