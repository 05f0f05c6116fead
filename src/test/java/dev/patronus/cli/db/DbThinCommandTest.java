package dev.patronus.cli.db;

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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DbThinCommandTest {
  private static final long NOW = Instant.parse("2026-11-23T14:00:00Z").getEpochSecond();

  @TempDir private Path folder;
  private PlatformDatabase database;

  @BeforeEach
  void make() throws SQLException, IOException {
    database = PlatformDatabase.create(folder, Age.NEWEST);
    database.policy(-1, "voice", 1, "{}");
    database.inOneTransaction(() -> {
      for (int i = 0; i < 600; i++) {
        database.stat(-1, NOW - 86_400 * 3 + i * 60L, i, i * 100L, 1);
      }
    });
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
  }

  private CommandLineRun cli() {
    return CommandLineRun.on(database.file());
  }

  private long rows() throws SQLException {
    return database.number("SELECT count(*) FROM sdwan_policy_stats");
  }

  @Test
  void it_shows_first_and_changes_nothing() throws Exception {
    assertEquals(
        """
        TABLE               ROWS
        sdwan_policy_stats   479

        479 rows would be deleted.
        """,
        cli().out("db", "thin", "--dry-run"));
    assertEquals(600, rows());
    assertEquals(0, database.number("SELECT count(*) FROM audit_logs"));
  }

  @Test
  void without_a_terminal_it_refuses() throws Exception {
    cli()
        .run("db", "thin")
        .failed(
            ExitCode.REFUSED,
            "not confirmed: no terminal for the question; add --yes to proceed, or"
                + " --dry-run to preview");
    assertEquals(600, rows());
  }

  @Test
  void on_a_terminal_it_asks() throws Exception {
    Outcome no = cli().onTerminal(100, 24).typing("n\n").run("db", "thin");
    assertEquals(ExitCode.REFUSED, no.exitCode(), no.toString());
    assertTrue(
        no.err()
            .contains(
                "479 rows would be deleted.\nKeep '1m:2d 5m:14d 1h:397d 1d:forever' and delete"),
        no.toString());
    assertEquals(600, rows());
  }

  @Test
  void confirmed_it_deletes_and_leaves_a_row_in_the_audit_trail() throws Exception {
    assertEquals(
        """
        TABLE               ROWS
        sdwan_policy_stats   479

        Deleted 479 rows of 600; new rows fill the space.
        """,
        cli().out("db", "thin", "--yes"));
    assertEquals(121, rows());
    assertEquals(599, database.number("SELECT max(packets_matched) FROM sdwan_policy_stats"));
    assertEquals(
        1, database.number("SELECT count(*) FROM audit_logs WHERE event_type = 'database_thin'"));
    assertTrue(cli().out("db", "thin", "--yes").contains("Deleted 0 rows of 121"));
  }

  @Test
  void the_tiers_can_be_chosen() throws Exception {
    assertTrue(
        cli()
            .out("db", "thin", "--retention", "1m:2h 1h:forever", "--yes")
            .contains("Deleted 589"));
    assertEquals(11, rows());
  }

  @Test
  void the_setting_is_the_usual_choice() throws Exception {
    Path config = folder.resolve("patronus.conf");
    Files.writeString(config, "retention = 1m:2h 1h:forever\n");
    String planned = cli().out("db", "thin", "--dry-run", "--config", config.toString());
    assertTrue(planned.contains("589 rows would be deleted"), planned);
  }

  @Test
  void tiers_that_make_no_sense_are_a_usage_error() throws Exception {
    Outcome refused = cli().run("db", "thin", "--retention", "1m", "--yes");
    assertEquals(ExitCode.USAGE, refused.exitCode(), refused.toString());
    assertEquals(1, refused.err().lines().count(), refused.toString());
    assertEquals(600, rows());
  }

  @Test
  void a_database_without_the_table_has_nothing_to_thin() throws Exception {
    Path old = Files.createDirectory(folder.resolve("old"));
    PlatformDatabase.create(old, Age.BEFORE_SPRINT_30).close();
    String planned = CommandLineRun.on(old.resolve("sdwan.db")).out("db", "thin", "--dry-run");
    assertTrue(planned.contains("0 rows would be deleted"), planned);
  }

  @Test
  void an_export_that_goes_on_finds_its_place_after_rows_were_thinned() throws Exception {
    Path state = folder.resolve("state");
    String[] export = {"export", "stats", "--since-last", state.toString(), "--columns", "packets"};
    export[5] = "packets_matched";
    assertEquals(601, cli().out(export).lines().count());
    cli().out("db", "thin", "--yes");
    assertEquals(1, cli().out(export).lines().count());
    database.stat(-1, NOW, 700, 70_000, 1);
    assertEquals("packets_matched\n700\n", cli().out(export).replace("\r", ""));
  }

  @Test
  void history_tells_the_same_sum_before_and_after() throws Exception {
    String[] words = {
      "stats",
      "history",
      "--since",
      "2026-11-20",
      "--until",
      "2026-11-21",
      "--step",
      "1h",
      "-o",
      "csv"
    };
    String before = cli().out(words);
    cli().out("db", "thin", "--yes", "--retention", "1m:2h 1h:forever");
    assertEquals(column(before, "packets_matched"), column(cli().out(words), "packets_matched"));
  }

  private static java.util.List<String> column(String csv, String name) {
    java.util.List<String> lines = csv.lines().toList();
    int at = java.util.List.of(lines.getFirst().split(",", -1)).indexOf(name);
    assertTrue(at >= 0, lines.getFirst());
    return lines.stream().map(line -> line.split(",", -1)[at]).toList();
  }
}
