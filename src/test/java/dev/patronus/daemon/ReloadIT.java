package dev.patronus.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.NetflowV5Sender;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.RunningProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// SIGHUP: the configuration file is read again while the daemon counts.
class ReloadIT {
  @TempDir private Path folder;
  private final int port = DaemonUnderTest.freePort();
  private PlatformDatabase database;

  @BeforeEach
  void makeDatabase() throws SQLException, IOException {
    database = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST);
    database.policy(7, "web", 100, "{\"protocol\":6,\"dst_port_range\":[443,443]}");
  }

  @AfterEach
  void closeDatabase() throws SQLException {
    database.close();
  }

  private Path config() {
    return folder.resolve("patronus.conf");
  }

  private void configure(String... lines) throws IOException {
    Files.writeString(config(), String.join("\n", lines) + "\n");
  }

  private String source(int of) {
    return "source = netflow://127.0.0.1:" + of;
  }

  private Program program(String... more) {
    Program daemon = Program.patronus((Object[]) words(more));
    return daemon
        .env("PATRONUS_DB_PATH", database.file())
        .env("PATRONUS_STATE_DIR", folder)
        .env("PATRONUS_SOCKET", folder.resolve("patronus.sock"));
  }

  private String[] words(String... more) {
    String[] words = new String[more.length + 3];
    words[0] = "daemon";
    words[1] = "--config";
    words[2] = config().toString();
    System.arraycopy(more, 0, words, 3, more.length);
    return words;
  }

  private DaemonUnderTest start(String... more) {
    return DaemonUnderTest.start(program(more), folder, port);
  }

  private static long count(RunningProgram program, String text) {
    return program.stderrSoFar().lines().filter(line -> line.contains(text)).count();
  }

  /// Sends HUP and waits until the daemon says what came of it.
  private static void reload(DaemonUnderTest daemon, String answer) throws Exception {
    long before = count(daemon.program(), answer);
    daemon.program().signal("HUP");
    DaemonUnderTest.await(answer, () -> count(daemon.program(), answer) > before);
  }

  private static void awaitPackets(DaemonUnderTest daemon, long packets) throws Exception {
    DaemonUnderTest.await(packets + " packets", () -> daemon.packets() == packets);
  }

  @Test
  void a_source_that_is_added_is_opened_and_one_that_is_removed_is_closed() throws Exception {
    int other = DaemonUnderTest.freePort();
    configure(source(port), "metrics-listen = off");
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender first = new NetflowV5Sender(port);
        NetflowV5Sender second = new NetflowV5Sender(other)) {
      long sent = first.send(0, 443, 1);
      awaitPackets(daemon, sent);
      configure(source(port), source(other), "metrics-listen = off");
      reload(daemon, "reloaded: source 2 active");
      sent += first.send(0, 443, 2) + second.send(0, 443, 4);
      awaitPackets(daemon, sent);
      configure(source(other), "metrics-listen = off");
      reload(daemon, "reloaded: source 1 active");
      daemon.program().awaitStderr("source netflow://127.0.0.1:" + port + " is closed");
      sent += second.send(0, 443, 1);
      awaitPackets(daemon, sent);
      String status = daemon.ask(new dev.patronus.control.Request.Status()).line();
      assertFalse(status.contains("{\"source\":\"netflow://127.0.0.1:" + port), status);
    }
  }

  @Test
  void nothing_is_lost_by_reloads_under_load() throws Exception {
    configure(source(port), "metrics-listen = off", "snapshot-every = 60s");
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      long sent = 0;
      for (int i = 0; i < 200; i++) {
        sent += sender.send(i, 443, 1);
        if (i % 20 == 0) {
          configure(source(port), "metrics-listen = off", "snapshot-every = " + (i % 40 + 1) + "s");
          daemon.program().signal("HUP");
        }
        if (i % 10 == 0) {
          awaitPackets(daemon, sent);
        }
      }
      awaitPackets(daemon, sent);
    }
  }

  @Test
  void a_configuration_with_a_mistake_leaves_the_old_one_in_force() throws Exception {
    configure(source(port), "metrics-listen = off");
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      configure("source = netflow://127.0.0.1:1", "snapshot-every = soon");
      reload(daemon, "the previous configuration stays in force");
      String log = daemon.program().stderrSoFar();
      assertTrue(log.contains(config() + " line 2)"), log);
      awaitPackets(daemon, sender.send(0, 443, 3));
      configure("source = netflow://127.0.0.1:" + port + "?sampling=none");
      reload(daemon, "the previous configuration stays in force");
      awaitPackets(daemon, 90 + sender.send(0, 443, 3));
      configure("sorce = netflow://127.0.0.1:1", "alow-exporter = 192.0.2.1");
      reload(daemon, "line 1: unknown key 'sorce'; did you mean 'source'?");
      awaitPackets(daemon, 180 + sender.send(0, 443, 3));
      Files.delete(config());
      reload(daemon, "the previous configuration stays in force");
      awaitPackets(daemon, 270 + sender.send(0, 443, 3));
    }
  }

  @Test
  void what_takes_a_restart_is_said_and_stays() throws Exception {
    configure(source(port), "metrics-listen = off");
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      configure(source(port), "metrics-listen = off", "flow-timeout = 10s");
      reload(daemon, "flow-timeout: changed, but takes a restart");
      awaitPackets(daemon, sender.send(0, 443, 1));
      reload(daemon, "flow-timeout: changed, but takes a restart");
    }
  }

  @Test
  void a_flag_and_a_variable_still_beat_the_file() throws Exception {
    configure(source(port));
    try (DaemonUnderTest daemon =
        DaemonUnderTest.start(
            program("--metrics-listen", "off").env("PATRONUS_SNAPSHOT_EVERY", "30s"),
            folder,
            port)) {
      configure(source(port), "metrics-listen = 127.0.0.1:1", "snapshot-every = 7s");
      reload(daemon, "reloaded: no setting has changed");
    }
  }

  @Test
  void exporters_can_be_allowed_and_forbidden() throws Exception {
    configure(source(port), "metrics-listen = off", "allow-exporter = 192.0.2.0/24");
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      sender.send(0, 443, 1);
      DaemonUnderTest.await(
          "it is refused",
          () ->
              daemon
                  .ask(new dev.patronus.control.Request.Status())
                  .line()
                  .contains("\"exporter_not_allowed\":1"));
      configure(source(port), "metrics-listen = off", "allow-exporter = 127.0.0.0/8");
      reload(daemon, "reloaded: allow-exporter [127.0.0.0/8]");
      awaitPackets(daemon, sender.send(0, 443, 1));
    }
  }

  @Test
  void replies_and_snapshots_change_while_it_counts() throws Exception {
    configure(source(port), "metrics-listen = off", "snapshot-every = 1h");
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      awaitPackets(daemon, sender.send(0, 443, 1));
      configure(source(port), "metrics-listen = off", "snapshot-every = 1s", "count-replies = yes");
      reload(daemon, "reloaded: snapshot-every 1s, count-replies yes");
      DaemonUnderTest.await(
          "a snapshot is saved",
          () -> database.number("SELECT COUNT(*) FROM sdwan_policy_stats") > 0);
    }
  }

  @Test
  void a_storm_of_hups_does_no_harm() throws Exception {
    configure(source(port), "metrics-listen = off");
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      String kill = "for i in $(seq 500); do kill -HUP " + daemon.program().pid() + "; done";
      Program.of("/bin/sh", "-c", kill).run();
      awaitPackets(daemon, sender.send(0, 443, 1));
      reload(daemon, "reloaded: ");
      daemon.program().signal("TERM");
      assertEquals(0, daemon.program().outcome().exitCode());
    }
  }

  @Test
  void usr1_writes_the_counters_into_the_log() throws Exception {
    configure(source(port), "metrics-listen = off");
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      awaitPackets(daemon, sender.send(0, 443, 1));
      daemon.program().signal("USR1");
      daemon.program().awaitStderr("counter records_counted: 30");
      daemon
          .program()
          .awaitStderr(
              "counter source_records_decoded exporter=127.0.0.1 source=netflow://127.0.0.1:"
                  + port
                  + ": 30");
    }
  }

  @Test
  void an_exporter_is_remembered_over_a_reload_that_changes_who_may_send() throws Exception {
    configure(source(port), "metrics-listen = off");
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      long sent = sender.send(0, 443, 1);
      awaitPackets(daemon, sent);
      configure(source(port), "metrics-listen = off", "allow-exporter = 192.0.2.0/24");
      reload(daemon, "reloaded: allow-exporter");
      String status = daemon.ask(new dev.patronus.control.Request.Status()).line();
      assertTrue(status.contains("\"last_seen\":\"20"), status);
      assertFalse(status.contains("1970"), status);
      sender.send(1, 443, 1);
      DaemonUnderTest.await(
          "it is refused",
          () ->
              daemon
                  .ask(new dev.patronus.control.Request.Status())
                  .line()
                  .contains("\"exporter_not_allowed\":1"));
      assertEquals(sent, daemon.packets());
    }
  }

  @Test
  void an_unknown_key_is_said_with_its_line() throws Exception {
    configure(source(port), "metrics-listen = off", "snapshot-evry = 1s");
    ProgramOutcome refused = program().run();
    assertEquals(2, refused.exitCode(), refused::toString);
    assertTrue(
        refused.stderr().contains("line 3: unknown key 'snapshot-evry'; did you mean"),
        refused::toString);
    ProgramOutcome checked = program("--check").run();
    assertEquals(2, checked.exitCode(), checked::toString);
    assertTrue(checked.stderr().contains("line 3: unknown key 'snapshot-evry'"), checked::toString);
  }
}
