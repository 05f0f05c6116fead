package dev.patronus.cli.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class StatsCommandTest {
  @TempDir Path folder;
  private PlatformDatabase platform;
  private CommandLineRun cli;

  @BeforeEach
  void create() throws SQLException, IOException {
    platform = PlatformDatabase.create(folder, Age.NEWEST);
    cli = CommandLineRun.on(platform.file());
    platform.policy(7, "voice", 100, "{}").policy(-2, "web", 50, "{}").policy(9, "idle", 10, "{}");
    stat(7, "13:58", 1000, 100_000, 3);
    stat(-2, "13:58", 500, 700_000, 9);
    stat(7, "13:59", 1600, 160_000, 4);
    stat(-2, "13:59", 60, 6_000, 8);
  }

  @AfterEach
  void close() throws SQLException {
    platform.close();
  }

  private void stat(long policy, String time, long packets, long bytes, long flows)
      throws SQLException {
    platform.stat(
        policy,
        Instant.parse("2026-11-23T" + time + ":00Z").getEpochSecond(),
        packets,
        bytes,
        flows);
  }

  @Test
  void a_limit_that_only_a_daemon_can_measure_is_refused_without_one() {
    Outcome asked = cli.run("stats", "--alert", "voice:idle>1s", "-q");
    assertEquals(ExitCode.NO_DAEMON, asked.exitCode());
    assertTrue(asked.err().contains("idle>1s: only a running daemon knows"), asked.err());
    Outcome typo = cli.run("stats", "--alert", "voixe:idle>1s", "-q");
    assertEquals(ExitCode.NOT_FOUND, typo.exitCode(), "a wrong name is told first");
  }

  @Test
  void people_see_rates_across_resets_and_how_old_each_is() {
    assertEquals(
        """
        Snapshot of 2026-11-23 13:59:00, 1 min ago.

        POLICY   PRIO  ON   PACKETS    BYTES         RATE  FLOWS    AGE  ID
        voice     100  yes    1,600   160 kB  8.00 kbit/s      4  1 min  7
        web        50  yes       60  6.00 kB    800 bit/s      8  1 min  18446744073709551614
        idle       10  yes        0      0 B            -      0      -  9
        (total)     -  -      1,660   166 kB  8.80 kbit/s     12      -  -
        """,
        cli.out("stats"));
  }

  @Test
  void a_policy_to_which_nothing_came_since_the_snapshot_before_has_no_rate() throws SQLException {
    stat(-2, "14:00", 60, 6_000, 8);
    stat(-2, "13:30", 0, 0, 8);
    String rates =
        cli.at("2026-11-23T14:00:30Z").out("stats", "-o=csv", "--columns=name,bytes_per_second");
    assertEquals("name,bytes_per_second\r\nvoice,0.0\r\nweb,0.0\r\nidle,\r\n", rates);
  }

  @Test
  void a_row_of_a_wrong_clock_costs_the_others_no_rate() throws SQLException {
    platform.stat(9, 2_208_988_800L, 5, 5, 1);
    JsonNode document = new ObjectMapper().readTree(cli.out("stats", "--json"));
    assertEquals(1000, document.get("policies").get(0).get("bytes_per_second").asDouble());
    assertTrue(document.get("policies").get(2).get("bytes_per_second").isNull());
  }

  @Test
  void raw_rates_are_bits_a_second_with_three_decimals_at_most() throws SQLException {
    stat(7, "14:00", 1607, 160_007, 4);
    String raw = cli.out("stats", "--raw-numbers", "-p", "voice");
    assertTrue(raw.contains("  0.933 "), raw);
    assertTrue(raw.contains("  RATE BIT/S  "), raw);
    assertEquals(
        "RATE BIT/S\n     0.933\n",
        cli.out("stats", "--raw-numbers", "-q", "-p", "voice", "--columns", "rate bit/s"));
  }

  @Test
  void a_width_in_the_environment_holds_in_a_pipe_too() throws SQLException {
    stat(7, "13:58", 1, 1, 1);
    assertTrue(cli.out("stats").contains("  AGE  ID\n"));
    assertTrue(cli.env("COLUMNS", "40").out("stats").lines().allMatch(line -> line.length() <= 40));
    assertTrue(cli.env("COLUMNS", "40").out("stats", "--wide").contains("  AGE  ID\n"));
    assertTrue(cli.env("COLUMNS", "0").out("stats").contains("  AGE  ID\n"));
  }

  @Test
  void eighty_columns_are_enough_for_large_numbers() throws SQLException {
    platform.policy(11, "a policy with quite a long name, as people give", 1000, "{}");
    stat(11, "13:58", 0, 0, 0);
    stat(11, "13:59", 123_456_789_012L, 123_456_789_012_345L, 1_234_567);
    Outcome outcome = cli.onTerminal(80, 24).run("stats");
    assertTrue(outcome.out().lines().allMatch(line -> line.length() <= 80), outcome::toString);
    assertTrue(outcome.out().contains("RATE      FLOWS\n"), outcome::toString);
  }

  @Test
  void programs_get_the_names_of_the_database_and_exact_numbers() {
    JsonNode document = new ObjectMapper().readTree(cli.out("stats", "--json", "-p", "web"));
    assertEquals(1, document.get("schema").asInt());
    assertEquals("snapshot", document.get("source").asString());
    assertEquals("2026-11-23T13:59:00Z", document.get("as_of").asString());
    JsonNode web = document.get("policies").get(0);
    assertEquals("18446744073709551614", web.get("policy_id").asString());
    assertEquals(6_000, web.get("bytes_matched").asLong());
    assertEquals(100.0, web.get("bytes_per_second").asDouble());
    assertEquals("2026-11-23T13:59:00Z", web.get("last_updated").asString());
    assertEquals(6_000, document.get("totals").get("bytes_matched").asLong());
    assertTrue(document.get("unmatched").isNull());
  }

  @Test
  void rows_are_sorted_and_cut() {
    assertEquals(
        "name\r\nweb\r\nvoice\r\n",
        cli.out("stats", "--sort", "flows", "-n", "2", "--columns", "name", "-o", "csv"));
    assertEquals(
        "name\r\nvoice\r\nweb\r\nidle\r\n",
        cli.out("stats", "--sort", "rate", "--columns", "name", "-o", "csv"));
    assertEquals(
        "name\r\nidle\r\nvoice\r\nweb\r\n",
        cli.out("stats", "--sort", "name", "--columns", "name", "-o", "csv"));
  }

  @Test
  void the_total_is_that_of_all_however_many_are_shown() {
    ObjectMapper json = new ObjectMapper();
    JsonNode one = json.readTree(cli.out("stats", "--json", "-n", "1"));
    JsonNode all = json.readTree(cli.out("stats", "--json"));
    assertEquals(all.get("totals"), one.get("totals"));
    assertEquals(1, one.get("policies").size());
  }

  @Test
  void where_nothing_was_ever_counted_an_age_is_exceeded() throws SQLException {
    platform.run("DELETE FROM sdwan_policy_stats");
    Outcome outcome = cli.run("stats", "--alert", "age>5min");
    assertEquals(ExitCode.LIMIT_EXCEEDED, outcome.exitCode());
    assertEquals(
        "patronus: no traffic was ever counted, and the limit is age>5min\n", outcome.err());
  }

  @Test
  void a_limit_that_is_exceeded_ends_with_ten_and_says_which() {
    Outcome outcome =
        cli.run(
            "stats",
            "--json",
            "--alert",
            "voice:bytes>100kB",
            "--alert",
            "flows<9",
            "--alert",
            "total:byte-rate>1Mbit/s",
            "--alert",
            "age>30s");
    assertEquals(ExitCode.LIMIT_EXCEEDED, outcome.exitCode());
    List<String> expected =
        List.of(
            "voice: bytes is 160 kB (snapshot of 1 min ago), and the limit is voice:bytes>100kB",
            "voice: flows is 4 (snapshot of 1 min ago), and the limit is flows<9",
            "web: flows is 8 (snapshot of 1 min ago), and the limit is flows<9",
            "idle: flows is 0, and the limit is flows<9",
            "voice: age is 1 min, and the limit is age>30s",
            "web: age is 1 min, and the limit is age>30s");
    assertEquals(
        expected.stream().map(text -> "patronus: " + text).toList(),
        outcome.err().lines().toList());
    JsonNode alerts = new ObjectMapper().readTree(outcome.out()).get("alerts");
    assertEquals(expected, alerts.values().stream().map(JsonNode::asString).toList());
    JsonNode details = new ObjectMapper().readTree(outcome.out()).get("alert_details");
    assertEquals(
        expected, details.values().stream().map(each -> each.get("message").asString()).toList());
    JsonNode voice = details.get(0);
    assertEquals("voice", voice.get("policy").asString());
    assertEquals("bytes", voice.get("measure").asString());
    assertEquals(160_000, voice.get("value").asLong());
    assertEquals(100_000, voice.get("bound").asLong());
    assertEquals("voice:bytes>100kB", voice.get("limit").asString());
  }

  @Test
  void the_limit_of_a_rate_is_told_as_the_table_shows_rates() {
    assertEquals(
        "patronus: voice: byte-rate is 8.00 kbit/s (snapshot of 1 min ago), and the limit is 400 bit/s"
            + " (voice:byte-rate>50)\n",
        cli.run("stats", "--alert", "voice:byte-rate>50").err());
  }

  @Test
  void limits_that_are_kept_end_with_nought() {
    cli.out("stats", "--alert", "total:packets>1M", "--alert", "age>5min");
    assertEquals(ExitCode.USAGE, cli.run("stats", "--alert", "warmth>5").exitCode());
    assertEquals(ExitCode.NOT_FOUND, cli.run("stats", "--alert", "vioce:flows>5").exitCode());
  }

  @Test
  void rows_that_cannot_be_true_cost_the_others_nothing() throws SQLException {
    platform.run("PRAGMA ignore_check_constraints = ON");
    platform.run(
        "INSERT INTO sdwan_policy_stats VALUES (900, 7, 9223372036854775806, 'many', -5, x'00')");
    platform.run(
        "INSERT INTO sdwan_policy_stats VALUES"
            + " (901, -2, 1795442400, 9223372036854775807, 9223372036854775807, 1)");
    platform.run(
        "INSERT INTO sdwan_policy_stats VALUES (902, 9, 1795442400, 9223372036854775807, 5, 1)");
    JsonNode document = new ObjectMapper().readTree(cli.out("stats", "--json"));
    assertEquals(
        Long.MAX_VALUE, document.get("totals").get("packets_matched").asLong(), "and no overflow");
    assertEquals(3, document.get("policies").size());
  }

  @ParameterizedTest
  @EnumSource(Age.class)
  void it_works_on_every_age(Age age) throws SQLException, IOException {
    Path other = Files.createDirectory(folder.resolve("other"));
    try (PlatformDatabase empty = PlatformDatabase.create(other, age)) {
      empty.policy(7, "voice", 100, "{}");
      assertEquals(
          """
          No snapshot yet: no traffic has been saved to this database.

          POLICY   PRIO  ON   PACKETS  BYTES  RATE  FLOWS  AGE  ID
          voice     100  yes        0    0 B     -      0    -  7
          (total)     -  -          0    0 B     -      0    -  -
          """,
          CommandLineRun.on(empty.file()).out("stats"));
    }
  }
}
