package dev.patronus.cli.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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

class StatsHistoryCommandTest {
  @TempDir Path folder;
  private PlatformDatabase platform;
  private CommandLineRun cli;

  /// Two policies, an hour from 12:00, a snapshot each ten minutes; voice is reset at 12:30, and
  /// the snapshot of 12:50 is missing.
  @BeforeEach
  void create() throws SQLException, IOException {
    platform = PlatformDatabase.create(folder, Age.NEWEST);
    cli = CommandLineRun.on(platform.file());
    platform.policy(7, "voice", 100, "{}").policy(-2, "web", 50, "{}");
    long[] voice = {1000, 1600, 2200, 300, 900, -1, 2100};
    for (int i = 0; i < voice.length; i++) {
      if (voice[i] >= 0) {
        stat(7, i * 10, voice[i], voice[i] * 100);
        stat(-2, i * 10, i * 60L, i * 6000L);
      }
    }
  }

  @AfterEach
  void close() throws SQLException {
    platform.close();
  }

  private void stat(long policy, int minute, long packets, long bytes) throws SQLException {
    long second = Instant.parse("2026-11-23T12:00:00Z").getEpochSecond() + minute * 60L;
    platform.stat(policy, second, packets, bytes, 3);
  }

  @Test
  void a_row_of_a_wrong_clocks_future_makes_no_steps_until_then() throws SQLException {
    List<String> command = List.of("stats", "history", "--since", "1h", "--step", "1m", "-ocsv");
    String before = cli.out(command.toArray(String[]::new));
    platform.stat(7, Instant.parse("2040-01-01T00:00:00Z").getEpochSecond(), 2200, 220_000, 3);
    assertEquals(before, cli.out(command.toArray(String[]::new)));
  }

  @Test
  void people_see_amounts_with_resets_and_gaps_and_who_carried_most() {
    assertEquals(
        """
        All policies from 2026-11-23 12:00 UTC on, in steps of 10m.
        95th percentile 880 bit/s of 6 steps of 10m; 366 kB in total.
        Counted only until 2026-11-23 13:10:00.

        POLICY   PACKETS    BYTES       95TH  RESETS  GAPS  ID
        voice      3,300   330 kB  800 bit/s       1     1  7
        web          360  36.0 kB   80 bit/s       0     1  18446744073709551614
        (total)    3,660   366 kB  880 bit/s       1     1  -

        TIME                 PACKETS    BYTES  FLOWS  NOTE
        2026-11-23 12:00:00        0      0 B      6
        2026-11-23 12:10:00      660  66.0 kB      6
        2026-11-23 12:20:00      660  66.0 kB      6
        2026-11-23 12:30:00      360  36.0 kB      6  reset
        2026-11-23 12:40:00      660  66.0 kB      6
        2026-11-23 12:50:00        -        -      -  gap
        2026-11-23 13:00:00    1,320   132 kB      6  gap
        """,
        cli.out("stats", "history", "--since", "2026-11-23T12:00Z", "--step", "10m"));
  }

  @Test
  void a_range_of_which_only_a_part_was_counted_says_so() {
    assertTrue(
        cli.out("stats", "history", "--since", "2026-11-23T10:00Z", "--step", "10m")
            .contains("\nCounted only from 2026-11-23 12:00:00 to 2026-11-23 13:10:00.\n"));
    assertFalse(
        cli.at("2026-11-23T13:05:00Z")
            .out("stats", "history", "--since", "2026-11-23T12:00Z", "--step", "10m")
            .contains("Counted only"));
    String json =
        cli.out(
            "stats",
            "history",
            "--since",
            "2026-11-23T10:00Z",
            "--until",
            "2026-11-23T14:00Z",
            "--step",
            "10m",
            "--json");
    assertTrue(json.contains("\"range_seconds\": 14400"), json);
    assertTrue(json.contains("\"gaps\": 1, \"elapsed_seconds\": 3600}"), json);
  }

  @Test
  void the_steps_can_be_sorted_and_the_first_shown() {
    assertEquals(
        "time,bytes_matched\r\n2026-11-23T13:00:00Z,132000\r\n2026-11-23T12:10:00Z,66000\r\n",
        cli.out(
            "stats",
            "history",
            "--since",
            "2026-11-23T12:00Z",
            "--step",
            "10m",
            "--sort",
            "bytes",
            "-n",
            "2",
            "-o",
            "csv",
            "--columns",
            "time,bytes_matched"));
    assertEquals(
        ExitCode.USAGE,
        cli.run("stats", "history", "--since", "2026-11-23T12:00Z", "--sort", "size").exitCode());
  }

  @Test
  void a_day_that_is_not_over_is_estimated() {
    String[] words = {"stats", "history", "--range", "2026-11-23..", "--step", "1d", "--no-chart"};
    String text = cli.out(words);
    assertTrue(
        text.contains(
            "Estimate until 2026-11-24 00:00:00: 4.03 MB (366 kB so far, and their mean rate for"
                + " the rest of the step)."),
        text);
    JsonNode document =
        new ObjectMapper()
            .readTree(
                cli.out("stats", "history", "--range", "2026-11-23..", "--step", "1d", "--json"));
    assertEquals(366_000, document.get("estimate").get("bytes_matched").asLong());
    assertEquals(4_026_000, document.get("estimate").get("estimated_bytes").asLong());
    JsonNode hours =
        new ObjectMapper()
            .readTree(cli.out("stats", "history", "--since", "today", "--step", "1h", "--json"));
    assertTrue(hours.get("estimate").isNull(), hours::toString);
  }

  @Test
  void quiet_says_nothing_where_nothing_was_counted() {
    assertEquals("", cli.out("stats", "history", "--range", "2026-01", "-q"));
  }

  @Test
  void the_first_step_of_a_range_is_compared_with_what_was_before() {
    assertEquals(
        """
        timestamp,time,packets_matched,bytes_matched,packets_per_second,bytes_per_second,active_flows,elapsed_seconds,resets,gap
        1795436400,2026-11-23T12:20:00Z,660,66000,1.1,110.0,6,600,0,false
        1795437000,2026-11-23T12:30:00Z,360,36000,0.6,60.0,6,600,1,false
        """,
        cli.out(
                "stats",
                "history",
                "--range",
                "2026-11-23T12:20Z..2026-11-23T12:40Z",
                "--step",
                "10m",
                "-o",
                "csv")
            .replace("\r\n", "\n"));
  }

  private void unmatched(int minute, long packets) throws SQLException {
    long second = Instant.parse("2026-11-23T12:00:00Z").getEpochSecond() + minute * 60L;
    platform.run(
        "INSERT INTO patronus_unmatched_stats VALUES (?, ?, ?, 1)", second, packets, packets * 100);
  }

  @Test
  void unmatched_traffic_stands_below_the_policies_and_adds_up() throws SQLException {
    cli.out("db", "migrate");
    for (int i = 0; i <= 6; i++) {
      unmatched(i * 10, i * 600L);
    }
    cli.out("db", "migrate");
    String[] words = {
      "stats", "history", "--since", "2026-11-23T12:00Z", "--step", "10m", "--no-chart"
    };
    String text = cli.out(words);
    assertTrue(text.contains("; 366 kB matched, 360 kB unmatched, 726 kB in all.\n"), text);
    assertTrue(
        text.contains(
            """
            (total matched)    3,660   366 kB    880 bit/s       1     1  -
            (unmatched)        3,600   360 kB    800 bit/s       0     0  -
            (all traffic)      7,260   726 kB  1.68 kbit/s       1     1  -
            """),
        text);
    JsonNode document =
        new ObjectMapper()
            .readTree(
                cli.out(
                    "stats", "history", "--since", "2026-11-23T12:00Z", "--step=10m", "--json"));
    assertEquals(3_600, document.get("unmatched").get("packets_matched").asLong());
    assertEquals(3_660, document.get("totals").get("packets_matched").asLong());
    assertEquals(7_260, document.get("all_traffic").get("packets_matched").asLong());
    JsonNode report =
        new ObjectMapper()
            .readTree(cli.out("report", "--since", "2026-11-23T12:00Z", "--step=10m", "-ojson"));
    for (String sum : List.of("unmatched", "totals", "all_traffic")) {
      assertEquals(
          document.get(sum).get("packets_matched"), report.get(sum).get("packets_matched"), sum);
    }
    JsonNode one =
        new ObjectMapper()
            .readTree(cli.out("stats", "history", "-p7", "--since", "2026-11-23T12:00Z", "--json"));
    assertTrue(one.get("unmatched").isNull() && one.get("all_traffic").isNull(), one::toString);
  }

  @Test
  void a_deleted_policy_is_found_by_its_name_and_marked() throws SQLException {
    cli.out("db", "migrate");
    platform.run("DELETE FROM sdwan_policies WHERE policy_id = 7");
    String[] words = {"stats", "history", "--since", "2026-11-23T12:00Z", "-p", "voice"};
    String text = cli.out(words);
    assertTrue(text.startsWith("voice (deleted) from 2026-11-23 12:00 UTC on"), text);
    assertTrue(text.contains("\nvoice (deleted)    3,300  330 kB"), text);
    JsonNode document =
        new ObjectMapper()
            .readTree(
                cli.out(
                    "stats", "history", "--since", "2026-11-23T12:00Z", "-p", "voice", "--json"));
    assertEquals("voice", document.get("policies").get(0).get("name").asString());
    assertTrue(document.get("policies").get(0).get("deleted").asBoolean());
    assertEquals("7", document.get("asked").get("policies").get(0).asString());
    String exported =
        cli.out(
            "export",
            "stats",
            "-p",
            "voice",
            "--step=1h",
            "--values=delta",
            "--columns",
            "packets_matched,policy_name");
    assertTrue(exported.endsWith(",voice\r\n"), exported);
    platform.policy(8, "voice", 100, "{}");
    assertEquals(
        "voice from",
        cli.out(words).substring(0, "voice from".length()),
        "a policy that is there goes first");
    assertEquals(ExitCode.NOT_FOUND, cli.run("stats", "history", "-p", "nobody").exitCode());
  }

  @Test
  void one_policy_alone_as_rates() {
    assertEquals(
        """
        voice from 2026-11-23 12:00 UTC on, in steps of 30m.
        95th percentile 800 bit/s of 3 steps of 30m; 330 kB in total.

        POLICY  PACKETS   BYTES       95TH  RESETS  GAPS  ID
        voice     3,300  330 kB  800 bit/s       1     0  7

        TIME                 PACKETS/S       RATE  FLOWS  NOTE
        2026-11-23 13:00:00        1.0  800 bit/s      3  only 20m
        """,
        cli.out(
            "stats",
            "history",
            "-p",
            "voice",
            "--since",
            "2026-11-23T12:00Z",
            "--step",
            "30m",
            "--rate",
            "-n",
            "1"));
  }

  @Test
  void a_document_has_rows_policies_and_totals() {
    JsonNode document =
        new ObjectMapper()
            .readTree(cli.out("stats", "history", "--step", "1h", "--by-policy", "--json"));
    assertEquals("1h", document.get("asked").get("step").asString());
    assertEquals(4, document.get("rows").size());
    assertEquals("7", document.get("rows").get(0).get("policy_id").asString());
    assertEquals(2, document.get("policies").size());
    assertEquals(366_000, document.get("totals").get("bytes_matched").asLong());
    assertEquals(1, document.get("totals").get("resets").asInt());
  }

  @Test
  void a_restart_that_resets_all_policies_is_one_reset() throws SQLException {
    stat(7, 70, 5, 500);
    stat(-2, 70, 5, 500);
    JsonNode document =
        new ObjectMapper().readTree(cli.out("stats", "history", "--step", "1h", "--json"));
    assertEquals(2, document.get("totals").get("resets").asInt(), "12:30 and 13:10");
    assertEquals(1, document.get("rows").get(1).get("resets").asInt());
    String people = cli.out("stats", "history", "--since", "2h", "--step", "10m");
    assertFalse(people.contains("2 resets"), people);
  }

  @Test
  void a_default_step_is_no_finer_than_the_snapshots_so_that_no_healthy_hour_is_a_gap() {
    JsonNode document =
        new ObjectMapper().readTree(cli.out("stats", "history", "--since", "2h", "--json"));
    assertEquals("10m", document.get("asked").get("step").asString());
    assertEquals(1, document.get("totals").get("gaps").asInt(), "the snapshot of 12:50");
  }

  @Test
  void a_person_at_a_terminal_gets_a_chart_that_fits() {
    Outcome outcome =
        cli.onTerminal(60, 24).run("stats", "history", "--since", "2026-11-23T12:00Z");
    assertTrue(outcome.out().contains("┼┬────"), outcome::toString);
    assertTrue(outcome.out().lines().allMatch(line -> line.length() <= 60), outcome::toString);
    assertEquals("", outcome.err());
    Outcome plain = cli.onTerminal(60, 24).run("stats", "history", "--no-chart");
    assertFalse(plain.out().contains("┼"), plain::toString);
  }

  @Test
  void a_row_that_cannot_be_true_is_passed_over_and_told() throws SQLException {
    platform.run("INSERT INTO sdwan_policy_stats VALUES (900, 7, 1795439000, 'many', -5, 0)");
    String out = cli.out("stats", "history", "--since", "2026-11-23T12:00Z", "--step", "1h");
    assertTrue(out.endsWith("1 row was skipped: its counters are implausible.\n"), out);
    assertTrue(out.contains("366 kB in total"), out);
  }

  @Test
  void before_the_first_row_nothing_was_counted() {
    String out = cli.out("stats", "history", "--until", "2020-01-01");
    assertTrue(out.contains("No traffic was counted in this period."), out);
  }

  @Test
  void too_many_rows_are_refused_with_another_way() {
    Outcome outcome = cli.run("stats", "history", "--since", "2025-11-23", "--step", "1m");
    outcome.failed(
        ExitCode.USAGE,
        "that would be about 526,440 rows; choose a longer --step, or a shorter"
            + " range, or stream them with 'patronus export stats --step 1m --values delta'");
  }

  @ParameterizedTest
  @EnumSource(Age.class)
  void it_works_on_every_age(Age age) throws SQLException, IOException {
    Path other = Files.createDirectory(folder.resolve("other"));
    try (PlatformDatabase empty = PlatformDatabase.create(other, age)) {
      CommandLineRun on = CommandLineRun.on(empty.file());
      assertTrue(on.out("stats", "history").contains("No traffic was counted in this period."));
      assertEquals(
          0, new ObjectMapper().readTree(on.out("stats", "history", "--json")).get("rows").size());
      assertEquals(1, on.out("stats", "history", "-o", "csv").lines().count());
    }
  }
}
