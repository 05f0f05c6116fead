package dev.patronus.cli.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// What was rolled up answers as the rows did, and goes on to when they are gone.
class RolledUpHistoryTest {
  private static final String NOW = "2026-11-23T14:07:31Z";
  private static final long BEGIN = Instant.parse("2026-10-10T00:00:00Z").getEpochSecond();
  private static final int DAYS = 44;

  /// Ranges and steps that roll-ups answer, on their borders.
  private static final List<String> QUESTIONS =
      List.of(
          "stats history --since 2026-10-01 --step 1d",
          "stats history --since 2026-10-01 --step 1d --tz Europe/Berlin --by-policy",
          "stats history --range 2026-10 --step 1mo",
          "stats history --since 2026-10-20 --step 6h --tz Asia/Kolkata --rate",
          "stats history --since 2026-10-11T03:05Z --until 2026-10-29T23:50Z --step 1h",
          "report --since 2026-10-12 --step 1d",
          "export stats --since 2026-10-12 --step 1h --values delta",
          "export stats --range 2026-10 --step 1d --values rate --policy web");

  @TempDir Path folder;
  private PlatformDatabase platform;
  private CommandLineRun cli;

  /// Two policies and unmatched traffic, rows every 20 minutes for 44 days; counters are reset each
  /// week, and a night is missing.
  @BeforeEach
  void create() throws SQLException, IOException {
    platform = PlatformDatabase.create(folder, Age.NEWEST);
    cli = CommandLineRun.on(platform.file()).at(NOW);
    platform.policy(7, "voice", 100, "{}").policy(-2, "web", 50, "{}");
    platform.run(
        "CREATE TABLE patronus_unmatched_stats (timestamp INTEGER PRIMARY KEY,"
            + " packets INTEGER NOT NULL, bytes INTEGER NOT NULL, active_flows INTEGER NOT NULL)");
    platform.inOneTransaction(this::fill);
  }

  private void fill() throws SQLException {
    for (int i = 0; i < DAYS * 72; i++) {
      if (i < 1500 || i > 1530) {
        long second = BEGIN + i * 1200L + i % 7;
        long count = i % (7 * 72);
        platform.stat(7, second, count * 50, count * 10_000 + i % 11, 3);
        platform.stat(-2, second, count * count, count * count * 900, i % 40);
        platform.run(
            "INSERT INTO patronus_unmatched_stats VALUES (?, ?, ?, ?)", second, i, i * 77L, 1);
      }
    }
  }

  @AfterEach
  void close() throws SQLException {
    platform.close();
  }

  private List<String> answers(String format) {
    List<String> answers = new ArrayList<>();
    for (String question : QUESTIONS) {
      List<String> words = new ArrayList<>(List.of(question.split(" ", -1)));
      words.addAll(List.of("-o", format));
      answers.add(cli.out(words.toArray(String[]::new)));
    }
    return answers;
  }

  private void purge() throws SQLException {
    long before = Instant.parse(NOW).getEpochSecond() - 30 * 86_400L;
    platform.run("DELETE FROM sdwan_policy_stats WHERE timestamp < ?", before);
  }

  @Test
  void steps_are_those_of_the_rows() {
    List<String> ofRows = answers("csv");
    cli.out("db", "migrate");
    List<String> rolledUp = answers("csv");
    for (int i = 0; i < QUESTIONS.size(); i++) {
      assertEquals(ofRows.get(i), rolledUp.get(i), QUESTIONS.get(i));
    }
  }

  @Test
  void the_platforms_purge_changes_no_answer() throws SQLException {
    cli.out("db", "migrate");
    List<String> before = answers("json");
    purge();
    assertEquals(before, answers("json"));
    platform.run("DELETE FROM patronus_unmatched_stats");
    platform.run("DELETE FROM sdwan_policy_stats");
    assertEquals(before, answers("json"));
  }

  @Test
  void a_deleted_policy_keeps_its_history_and_its_name() throws SQLException {
    cli.out("db", "migrate");
    String[] question = {"stats", "history", "--since", "2026-10-01", "--step", "1d", "-ojson"};
    String before = cli.out(question);
    platform.run("DELETE FROM sdwan_policy_stats WHERE policy_id = 7");
    platform.run("DELETE FROM sdwan_policies WHERE policy_id = 7");
    assertTrue(before.contains("\"voice\""), before);
    assertEquals(before.replaceFirst("\"deleted\":false", "\"deleted\":true"), cli.out(question));
  }

  @Test
  void percentiles_are_those_of_five_minutes_whatever_the_step() {
    String[] days = {"stats", "history", "--since", "2026-10-12", "--step", "1d", "-ojson"};
    String[] fine = {"stats", "history", "--since", "2026-10-12", "--step", "5m", "-ojson"};
    JsonNode ofRows = new ObjectMapper().readTree(cli.out(days));
    assertEquals("1d", ofRows.path("percentile_step").asString());
    cli.out("db", "migrate");
    JsonNode rolledUp = new ObjectMapper().readTree(cli.out(days));
    assertEquals("5m", rolledUp.path("percentile_step").asString());
    assertEquals("1d", rolledUp.path("highest_step").asString());
    assertNotEquals(percentile(ofRows), percentile(rolledUp));
    assertEquals(percentile(new ObjectMapper().readTree(cli.out(fine))), percentile(rolledUp));
    String text = cli.out("stats", "history", "--since", "2026-10-12", "--step", "1d");
    assertTrue(text.contains(" steps of 5m; "), text);
  }

  private static double percentile(JsonNode answer) {
    return answer.path("totals").path("bytes_per_second_95th").asDouble();
  }

  @Test
  void a_range_is_read_from_border_to_border_and_says_so() throws SQLException {
    cli.out("db", "migrate");
    String[] question = {
      "stats",
      "history",
      "--since",
      "2026-10-12T10:07:30Z",
      "--until",
      "2026-10-13T00:02Z",
      "-ojson"
    };
    String before = cli.out(question);
    assertTrue(before.contains("2026-10-12T10:05:00Z"), before);
    assertTrue(before.contains("2026-10-13T00:05:00Z"), before);
    purge();
    assertEquals(before, cli.out(question));
  }

  @Test
  void steps_that_need_rows_that_are_gone_are_refused() throws SQLException {
    cli.out("db", "migrate");
    purge();
    Outcome outcome =
        cli.run("stats", "history", "--range", "2026-10-20..2026-10-25", "--step", "1m");
    outcome.failed(
        ExitCode.REFUSED,
        "steps of 1m need the rows of snapshots, which are kept since 2026-10-24T14:20:01Z; use"
            + " --since 2026-10-24T14:20:01Z, or --step 5m");
    cli.out("stats", "history", "--since", "2026-11-22", "--step", "1m");
  }

  @Test
  void without_a_step_none_is_taken_that_is_finer_than_snapshots_are_apart() throws SQLException {
    cli.out("db", "migrate");
    purge();
    String out =
        cli.out("stats", "history", "--range", "2026-10-20T10:00..2026-10-20T11:00", "--json");
    assertTrue(out.contains("\"step\": \"30m\""), out);
  }

  @Test
  void rows_that_came_later_are_added() throws SQLException {
    cli.out("db", "migrate");
    String[] question = {"stats", "history", "--since", "2026-11-20", "--step", "1d", "-ocsv"};
    String before = cli.out(question);
    platform.stat(7, BEGIN + DAYS * 86_400L, 1, 1, 1).stat(7, BEGIN + DAYS * 86_400L, 5, 9, 1);
    String after = cli.out(question);
    assertNotEquals(before, after);
    platform.run("DROP TABLE patronus_days");
    assertEquals(cli.out(question), after);
  }
}
