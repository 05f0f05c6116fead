package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.RunningProgram;
import dev.patronus.testing.TerminalWindow;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `patronus shell` in a real terminal, and as a process behind a pipe.
class ShellIT {
  private static final String ENDLESS =
      "sql --timeout 1h with recursive c(x) as (select 1 union all select x+1 from c)"
          + " select count(*) from c";

  @TempDir private Path folder;
  private PlatformDatabase database;
  private TerminalWindow window;

  @BeforeEach
  void makeDatabase() throws SQLException, IOException {
    database =
        PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST)
            .site("0b6f1a52-6f5e-4b4e-9d7b-1c2d3e4f5a6b", "berlin")
            .site("7c1e2d3f-0000-4000-8000-000000000001", "new york")
            .site("7c1e2d3f-0000-4000-8000-000000000002", "東京")
            .policy(-1, "voice", 10, "{}");
  }

  @AfterEach
  void close() throws SQLException {
    if (window != null) {
      window.close();
    }
    database.close();
  }

  private Program shell(Object... options) {
    Object[] words = new Object[options.length + 1];
    words[0] = "shell";
    System.arraycopy(options, 0, words, 1, options.length);
    return Program.patronus(words)
        .env("PATRONUS_DB_PATH", database.file())
        .env("XDG_STATE_HOME", folder.resolve("state"));
  }

  private TerminalWindow open(Program program) throws IOException {
    return open(program, 80, 24);
  }

  private TerminalWindow open(Program program, int columns, int lines) throws IOException {
    Tools.require("tmux");
    window = TerminalWindow.open(folder, columns, lines, program);
    window.await(">");
    return window;
  }

  private static long prompts(String screen) {
    return screen.lines().filter(line -> line.contains("no daemon>")).count();
  }

  /// Waits until so many prompts stand there: the command before the last one is done.
  private String awaitPrompts(int count) {
    return window.await(count + " prompts", screen -> prompts(screen) == count);
  }

  private List<String> history() throws IOException {
    return Files.readAllLines(folder.resolve("state/patronus/history"));
  }

  @Test
  void the_prompt_names_the_database_and_misses_the_daemon() throws IOException {
    String screen = open(shell()).screen();
    assertTrue(screen.contains("sdwan.db no daemon>"), screen);
    assertTrue(screen.contains("on " + database.file()), screen);
  }

  @Test
  void a_command_is_typed_completed_and_answered() throws IOException {
    open(shell()).type("pol").press("Tab");
    window.await("policy ");
    window.type("show v").press("Tab");
    window.await("policy show voice");
    window.press("Enter");
    assertTrue(window.await("18446744073709551615").contains("voice"));
  }

  @Test
  void names_come_out_of_the_database_with_their_ids_beside_them() throws IOException {
    open(shell()).type("site show ").press("Tab");
    String screen = window.await("(0b6f1a52-6f5e-4b4e-9d7b-1c2d3e4f5a6b)");
    assertTrue(screen.contains("東京"), screen);
    assertTrue(screen.contains("(berlin)"), screen);
  }

  @Test
  void a_name_that_could_drive_the_terminal_is_neither_offered_nor_shown() throws Exception {
    database.site("aaaaaaaa-0000-4000-8000-000000000003", "red\u001b[31mred\u202egnol");
    database.site("id\u001b[5m", "blink");
    database.site("aaaaaaaa-0000-4000-8000-000000000004", "long".repeat(50));
    open(shell()).type("site show ").press("Tab");
    String screen = window.await("(red\ufffd[31mred\ufffdgnol)");
    assertTrue(screen.contains("longlon…  (aaaaaaaa-0000-4000-8000-000000000004)"), screen);
    assertFalse(window.colours().contains("\u001b[31mred"), window.colours());
    assertFalse(window.colours().contains("\u001b[5m"), window.colours());
  }

  @Test
  void a_question_mark_lists_what_can_stand_there_at_once() throws IOException {
    open(shell()).type("site ").type("?");
    String screen = window.await("(Permanently delete site archives.)");
    assertTrue(screen.contains("restore"), screen);
    assertFalse(screen.contains("site ?"), screen);
    window.type("list").press("Enter");
    assertTrue(window.await("東京").contains("berlin"));
  }

  @Test
  void a_command_may_be_abbreviated_at_the_prompt() throws IOException {
    open(shell()).type("si li").press("Enter");
    assertTrue(window.await("東京").contains("berlin"));
    window.type("site dele berlin").press("Enter");
    window.await("'dele' is ambiguous: delete, deleted");
  }

  @Test
  void what_can_stand_behind_an_abbreviation_is_listed_too() throws IOException {
    open(shell()).type("si ").type("?");
    window.await("(Permanently delete site archives.)");
    window.type("sh ber").press("Tab");
    window.await("si sh berlin");
  }

  @Test
  void the_greeting_keeps_to_a_narrow_screen() throws IOException {
    String screen = open(shell(), 40, 24).screen();
    assertTrue(
        screen.contains("Tab completes, 'help' lists the\ncommands, Ctrl-D leaves."), screen);
  }

  @Test
  void a_name_with_a_blank_is_completed_as_one_word() throws IOException {
    open(shell()).type("site show ne").press("Tab");
    window.await("site show new\\ york");
    window.press("Enter");
    window.await("7c1e2d3f-0000-4000-8000-000000000001");
    window.type("site show \"ne").press("Tab");
    window.await("site show \"new york\"");
  }

  @Test
  void words_have_the_colour_of_what_they_are() throws IOException {
    open(shell()).type("site list --json");
    window.await("list --json");
    assertTrue(window.colours().contains("[36m--json"), window.colours());
    window.press("C-c");
    window.await("a new prompt", screen -> screen.strip().endsWith(">"));
    window.type("syte list");
    window.await("> syte list");
    assertTrue(window.colours().contains("[31msyte"), window.colours());
  }

  @Test
  void with_no_color_there_is_none() throws IOException {
    open(shell().env("NO_COLOR", "1")).type("syte list --json");
    window.await("list --json");
    String coloured = ".*\\u001b\\[[0-9;]*3[1-7]m.*";
    assertTrue(window.colours().lines().noneMatch(line -> line.matches(coloured)), "colours");
  }

  @Test
  void what_comes_next_stands_faintly_behind_the_cursor() throws IOException {
    open(shell()).type("site delete ");
    window.await("[SITE...]  Delete sites and everything that");
    window.press("C-c");
    window.await("a new prompt", screen -> screen.strip().endsWith(">"));
    window.type("stats --sort ");
    window.await("--sort ORDER  priority");
  }

  @Test
  void ctrl_c_ends_the_running_command_and_not_the_shell() throws IOException {
    open(shell()).type(ENDLESS).press("Enter");
    window.await("from c", screen -> screen.contains("from c\n"));
    window.await(
        "the end of the query",
        screen -> {
          window.press("C-c"); // again, where the first came before the query had begun
          return screen.contains("patronus: interrupted");
        });
    window.press("C-c").type("site list | count").press("Enter");
    window.await("\n3\n");
  }

  @Test
  void ctrl_c_in_the_middle_of_a_change_leaves_all_as_it_was() throws Exception {
    database.run(
        "CREATE VIEW slow AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
            + " SELECT x FROM c LIMIT 1000000000000");
    database.run(
        "CREATE TRIGGER slowly AFTER DELETE ON sdwan_sites"
            + " BEGIN SELECT count(*) FROM slow; END");
    database.run("PRAGMA busy_timeout = 0");
    open(shell()).type("site delete berlin --yes").press("Enter");
    window.await("a change at work", _ -> isLocked());
    window.press("C-c");
    window.await("patronus: interrupted");
    awaitPrompts(2);
    assertFalse(isLocked(), "the lock is given back");
    assertEquals(3, database.number("SELECT count(*) FROM sdwan_sites"));
    window.type("site list | count").press("Enter");
    window.await("\n3\n");
  }

  /// A command has been entered that waits for the end of this test's transaction.
  private void enterWhatWaitsForALock() throws Exception {
    Path config = folder.resolve("patronus.conf");
    Files.writeString(config, "busy-timeout = 1h\n");
    database.run("PRAGMA journal_mode = DELETE");
    open(shell().env("PATRONUS_CONFIG", config)).type("site list | count").press("Enter");
    window.await("\n3\n");
    database.run("BEGIN EXCLUSIVE");
    window.type("policy list | count").press("Enter");
    window.await("| count", screen -> screen.contains("policy list | count\n"));
  }

  @Test
  void ctrl_c_ends_the_wait_for_a_lock() throws Exception {
    enterWhatWaitsForALock();
    window.press("C-c");
    window.await("patronus: interrupted");
    database.run("ROLLBACK");
    window.type("policy list | count").press("Enter");
    window.await("\n1\n");
  }

  @Test
  void a_cursor_key_that_is_pressed_while_a_command_runs_works_at_the_next_prompt()
      throws Exception {
    enterWhatWaitsForALock();
    window.await("the terminal's normal mode", _ -> !window.cursorKeysOfApplication());
    window.press("Up", "Enter");
    window.await("^[[A");
    database.run("ROLLBACK");
    window.await("two counts", screen -> screen.lines().filter("1"::equals).count() == 2);
  }

  private boolean isLocked() {
    try {
      database.run("BEGIN IMMEDIATE");
      database.run("ROLLBACK");
      return false;
    } catch (SQLException _) {
      return true;
    }
  }

  @Test
  void ctrl_c_ends_an_export_and_leaves_no_part_of_a_file() throws Exception {
    database.run(
        "INSERT INTO sdwan_policy_stats (policy_id, timestamp, packets_matched, bytes_matched,"
            + " active_flows) WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c"
            + " LIMIT 2000000) SELECT -1, x, x, x, x FROM c");
    Path out = Files.createDirectory(folder.resolve("out"));
    open(shell())
        .type("export stats --values delta -f " + out.resolve("all.csv.gz"))
        .press("Enter");
    window.await("a file that grows", _ -> holdsFiles(out));
    window.press("C-c");
    window.await("patronus: interrupted");
    assertFalse(holdsFiles(out), "what was begun is taken away");
  }

  private static boolean holdsFiles(Path folder) {
    try (var files = Files.list(folder)) {
      return files.findAny().isPresent();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void ctrl_c_at_the_prompt_throws_the_line_away() throws IOException {
    open(shell()).type("site delete berlin --yes").press("C-c");
    long before = prompts(window.await("a new prompt", screen -> prompts(screen) > 1));
    window.press("Enter");
    window.await("another prompt", screen -> prompts(screen) > before);
    assertFalse(window.screen().contains("deleted"), window.screen());
  }

  @Test
  void pasted_lines_are_commands_that_run_one_by_one() throws Exception {
    open(shell()).paste("site delete berlin --yes\nsite show \"new\nyork\"\nsite list | count\n");
    window.await("stopped at command 2 of 3; the rest was not run");
    assertEquals(2, database.number("SELECT count(*) FROM sdwan_sites"));
    assertFalse(window.screen().lines().anyMatch("2"::equals), window.screen());
    assertEquals(
        List.of("site delete berlin --yes", "site show \"new\\nyork\"", "site list | count"),
        history());
  }

  @Test
  void the_last_of_pasted_lines_stays_in_the_editor_until_it_is_entered() throws Exception {
    open(shell()).type("site li").paste("st | count\npolicy list | count");
    window.await("\n3\n");
    String screen = window.await("> policy list | count");
    assertFalse(screen.lines().anyMatch("1"::equals), screen);
    window.press("Enter");
    window.await("\n1\n");
  }

  @Test
  void a_paste_without_a_line_end_runs_nothing() throws IOException {
    open(shell()).paste("site list | ");
    window.await("> site list |");
    window.type("count").press("Enter");
    window.await("\n3\n");
    assertEquals(List.of("site list | count"), history());
  }

  @Test
  void ctrl_r_searches_what_was_typed() throws IOException {
    open(shell()).type("policy list | count").press("Enter");
    awaitPrompts(2);
    window.type("site list | count").press("Enter");
    awaitPrompts(3);
    window.press("C-r").type("poli");
    window.await("bck-i-search: poli");
    window.press("Enter");
    window.await("three counts", screen -> screen.lines().filter("1"::equals).count() == 2);
  }

  @Test
  void a_question_is_asked_and_answered_in_the_same_terminal() throws Exception {
    open(shell()).type("site delete berlin").press("Enter");
    window.await("? [y/N]");
    window.type("n").press("Enter");
    window.await("not confirmed; nothing was changed");
    assertEquals(3, database.number("SELECT count(*) FROM sdwan_sites"));
    window.press("Up", "Enter");
    window.await("a second question", s -> s.stripTrailing().endsWith("? [y/N]"));
    window.type("y").press("Enter");
    window.await("site restore");
    assertEquals(2, database.number("SELECT count(*) FROM sdwan_sites"));
    assertEquals(List.of("site delete berlin"), history(), "an answer is no command");
  }

  @Test
  void ctrl_c_at_a_question_is_a_no() throws Exception {
    open(shell()).type("site delete berlin").press("Enter");
    window.await("? [y/N]");
    window.press("C-c");
    window.await("not confirmed; nothing was changed");
    assertEquals(3, database.number("SELECT count(*) FROM sdwan_sites"));
  }

  @Test
  void ctrl_d_and_exit_leave_with_zero() throws IOException {
    open(shell()).press("C-d");
    window.await("ended with 0");
    window.close();
    open(shell()).type("exit").press("Enter");
    window.await("ended with 0");
  }

  @Test
  void the_history_is_for_its_owner_and_has_no_secrets() throws IOException {
    open(shell()).type("site list | count").press("Enter");
    awaitPrompts(2);
    window.type(" site list --columns site_id").press("Enter");
    awaitPrompts(3);
    window.type("nothing --password hunter2").press("Enter");
    awaitPrompts(4);
    assertEquals(List.of("site list | count"), history());
    Path file = folder.resolve("state/patronus/history");
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    window.close();
    open(shell()).press("Up", "Enter");
    window.await("\n3\n");
  }

  private void addMorePoliciesThanLines() throws SQLException {
    for (int i = 0; i < 60; i++) {
      database.policy(100 + i, "p" + i, 1, "{}");
    }
  }

  @Test
  void a_long_answer_is_paged_and_a_short_one_is_not() throws Exception {
    addMorePoliciesThanLines();
    open(shell().env("PATRONUS_PAGER", "less")).type("policy list").press("Enter");
    window.await(
        "a pager", screen -> screen.contains("p0 ") && screen.stripTrailing().endsWith(":"));
    window.press("q");
    // Whether the pager leaves its last page on the screen depends on the version of less.
    window.await("a prompt", screen -> screen.stripTrailing().endsWith("no daemon>"));
    window.type("site list").press("Enter");
    window.await(
        "berlin",
        screen -> screen.contains("berlin") && screen.stripTrailing().endsWith("no daemon>"));
  }

  @Test
  void the_pager_starts_no_other_program() throws Exception {
    addMorePoliciesThanLines();
    Path made = folder.resolve("made");
    open(shell().env("LESSOPEN", "|touch " + made)).type("policy list").press("Enter");
    window.await(
        "a pager", screen -> screen.contains("p0 ") && screen.stripTrailing().endsWith(":"));
    window.type("!touch " + made).press("Enter");
    window.await(
        "the prompt",
        screen -> {
          window.press("q");
          return prompts(screen) > 0 && !screen.stripTrailing().endsWith(":");
        });
    assertFalse(Files.exists(made), "a program was started");
  }

  @Test
  void ctrl_z_in_a_pager_that_ignores_it_does_not_stop_what_waits_for_it() throws Exception {
    addMorePoliciesThanLines();
    String patronus = Program.home().resolve("bin/patronus").toString();
    Program jobs =
        Program.of("bash", "--norc", "-i")
            .env("PS1", "bash> ")
            .env("PATRONUS_DB_PATH", database.file());
    open(jobs).type(patronus + " policy list").press("Enter");
    window.await(
        "a pager", screen -> screen.contains("p0 ") && screen.stripTrailing().endsWith(":"));
    window.press("C-z").type("G");
    window.await("(END)");
    assertFalse(window.screen().contains("Stopped"), window.screen());
    window.press("q").type("echo $((6*7))").press("Enter");
    window.await("\n42\n");
  }

  @Test
  void tables_take_the_width_of_the_window_that_there_is() throws IOException {
    open(shell(), 120, 24).type("policy list").press("Enter");
    awaitPrompts(2);
    window.resize(40, 24).press("C-l").type("site list").press("Enter");
    awaitPrompts(2);
    String screen = window.screen();
    assertTrue(screen.lines().allMatch(line -> line.length() <= 40), screen);
    assertEquals(1, screen.lines().filter(line -> line.startsWith("berlin")).count(), screen);
    assertEquals(1, screen.lines().filter(line -> line.startsWith("new york")).count(), screen);
  }

  @Test
  void the_prompt_notices_a_daemon_that_comes_and_goes() throws IOException {
    open(shell());
    try (RunningProgram daemon =
        Program.patronus(
                "daemon",
                "--source",
                "netflow://127.0.0.1:" + DaemonUnderTest.freePort(),
                "--metrics-listen",
                "off")
            .env("PATRONUS_DB_PATH", database.file())
            .start()) {
      daemon.awaitStderr("ready: ");
      window.await(
          "a daemon",
          screen -> {
            window.press("Enter");
            return screen.contains("sdwan.db live>");
          });
      window.press("C-l").type("status | include ready").press("Enter");
      window.await("state  ready");
      daemon.signal("TERM");
      assertEquals(0, daemon.outcome().exitCode());
    }
    window.press("C-l", "Enter");
    window.await("sdwan.db no daemon>");
  }

  @Test
  void it_works_on_a_terminal_that_can_nothing() throws IOException {
    Program dumb =
        Program.of(
                "sh", "-c", "TERM=dumb exec \"$0\" shell", Program.home().resolve("bin/patronus"))
            .env("PATRONUS_DB_PATH", database.file())
            .env("XDG_STATE_HOME", folder.resolve("state"))
            .env("LANG", "C");
    open(dumb).type("site list | count").press("Enter");
    window.await("\n3\n");
    window.press("C-d");
    window.await("ended with 0");
  }

  @Test
  void on_a_terminal_of_an_unknown_type_it_says_nothing_and_the_usual_keys_work()
      throws IOException {
    Program unknown =
        Program.of(
                "sh",
                "-c",
                "TERM=nosuchterm exec \"$0\" shell",
                Program.home().resolve("bin/patronus"))
            .env("PATRONUS_DB_PATH", database.file())
            .env("XDG_STATE_HOME", folder.resolve("state"));
    open(unknown).type("site list | countx");
    window.await("countx");
    assertFalse(window.screen().contains("org.jline"), window.screen());
    window.press("Left", "DC", "Enter");
    window.await("\n3\n");
  }

  @Test
  void it_leaves_when_nothing_is_typed_for_too_long() throws IOException {
    open(shell("--idle", "2s"));
    window.await("ended with 0");
    assertTrue(window.screen().contains("Idle timeout: the shell exits."), window.screen());
  }

  @Test
  void a_database_that_is_gone_is_said_and_found_again() throws Exception {
    open(shell()).type("site list | count").press("Enter");
    window.await("\n3\n");
    Path aside = folder.resolve("aside.db");
    Files.move(database.file(), aside);
    window.type("site list | count").press("Enter");
    window.await("no database at");
    window.await("sdwan.db no database>");
    Files.move(aside, database.file());
    window.type("policy list | count").press("Enter");
    window.await("\n1\n");
  }

  @Test
  void a_pipe_is_a_script_without_prompt_or_colours() {
    ProgramOutcome outcome =
        shell().input("# how many\nsite list | count\nsite show rome\nsite list\n").run();
    assertEquals("3\n", outcome.stdout());
    assertEquals(
        """
        patronus: site 'rome' not found; 'patronus site list' shows the 3 that exist
        patronus: stopped at line 3: exit code 3
        """,
        outcome.stderr());
    assertEquals(3, outcome.exitCode());
    assertFalse(Files.exists(folder.resolve("state")), "a script has no history");
  }
}
