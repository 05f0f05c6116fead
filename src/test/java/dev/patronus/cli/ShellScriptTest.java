package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `patronus shell` with commands from standard input or a file.
class ShellScriptTest {
  private static final String BERLIN = "0b6f1a52-6f5e-4b4e-9d7b-1c2d3e4f5a6b";
  private static final String NEW_YORK = "7c1e2d3f-0000-4000-8000-000000000001";

  @TempDir private Path folder;
  private PlatformDatabase database;

  @BeforeEach
  void makeDatabase() throws SQLException, IOException {
    database =
        PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST)
            .site(BERLIN, "berlin")
            .site(NEW_YORK, "new york")
            .policy(-1, "voice", 10, "{\"protocol\":17}")
            .policy(2, "office", 5, "{}");
  }

  @AfterEach
  void closeDatabase() throws SQLException {
    database.close();
  }

  private Outcome script(String lines, String... options) {
    String[] words = new String[options.length + 1];
    words[0] = "shell";
    System.arraycopy(options, 0, words, 1, options.length);
    return CommandLineRun.on(database.file()).typing(lines).run(words);
  }

  /// What a script prints that says nothing on stderr and ends well.
  private String out(String lines, String... options) {
    Outcome outcome = script(lines, options);
    assertEquals(ExitCode.DONE, outcome.exitCode(), outcome::toString);
    assertEquals("", outcome.err());
    return outcome.out();
  }

  @Test
  void the_commands_of_a_script_answer_one_after_the_other() {
    String alone = CommandLineRun.on(database.file()).out("site", "list");
    assertEquals(alone + alone, out("site list\n\n# a comment\npatronus site list # another\n"));
  }

  @Test
  void what_a_query_may_not_the_commands_behind_it_may() {
    String query = "sql select count(*) as sites from sdwan_sites\n";
    Path copy = folder.resolve("copy.db");
    Outcome outcome =
        script(query + "db backup " + copy + "\n" + query + "site delete berlin --yes\n" + query);
    assertEquals(ExitCode.DONE, outcome.exitCode(), outcome::toString);
    assertTrue(outcome.out().endsWith("SITES\n    1\n"), outcome.out());
    assertTrue(Files.exists(copy), outcome::toString);
  }

  @Test
  void it_ends_at_the_first_failure_with_its_exit_code_and_line() {
    Outcome outcome = script("# sites\nsite show berlin --json\nsite show rome\nsite list\n");
    assertEquals(ExitCode.NOT_FOUND, outcome.exitCode());
    assertEquals(
        """
        patronus: site 'rome' not found; 'patronus site list' shows the 2 that exist
        patronus: stopped at line 3: exit code 3
        """,
        outcome.err());
    assertFalse(outcome.out().contains("SITE"), outcome.out());
  }

  @Test
  void a_word_that_is_no_command_ends_it_with_wrong_usage() {
    Outcome outcome = script("stat\n");
    assertEquals(ExitCode.USAGE, outcome.exitCode());
    assertTrue(outcome.err().contains("did you mean 'stats'?"), outcome.err());
    assertTrue(outcome.err().endsWith("patronus: stopped at line 1: exit code 2\n"), outcome.err());
  }

  @Test
  void exit_with_a_code_ends_it_with_that_code() {
    Outcome outcome = script("exit 3\nsite list\n");
    assertEquals(ExitCode.NOT_FOUND, outcome.exitCode());
    assertEquals("", outcome.out() + outcome.err());
  }

  @Test
  void exit_with_a_code_that_no_command_has_is_wrong_usage() {
    Outcome outcome = script("exit 42\nsite list\n");
    assertEquals(ExitCode.USAGE, outcome.exitCode());
    assertTrue(outcome.err().contains("exit takes one exit code, as in 'exit 3'"), outcome.err());
    assertEquals("", outcome.out());
  }

  @Test
  void exit_ends_it_well_before_its_end() {
    assertEquals("", out("exit\nsite show rome\n"));
    assertEquals("", out("quit\nsite show rome\n"));
    assertEquals("", out(""));
  }

  @Test
  void a_question_is_refused_without_a_terminal() throws SQLException {
    Outcome outcome = script("site delete berlin\ny\n");
    assertEquals(ExitCode.REFUSED, outcome.exitCode());
    assertTrue(outcome.err().contains("add --yes to proceed"), outcome.err());
    assertEquals(2, database.number("SELECT count(*) FROM sdwan_sites"));
  }

  @Test
  void what_leads_into_a_file_in_other_shells_is_told_of_the_way_here() {
    for (String line : new String[] {"site list > x.csv", "site list >>x", "site list 2>&1"}) {
      Outcome outcome = script(line + "\n");
      assertEquals(ExitCode.USAGE, outcome.exitCode());
      assertTrue(outcome.err().contains("'export' has --file"), outcome.err());
      assertEquals("", outcome.out());
    }
    assertEquals("1\n", out("sql select 2 > 1 | include 1 | count"));
  }

  @Test
  void help_goes_through_what_follows_it() {
    assertEquals(out("site list --help | count"), out("help site list | count"));
    assertTrue(
        out("help site | include 'Restore deleted'").startsWith("  restore"), "a line of the help");
    Outcome outcome = script("help shutdown\n");
    assertEquals(ExitCode.USAGE, outcome.exitCode());
    assertTrue(outcome.err().startsWith("patronus: unknown command 'shutdown'"), outcome.err());
  }

  @Test
  void names_with_blanks_stand_in_quotes() {
    String expected = CommandLineRun.on(database.file()).out("site", "show", "new york");
    assertEquals(expected, out("site show 'new york'\n"));
    assertEquals(expected, out("site show new\\ york\n"));
    assertEquals(expected, out("site show \"new york\""));
  }

  @Test
  void a_quote_that_is_left_open_is_an_error_of_its_line() {
    Outcome outcome = script("site list --json\nsite show 'new york\n");
    assertEquals(ExitCode.USAGE, outcome.exitCode());
    assertEquals("patronus: stopped at line 2: missing closing quote\n", outcome.err());
  }

  @Test
  void a_line_goes_on_behind_a_backslash() {
    assertEquals("2\n", out("site list \\\n  | count\n"));
  }

  @Test
  void rows_are_chosen_by_a_text_in_them_and_keep_their_heading() {
    String chosen = out("policy list | include VOICE");
    assertEquals(2, chosen.lines().count(), chosen);
    assertTrue(chosen.contains("18446744073709551615"), chosen);
    assertTrue(out("policy list | exclude VOICE").contains("office"));
    assertFalse(out("policy list | exclude VOICE").contains("voice"));
  }

  @Test
  void rows_are_counted_not_lines() {
    assertEquals("2\n", out("policy list | count"));
    assertEquals("1\n", out("policy list | include voice | count"));
    assertEquals("0\n", out("policy list | include voice | include office | count"));
  }

  @Test
  void chosen_rows_are_a_document_still() {
    String document = out("policy list | json | include voice");
    assertTrue(document.contains("\"schema\": 1"), document);
    assertTrue(document.contains("\"voice\"") && !document.contains("\"office\""), document);
    assertEquals("{\n  \"schema\": 1,\n  \"count\": 2\n}\n", out("policy list | count | json"));
  }

  @Test
  void an_export_is_filtered_while_it_streams() {
    String chosen = out("export sites --columns site_name | include york");
    assertEquals("site_name\n\"new york\"\n", chosen.replace("\r", ""));
    assertEquals("2\n", out("export sites | count"));
    assertEquals("{\"count\":2}\n", out("export sites -o ndjson | count"));
  }

  @Test
  void an_export_as_one_document_has_no_lines_to_choose_from() {
    Outcome outcome = script("export sites | json | include york");
    assertEquals(ExitCode.USAGE, outcome.exitCode());
    assertTrue(outcome.err().contains("try -o ndjson"), outcome.err());
  }

  @Test
  void the_options_of_the_shell_hold_for_its_commands() {
    assertEquals(
        CommandLineRun.on(database.file()).out("site", "list", "--json"),
        out("site list\n", "--json"));
    assertEquals(
        CommandLineRun.on(database.file()).out("site", "list", "-o", "csv"),
        out("site list -o csv\n", "--json"));
    Outcome elsewhere = script("site list\n", "--db", folder.resolve("none.db").toString());
    assertEquals(ExitCode.UNUSABLE_DATABASE, elsewhere.exitCode());
    assertTrue(elsewhere.err().contains("none.db"), elsewhere.err());
  }

  @Test
  void errors_in_it_are_documents_where_those_are_wanted() {
    Outcome outcome = script("site show rome\n", "-o", "json");
    assertTrue(outcome.out().contains("\"error\": \"not_found\""), outcome.out());
  }

  @Test
  void a_script_writes_whole_names() {
    Outcome outcome = script("si li\n");
    assertEquals(ExitCode.USAGE, outcome.exitCode());
    assertTrue(outcome.err().contains("unknown command 'si'"), outcome.err());
  }

  @Test
  void help_is_asked_for_in_three_ways() {
    String help = CommandLineRun.on(database.file()).out("site", "show", "--help");
    assertTrue(help.startsWith("Show a site"), help);
    for (String line :
        List.of("help site show", "site show ?", "site show --help", "? site show")) {
      assertEquals(help.strip(), out(line).strip(), line);
    }
    assertTrue(out("help").contains("Commands:"));
  }

  @Test
  void a_file_is_a_script_too() throws IOException {
    Path file = Files.writeString(folder.resolve("script"), "site list | count\n");
    assertEquals("2\n", out("", file.toString()));
    Outcome missing = script("", folder.resolve("none").toString());
    assertEquals(ExitCode.FAILED, missing.exitCode());
  }

  @Test
  void no_shell_and_no_daemon_start_within_it() {
    assertEquals(ExitCode.REFUSED, script("shell\n").exitCode());
    assertEquals(ExitCode.REFUSED, script("daemon --source conntrack:\n").exitCode());
    assertTrue(script("shell --help\n").out().contains("Ctrl-D"));
  }

  /// Runs a shell whose lines are made while it runs: what stands behind a step happens before the
  /// next line is read.
  private Outcome steps(Step... steps) {
    return CommandLineRun.on(database.file()).run(new StepInput(steps), "shell");
  }

  record Step(String line, Happening before) {}

  interface Happening {
    void happen() throws IOException, SQLException;
  }

  @Test
  void a_database_that_was_replaced_is_opened_anew() throws IOException, SQLException {
    Path other = Files.createDirectory(folder.resolve("other"));
    try (PlatformDatabase next = PlatformDatabase.create(other, PlatformDatabase.Age.NEWEST)) {
      next.site(BERLIN, "tokyo");
    }
    Outcome outcome =
        steps(
            new Step("export sites --columns site_name", () -> {}),
            new Step(
                "export sites --columns site_name",
                () ->
                    Files.move(
                        other.resolve("sdwan.db"),
                        database.file(),
                        StandardCopyOption.REPLACE_EXISTING)));
    assertEquals(ExitCode.DONE, outcome.exitCode(), outcome::toString);
    assertTrue(outcome.out().endsWith("tokyo\r\n"), outcome.out());
    assertTrue(outcome.err().contains("was replaced"), outcome.err());
  }

  @Test
  void a_database_that_is_gone_is_said_to_be_missing() {
    Outcome outcome =
        steps(
            new Step("site list", () -> {}),
            new Step("site list", () -> Files.delete(database.file())));
    assertEquals(ExitCode.UNUSABLE_DATABASE, outcome.exitCode());
    assertTrue(outcome.err().contains("no database at"), outcome.err());
  }

  @Test
  void tables_that_another_program_makes_meanwhile_are_seen() throws SQLException {
    database.run("DROP TABLE sdwan_system_metrics");
    Outcome outcome =
        steps(
            new Step("export system-metrics", () -> {}),
            new Step(
                "export system-metrics | count",
                () -> {
                  database.run(
                      "CREATE TABLE sdwan_system_metrics (metric_id INTEGER PRIMARY KEY,"
                          + " timestamp INTEGER, throughput_mbps REAL, packets_per_second INTEGER,"
                          + " active_flows INTEGER, avg_latency_ms REAL, avg_packet_loss REAL,"
                          + " cpu_usage REAL, memory_usage REAL)");
                  database.run("INSERT INTO sdwan_system_metrics (timestamp) VALUES (1793491200)");
                }));
    assertTrue(outcome.out().endsWith("1\n"), outcome::toString);
  }
}
