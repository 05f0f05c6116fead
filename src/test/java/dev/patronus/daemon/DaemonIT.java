package dev.patronus.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.flow.filter.FlowFilter;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.NetflowV5Sender;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.RunningProgram;
import dev.patronus.testing.SmallDisk;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaemonIT {
  private static final String TCP_443 = "{\"protocol\":6,\"dst_port_range\":[443,443]}";

  /// The packets of the largest row; 0 before the first snapshot.
  private static final String MOST_PACKETS =
      "SELECT COALESCE(MAX(packets_matched), 0) FROM sdwan_policy_stats";

  @TempDir private Path folder;
  private final int port = DaemonUnderTest.freePort();
  private PlatformDatabase database;

  @BeforeEach
  void makeDatabase() throws SQLException, IOException {
    database = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST);
    database.policy(-7, "web", 100, TCP_443);
    database.policy(9, "rest", 1, "{\"protocol\":17}");
  }

  @AfterEach
  void closeDatabase() throws SQLException {
    database.close();
  }

  private DaemonUnderTest start(String... more) {
    return DaemonUnderTest.start(folder, port, more);
  }

  private void awaitPackets(DaemonUnderTest daemon, long packets) throws Exception {
    DaemonUnderTest.await(packets + " packets are counted", () -> daemon.packets() >= packets);
  }

  private Program patronus(String... words) {
    return Program.patronus((Object[]) words)
        .env("PATRONUS_DB_PATH", folder.resolve("sdwan.db"))
        .env("PATRONUS_SOCKET", folder.resolve("patronus.sock"));
  }

  @Test
  void killed_at_twenty_random_moments_it_never_goes_back_and_loses_nothing_that_was_counted()
      throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    long sent = 0;
    long floor = 0;
    for (int round = 0; round < 20; round++) {
      try (DaemonUnderTest daemon = start();
          NetflowV5Sender sender = new NetflowV5Sender(port)) {
        long found = daemon.packets();
        String when = "round " + round + ", seed " + seed;
        assertTrue(found >= floor, when + ": went back from " + floor + " to " + found);
        assertTrue(found <= sent, when + ": " + found + " counted of " + sent + " sent");
        sent = found; // what the kernel held when the process was killed was never counted
        int datagrams = 50 + random.nextInt(400);
        for (int i = 0; i < datagrams; i++) {
          sent += sender.send(i * NetflowV5Sender.FLOWS % 9000, i % 3 == 0 ? 443 : 80, 1 + i % 5);
          if (i % 16 == 0) {
            floor = daemon.packets();
          }
        }
        floor = Math.max(floor, daemon.packets());
        daemon.program().signal("KILL");
        daemon.program().outcome();
      }
    }
    try (DaemonUnderTest daemon = start()) {
      Reply.Stats stats = daemon.stats();
      for (PolicyTraffic policy : stats.policies()) {
        assertEquals(
            policy.packets() * NetflowV5Sender.PACKET_BYTES, policy.bytes(), policy.name());
      }
      assertTrue(daemon.packets() >= floor, "seed " + seed);
    }
  }

  @Test
  void all_that_was_counted_before_a_kill_is_there_to_the_packet() throws Exception {
    long sent = 0;
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      for (int i = 0; i < 100; i++) {
        sent += sender.send(i * 30, 443, 3);
      }
      awaitPackets(daemon, sent);
      daemon.program().signal("KILL");
      daemon.program().outcome();
    }
    try (DaemonUnderTest daemon = start()) {
      assertEquals(sent, daemon.packets());
      PolicyTraffic web = daemon.stats().policies().getFirst();
      assertEquals(sent * NetflowV5Sender.PACKET_BYTES, web.bytes());
      assertEquals(-7, web.policyId());
    }
  }

  @Test
  void told_to_stop_it_saves_a_last_snapshot_and_ends_with_0() throws Exception {
    long sent;
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      sent = sender.send(0, 443, 7);
      awaitPackets(daemon, sent);
      daemon.program().signal("TERM");
      ProgramOutcome outcome = daemon.program().outcome();
      assertEquals(0, outcome.exitCode(), outcome.toString());
    }
    assertEquals(
        sent,
        database.number("SELECT packets_matched FROM sdwan_policy_stats WHERE policy_id = -7"));
    assertFalse(Files.exists(folder.resolve("patronus.sock")));
    assertTrue(patronus("stats").run().stdout().contains("Snapshot of "));
  }

  @Test
  void counters_go_on_from_the_last_snapshot_where_the_state_was_lost() throws Exception {
    database.stat(-7, 1_760_000_000, 1000, 100_000, 1);
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      assertEquals(1000, daemon.packets());
      awaitPackets(daemon, 1000 + sender.send(0, 443, 1));
      assertEquals(1030, daemon.stats().policies().getFirst().packets());
    }
  }

  @Test
  void a_second_daemon_on_the_same_database_refuses_with_one_sentence() throws Exception {
    try (DaemonUnderTest _ = start()) {
      ProgramOutcome second = DaemonUnderTest.program(folder, DaemonUnderTest.freePort()).run();
      assertEquals(5, second.exitCode(), second.toString());
      assertTrue(second.stderr().startsWith("patronus: another daemon (process "));
      assertEquals(1, second.stderr().lines().count(), second.stderr());
    }
  }

  @Test
  void a_database_that_is_locked_at_the_first_start_is_waited_for() throws Exception {
    database.run("BEGIN IMMEDIATE");
    Program program = DaemonUnderTest.program(folder, port);
    try (RunningProgram starting = program.start()) {
      starting.awaitStderr("waiting for the database, which another program has locked");
      database.run("COMMIT");
      starting.awaitStderr("the database is free");
      starting.awaitStderr("ready: ");
    }
  }

  @Test
  void a_daemon_that_waits_for_a_locked_database_ends_with_0_when_it_is_told_to() throws Exception {
    database.run("BEGIN IMMEDIATE");
    try (RunningProgram starting = DaemonUnderTest.program(folder, port).start()) {
      starting.awaitStderr("waiting for the database, which another program has locked");
      starting.signal("TERM");
      ProgramOutcome outcome = starting.outcome();
      assertEquals(0, outcome.exitCode(), outcome.toString());
      assertTrue(outcome.stderr().endsWith("stopped before it was ready\n"), outcome.toString());
    }
    database.run("COMMIT");
  }

  @Test
  void a_locked_database_costs_nothing_and_is_said_once() throws Exception {
    try (DaemonUnderTest daemon = start("--snapshot-every", "1s");
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      long sent = sender.send(0, 443, 2);
      awaitPackets(daemon, sent);
      database.run("BEGIN EXCLUSIVE");
      daemon.program().awaitStderr("cannot save the snapshot");
      long all = sent + sender.send(0, 443, 5);
      awaitPackets(daemon, all);
      assertEquals(6, patronus("status", "--check", "ready").run().exitCode());
      database.run("COMMIT");
      daemon.program().awaitStderr("snapshots are saved again");
      DaemonUnderTest.await(
          "the snapshot has all of it", () -> database.number(MOST_PACKETS) == all);
      String log = daemon.program().stderrSoFar();
      assertEquals(1, log.lines().filter(line -> line.contains("cannot save")).count(), log);
      assertFalse(log.contains("try again"), "it does so by itself: " + log);
    }
  }

  @Test
  void changed_policies_are_noticed_by_themselves() throws Exception {
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      long sent = sender.send(0, 8443, 1);
      awaitPackets(daemon, sent);
      assertEquals(sent, daemon.stats().unmatched().packets());
      database.policy(11, "alt", 50, "{\"protocol\":6,\"dst_port_range\":[8443,8443]}");
      DaemonUnderTest.await("the new policy is there", () -> daemon.stats().policies().size() == 3);
      sent += sender.send(0, 8443, 4);
      awaitPackets(daemon, sent);
      PolicyTraffic alt = daemon.stats().policies().get(1);
      assertEquals("alt", alt.name());
      assertEquals(120, alt.packets());
    }
  }

  @Test
  void a_policy_that_cannot_be_read_matches_nothing_and_is_said() throws Exception {
    database.policy(12, "broken", 500, "{\"src_ip\":\"10.0.0.0/33\"}");
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      daemon.program().awaitStderr("policy 'broken' matches nothing");
      awaitPackets(daemon, sender.send(0, 443, 1));
      assertEquals(0, daemon.stats().policies().getFirst().packets());
      assertEquals(30, daemon.stats().policies().get(1).packets());
    }
  }

  @Test
  void a_rehearsal_answers_at_the_socket_that_was_named_and_saves_nothing() throws Exception {
    try (DaemonUnderTest daemon = start("--dry-run", "--snapshot-every", "1s");
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      daemon.program().awaitStderr("nothing is saved; see 'patronus status --socket " + folder);
      awaitPackets(daemon, sender.send(0, 443, 2));
      daemon.program().signal("TERM");
      assertEquals(0, daemon.program().outcome().exitCode());
    }
    assertEquals(0, database.number("SELECT COUNT(*) FROM sdwan_policy_stats"));
  }

  @Test
  void a_database_that_is_replaced_gets_the_snapshots_from_then_on() throws Exception {
    try (DaemonUnderTest daemon = start("--snapshot-every", "1s");
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      long sent = sender.send(0, 443, 2);
      awaitPackets(daemon, sent);
      Path other = Files.createDirectory(folder.resolve("other"));
      try (PlatformDatabase fresh = PlatformDatabase.create(other, PlatformDatabase.Age.NEWEST)) {
        fresh.policy(-7, "web", 100, TCP_443);
      }
      Files.move(
          other.resolve("sdwan.db"),
          folder.resolve("sdwan.db"),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      daemon.program().awaitStderr("was replaced");
      try (PlatformDatabase now = PlatformDatabase.open(folder.resolve("sdwan.db"))) {
        DaemonUnderTest.await(
            "the new one has a snapshot",
            () ->
                now.rows("SELECT name FROM sqlite_master").toString().contains("unmatched")
                    && now.number("SELECT COUNT(*) FROM sdwan_policy_stats") > 0);
        assertEquals(sent, now.number(MOST_PACKETS));
      }
    }
  }

  @Test
  void a_database_that_is_gone_is_said_once_and_gets_all_when_it_is_back() throws Exception {
    Path file = folder.resolve("sdwan.db");
    Path away = folder.resolve("away.db");
    try (DaemonUnderTest daemon = start("--snapshot-every", "1s");
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      long sent = sender.send(0, 443, 2);
      awaitPackets(daemon, sent);
      database.close();
      Files.move(file, away);
      daemon.program().awaitStderr("cannot save the snapshot: no database at ");
      daemon.program().signal("HUP");
      daemon.program().awaitStderr("reloaded: ");
      Reply flows =
          daemon.ask(new Request.Flows(Request.Order.BYTES, 5, Optional.empty(), FlowFilter.ALL));
      assertTrue(flows.line().contains("10.0.0."), flows.line());
      assertTrue(patronus("doctor", "--json").run().stdout().contains("\"database_unusable\""));
      sent += sender.send(0, 443, 5);
      awaitPackets(daemon, sent);
      Files.move(away, file);
      daemon.program().awaitStderr("snapshots are saved again");
      database = PlatformDatabase.open(file);
      long all = sent;
      DaemonUnderTest.await("all of it is saved", () -> database.number(MOST_PACKETS) == all);
      String log = daemon.program().stderrSoFar();
      assertEquals(1, log.lines().filter(line -> line.contains("cannot save")).count(), log);
      assertFalse(log.contains("Exception"), log);
    }
  }

  @Test
  void policies_that_change_by_the_thousand_or_go_cost_no_packet() throws Exception {
    database.inOneTransaction(() -> {
      for (int i = 0; i < 1000; i++) {
        database.policy(1000 + i, "policy-" + i, 10 + i, "{\"dst_port_range\":[9,9]}");
      }
    });
    try (DaemonUnderTest daemon = start("--snapshot-every", "1s");
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      long sent = 0;
      for (int round = 0; round < 30; round++) {
        for (int i = 0; i < 10; i++) {
          sent += sender.send(round * 300 + i * 30, 443, 1);
        }
        int change = round;
        database.inOneTransaction(() -> {
          database.run("UPDATE sdwan_policies SET priority = priority + ?", change % 7);
          database.run(
              "UPDATE sdwan_policies SET match_rules = ? WHERE policy_id % 30 = ? AND policy_id > 999",
              "{\"dst_port_range\":[" + change + "," + (change + 400) + "]}", change);
          if (change % 10 == 9) {
            database.run(
                "DELETE FROM sdwan_policy_stats WHERE policy_id IN (SELECT policy_id FROM"
                    + " sdwan_policies WHERE policy_id > 999 LIMIT 100)");
            database.run(
                "DELETE FROM sdwan_policies WHERE policy_id IN (SELECT policy_id FROM"
                    + " sdwan_policies WHERE policy_id > 999 LIMIT 100)");
          }
        });
        awaitCounted(daemon, sent / 30 * 30);
      }
      DaemonUnderTest.await(
          "the last change is in force", () -> daemon.stats().policies().size() == 702);
      awaitCounted(daemon, sent);
      DaemonUnderTest.await(
          "a snapshot of those that are left",
          () ->
              database.number(
                      "SELECT COUNT(*) FROM sdwan_policy_stats WHERE timestamp ="
                          + " (SELECT MAX(timestamp) FROM sdwan_policy_stats)")
                  == 702);
      assertFalse(daemon.program().stderrSoFar().contains("cannot save"));
    }
  }

  /// Waits for records, since what was counted for a policy goes with it.
  private static void awaitCounted(DaemonUnderTest daemon, long records) throws Exception {
    String counted = "{\"name\":\"records_counted\",\"value\":" + records + "}";
    DaemonUnderTest.await(
        records + " records are counted",
        () -> daemon.ask(new Request.Status()).line().contains(counted));
  }

  @Test
  void a_full_disk_costs_nothing_and_is_said_once() throws Exception {
    try (SmallDisk disk = SmallDisk.in(folder, "2m");
        PlatformDatabase full =
            PlatformDatabase.create(disk.folder(), PlatformDatabase.Age.NEWEST)) {
      Path small = disk.folder();
      full.policy(-7, "web", 100, TCP_443);
      try (DaemonUnderTest daemon = DaemonUnderTest.start(small, port, "--snapshot-every", "1s");
          NetflowV5Sender sender = new NetflowV5Sender(port)) {
        awaitPackets(daemon, sender.send(0, 443, 1));
        Program.of("sh", "-c", "dd if=/dev/zero of=" + small + "/ballast bs=4k 2>&1").run();
        daemon.program().awaitStderr("cannot save the snapshot");
        long sent = 30 + sender.send(0, 443, 4);
        awaitPackets(daemon, sent);
        Files.delete(small.resolve("ballast"));
        daemon.program().awaitStderr("snapshots are saved again");
        DaemonUnderTest.await("all of it is saved", () -> full.number(MOST_PACKETS) == sent);
        String log = daemon.program().stderrSoFar();
        assertEquals(1, log.lines().filter(line -> line.contains("cannot save")).count(), log);
      }
    }
  }

  @Test
  void a_start_that_cannot_be_says_what_and_where_in_one_line() throws Exception {
    Path long107 = folder.resolve("x".repeat(120));
    refused("--socket", long107, " bytes, at most 107 ", "choose a shorter --socket");
    refused("--socket", folder.resolve("none/s"), "is not there", "--socket");
    Path file = Files.createFile(folder.resolve("file"));
    refused("--state-dir", file, "is no folder", "--state-dir");
    refused("--source", "netflow://127.0.0.1:2055?sampling=x", "sampling must be", "netflow://");
    refused("--metrics-listen", "nowhere", "must be HOST:PORT", "metrics-listen");
  }

  private void refused(String option, Object value, String why, String what) throws Exception {
    Program program =
        Program.patronus("daemon", option, value)
            .env("PATRONUS_DB_PATH", folder.resolve("sdwan.db"))
            .env("PATRONUS_SOCKET", folder.resolve("patronus.sock"))
            .env("PATRONUS_METRICS_LISTEN", "off")
            .env("PATRONUS_SOURCE", "netflow://127.0.0.1:" + port)
            .env("PATRONUS_STATE_DIR", folder);
    ProgramOutcome outcome = program.run();
    assertTrue(outcome.exitCode() == 1 || outcome.exitCode() == 2, outcome.toString());
    String said =
        outcome.stderr().lines().filter(line -> line.startsWith("patronus: ")).toList().getFirst();
    assertTrue(said.contains(why) && said.contains(what), outcome.toString());
    assertFalse(outcome.stderr().contains("\tat "), outcome.toString());
  }

  @Test
  void a_second_signal_leaves_at_once_and_loses_nothing_that_was_counted() throws Exception {
    long sent;
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      sent = sender.send(0, 443, 7);
      awaitPackets(daemon, sent);
      database.run("BEGIN EXCLUSIVE"); // so that the last snapshot takes its time
      daemon.program().signal("TERM");
      DaemonUnderTest.await("it stops", () -> !Files.exists(folder.resolve("patronus.sock")));
      daemon.program().signal("TERM");
      assertEquals(1, daemon.program().outcome().exitCode());
      database.run("COMMIT");
    }
    try (DaemonUnderTest daemon = start()) {
      assertEquals(sent, daemon.packets());
    }
  }

  @Test
  void a_signal_that_is_sent_twice_in_a_row_is_one() throws Exception {
    try (DaemonUnderTest daemon = start()) {
      database.run("BEGIN EXCLUSIVE"); // so that the stop is not over before the second one
      long pid = daemon.program().pid();
      String twice = "kill -TERM $0; kill -TERM $0";
      assertEquals(0, Program.of("/bin/sh", "-c", twice, pid).run().exitCode());
      database.run("COMMIT");
      ProgramOutcome outcome = daemon.program().outcome();
      assertEquals(0, outcome.exitCode(), outcome::toString);
      assertTrue(outcome.stderr().contains("stopped after a last snapshot"), outcome::toString);
    }
  }

  @Test
  void a_reset_is_a_reset_in_memory_history_and_audit() throws Exception {
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      awaitPackets(daemon, sender.send(0, 443, 2));
      ProgramOutcome reset =
          patronus("stats", "reset", "web", "--yes", "--json").env("SUDO_USER", "boss").run();
      assertEquals(0, reset.exitCode(), reset.toString());
      assertEquals(0, daemon.stats().policies().getFirst().packets());
      assertEquals(
          System.getProperty("user.name")
              + "|stats_reset|{\"stats_reset\":{\"policy_id\":\"18446744073709551609\","
              + "\"policy_name\":\"web\"}}|1",
          database
              .rows("SELECT user_id, event_type, event_data, success FROM audit_logs")
              .getFirst());
      assertEquals(
          List.of("60", "0"),
          database.rows(
              "SELECT packets_matched FROM sdwan_policy_stats WHERE policy_id = -7"
                  + " ORDER BY timestamp, stat_id"));
      daemon.program().signal("KILL");
      daemon.program().outcome();
    }
    try (DaemonUnderTest daemon = start()) {
      assertEquals(0, daemon.packets());
    }
  }

  @Test
  void a_reset_that_the_database_refuses_resets_nothing() throws Exception {
    long sent;
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      sent = sender.send(0, 443, 2);
      awaitPackets(daemon, sent);
      database.run(
          "CREATE TRIGGER refuse BEFORE INSERT ON sdwan_policy_stats"
              + " BEGIN SELECT RAISE(ABORT, 'no room'); END");
      ProgramOutcome reset = patronus("stats", "reset", "--all", "--yes").run();
      assertEquals(1, reset.exitCode(), reset.toString());
      assertEquals(sent, daemon.packets());
      assertEquals(0, database.number("SELECT COUNT(*) FROM audit_logs"));
      daemon.program().signal("KILL");
      daemon.program().outcome();
      database.run("DROP TRIGGER refuse");
    }
    try (DaemonUnderTest daemon = start()) {
      assertEquals(sent, daemon.packets());
    }
  }

  @Test
  void ready_says_which_source_fails_and_counting_begins_when_it_works() throws Exception {
    DatagramSocket taken = new DatagramSocket(port, InetAddress.getLoopbackAddress());
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      String source = "netflow://127.0.0.1:" + port;
      daemon.program().awaitStderr("collecting from " + source + " (fails)");
      taken.close();
      daemon.program().awaitStderr("source " + source + " works again");
      awaitPackets(daemon, sender.send(0, 443, 1));
    } finally {
      taken.close();
    }
  }

  @Test
  void the_largest_flows_come_first() throws Exception {
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      long sent = sender.send(0, 443, 1) + sender.send(100, 80, 9);
      awaitPackets(daemon, sent);
      var asked = new Request.Flows(Request.Order.BYTES, 40, Optional.empty(), FlowFilter.ALL);
      Reply.Flows flows = (Reply.Flows) daemon.ask(asked);
      assertEquals(60, flows.total());
      assertEquals(900, flows.flows().getFirst().bytes());
      assertEquals(100, flows.flows().getLast().bytes());
      ProgramOutcome shown = patronus("stats", "flows", "--policy", "web", "-o", "csv").run();
      assertEquals(21, shown.stdout().lines().count(), shown.toString());
    }
  }

  @Test
  void stats_shows_live_numbers_where_the_daemon_works_on_that_database() throws Exception {
    try (DaemonUnderTest daemon = start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      awaitPackets(daemon, sender.send(0, 443, 2));
      assertTrue(patronus("stats", "--json").run().stdout().contains("\"source\": \"live\""));
      Path other = Files.createDirectory(folder.resolve("other"));
      try (PlatformDatabase fresh = PlatformDatabase.create(other, PlatformDatabase.Age.NEWEST)) {
        String elsewhere = fresh.file().toString();
        assertTrue(
            patronus("stats", "--json", "--db", elsewhere)
                .run()
                .stdout()
                .contains("\"source\": \"snapshot\""));
      }
    }
  }

  @Test
  void with_1000_policies_and_10000_flows_it_stays_under_120_MB() throws Exception {
    database.inOneTransaction(() -> {
      for (int i = 0; i < 1000; i++) {
        database.policy(
            1000 + i,
            "policy-" + i,
            10 + i,
            "{\"src_ip\":\"10.0."
                + i % 250
                + ".0/24\",\"protocol\":6,\"dst_port_range\":["
                + i
                + ","
                + (i + 500)
                + "]}");
      }
    });
    try (DaemonUnderTest daemon = start("--snapshot-every", "1s");
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      long sent = 0;
      for (int i = 0; i < 10_020; i += NetflowV5Sender.FLOWS) {
        for (int again = 0; again < 3; again++) {
          sent += sender.send(i, 443, 1);
        }
        if (i % 300 == 0) {
          awaitPackets(daemon, sent);
        }
      }
      awaitPackets(daemon, sent);
      DaemonUnderTest.await(
          "a snapshot is saved",
          () -> database.number("SELECT COUNT(*) FROM sdwan_policy_stats") > 2000);
      ProgramOutcome exported = patronus("export", "flows").run();
      assertEquals(10_021, exported.stdout().lines().count());
      long kilobytes = mostResident(daemon);
      assertTrue(kilobytes < 120_000, "resident at most: " + kilobytes + " kB");
      for (int i = 0; i < 1_000_000; i++) {
        sender.send(i * NetflowV5Sender.FLOWS % 10_020, 443, 1);
      }
      long more = mostResident(daemon) - kilobytes;
      assertTrue(more < 20_000, "after more than it can count: " + more + " kB more");
    }
  }

  /// The most memory that it has had, in kB.
  private static long mostResident(DaemonUnderTest daemon) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + daemon.program().pid() + "/status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")))
        .findFirst()
        .orElseThrow();
  }
}
