package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.control.ControlServer;
import dev.patronus.control.Reply;
import dev.patronus.error.ExitCode;
import dev.patronus.metrics.Metrics;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// `stats` of a daemon's answer, given over a real control socket: the rates and ages in it.
class StatsLiveTest {
  private static final Instant NOW = Instant.parse("2026-11-23T14:00:00Z");
  private static final Instant LONG_AGO = NOW.minusSeconds(1500);

  @TempDir Path folder;
  private PlatformDatabase platform;
  private ControlServer socket;
  private CommandLineRun cli;

  @BeforeEach
  void create() throws SQLException, IOException {
    platform = PlatformDatabase.create(folder, Age.NEWEST);
    platform.policy(7, "voice", 100, "{}").policy(8, "web", 50, "{}").policy(9, "idle", 10, "{}");
    stat(7, "13:00", 0, 0);
    stat(8, "13:00", 500, 500_000);
    for (String time : List.of("13:57", "13:58", "13:59")) {
      stat(7, time, 1000, 100_000);
      stat(8, time, 500, 500_000);
    }
    List<PolicyTraffic> policies =
        List.of(
            new PolicyTraffic(7, "voice", 100, true, 1000, 100_000, 0, LONG_AGO),
            new PolicyTraffic(8, "web", 50, true, 560, 560_000, 3, NOW.minusSeconds(2)),
            new PolicyTraffic(9, "idle", 10, true, 0, 0, 0, null));
    Reply.Stats stats =
        new Reply.Stats(
            platform.file().toString(), NOW, policies, new Reply.Bucket(1, 2, 3), false, false);
    socket = new ControlServer(folder.resolve("patronus.sock"), (_, _) -> stats, new Metrics());
    socket.start();
    cli = CommandLineRun.on(platform.file()).env("PATRONUS_SOCKET", folder + "/patronus.sock");
  }

  @AfterEach
  void close() throws SQLException, IOException {
    socket.close();
    platform.close();
  }

  private void stat(long policy, String time, long packets, long bytes) throws SQLException {
    long second = Instant.parse("2026-11-23T" + time + ":00Z").getEpochSecond();
    platform.stat(policy, second, packets, bytes, 0);
  }

  @Test
  void what_nothing_came_to_has_no_rate_however_fast_it_was_before() {
    assertEquals(
        """
        Live from the daemon, 2026-11-23 14:00:00.

        POLICY           PRIO  ON   PACKETS   BYTES         RATE  FLOWS    IDLE  ID
        voice             100  yes    1,000  100 kB      0 bit/s      0  25 min  7
        web                50  yes      560  560 kB  8.00 kbit/s      3     2 s  8
        idle               10  yes        0     0 B            -      0       -  9
        (total matched)     -  -      1,560  660 kB  8.00 kbit/s      3       -  -
        (unmatched)         -  -          1     2 B            -      3       -  -
        (all traffic)       -  -      1,561  660 kB            -      6       -  -
        """,
        cli.out("stats"));
  }

  @Test
  void what_the_limit_of_rows_leaves_out_is_one_row_and_named_policies_have_their_own_total() {
    String[] first = cli.out("stats", "-n", "1").split("\n", -1);
    assertEquals("voice             100  yes    1,000  100 kB", first[3].substring(0, 43));
    assertEquals("(2 more)            -  -        560  560 kB", first[4].substring(0, 43));
    assertEquals("(total matched)     -  -      1,560  660 kB", first[5].substring(0, 43));
    String named = cli.out("stats", "-p", "voice");
    assertTrue(named.contains("\n(total)     -  -      1,000  100 kB"), named);
    assertFalse(named.contains("(unmatched)"), named);
  }

  @Test
  void the_unmatched_traffic_has_limits_of_its_own() {
    Outcome outcome = cli.run("stats", "--alert", "unmatched:bytes>1", "--alert", "bytes>1TB");
    assertEquals(ExitCode.LIMIT_EXCEEDED, outcome.exitCode());
    assertEquals(
        "patronus: unmatched: bytes is 2 B, and the limit is unmatched:bytes>1\n", outcome.err());
    cli.out("stats", "--alert", "unmatched:packets>1");
  }

  @Test
  void the_rate_of_the_unmatched_traffic_is_since_the_snapshot_before() throws SQLException {
    platform.run(
        "CREATE TABLE patronus_unmatched_stats"
            + " (timestamp INTEGER PRIMARY KEY, packets, bytes, active_flows)");
    platform.run(
        "INSERT INTO patronus_unmatched_stats VALUES (?, 0, 0, 0)", NOW.getEpochSecond() - 10);
    String out = cli.out("stats");
    assertTrue(out.contains("(unmatched)         -  -          1     2 B      2 bit/s"), out);
    assertTrue(out.contains("(all traffic)       -  -      1,561  660 kB  8.00 kbit/s"), out);
  }

  @Test
  void the_fastest_comes_first_and_what_is_idle_is_not_fast() {
    assertEquals(
        "name,bytes_per_second,age_seconds,idle_seconds\r\nweb,1000.0,0,2\r\n",
        cli.out(
            "stats",
            "--sort=rate",
            "-n=1",
            "-o=csv",
            "--columns=name,bytes_per_second,age_seconds,idle_seconds"));
  }

  @Test
  void an_age_is_that_of_the_answer_and_alarms_on_no_idle_policy() {
    cli.out("stats", "--alert", "age>5min", "--alert", "total:byte-rate>9kbit/s");
  }

  @Test
  void an_idle_policy_exceeds_a_limit_of_idleness_and_one_that_never_carried_any_too() {
    Outcome outcome = cli.run("stats", "--alert", "idle>5min", "--alert", "total:idle>5min");
    assertEquals(ExitCode.LIMIT_EXCEEDED, outcome.exitCode());
    assertEquals(
        """
        patronus: voice: idle is 25 min, and the limit is idle>5min
        patronus: idle: no traffic was ever counted, and the limit is idle>5min
        """,
        outcome.err());
  }

  @Test
  void a_watch_begins_with_the_same_rates_and_its_peaks_are_what_it_saw() {
    JsonNode first =
        new ObjectMapper().readTree(cli.out("stats", "--watch", "--count=1", "--json"));
    assertEquals(0, first.get("policies").get(0).get("bytes_per_second").asDouble());
    assertEquals(1000, first.get("policies").get(1).get("bytes_per_second").asDouble());
    assertEquals(1500, first.get("policies").get(0).get("idle_seconds").asLong());
    Outcome twice = cli.onTerminal(100, 24).run("stats", "--watch=100ms", "--count=2");
    String summary = twice.out().substring(twice.out().indexOf("PEAK RATE"));
    assertTrue(summary.lines().noneMatch(line -> line.contains("kbit/s")), twice::toString);
  }

  @Test
  void raw_rates_are_bits_a_second_as_the_others() {
    String raw = cli.out("stats", "--raw-numbers");
    assertTrue(raw.contains("560000      8000.0 "), raw);
  }
}
