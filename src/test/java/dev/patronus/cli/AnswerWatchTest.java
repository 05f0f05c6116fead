package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.SampleDatabase;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `--watch` of the lists and of the status.
class AnswerWatchTest {
  private static final String ENTER = "\u001b[?1049h";
  private static final String LEAVE = "\u001b[?1049l";

  @TempDir private Path folder;
  private CommandLineRun cli;

  @BeforeEach
  void makeDatabase() throws Exception {
    cli = CommandLineRun.on(SampleDatabase.make(folder, Age.NEWEST));
  }

  private String twice(String... format) {
    List<String> words = new java.util.ArrayList<>(List.of("site", "list", "--count", "2"));
    words.addAll(List.of("--columns", "site_name", "--watch", "100ms"));
    words.addAll(List.of(format));
    return cli.out(words.toArray(String[]::new)).replace("\r", "");
  }

  @Test
  void rows_have_one_heading_and_documents_one_line_each() {
    String rows = "berlin\nhamburg\nlyon\nporto\n";
    assertEquals("site_name\n" + rows + rows, twice("-o", "csv"));
    List<String> documents = twice("--json").lines().toList();
    assertEquals(2, documents.size(), documents::toString);
    assertTrue(
        documents.getFirst().contains("\"time\": \"2026-11-23T14:00:00Z\""), documents::toString);
    assertEquals(8, twice("-o", "ndjson").lines().count());
  }

  @Test
  void a_terminal_is_redrawn_and_keeps_the_last_answer() {
    Outcome outcome =
        cli.onTerminal(80, 24).run("path", "list", "--watch", "100ms", "--count", "2");
    assertEquals(ExitCode.DONE, outcome.exitCode(), outcome::toString);
    String out = outcome.out();
    assertEquals(1, out.split(java.util.regex.Pattern.quote(ENTER), -1).length - 1, out);
    String after = out.substring(out.indexOf(LEAVE) + LEAVE.length());
    assertTrue(after.startsWith("ID"), after);
    assertFalse(after.contains("\u001b[H"), after);
  }

  @Test
  void a_window_that_is_too_low_says_how_much_is_missing() {
    String out = cli.onTerminal(80, 4).run("site", "list", "--watch", "--count", "1").out();
    assertTrue(out.substring(0, out.indexOf(LEAVE)).contains(" more lines)"), out);
  }

  @Test
  void without_a_daemon_the_status_goes_on_and_ends_with_its_code() {
    Outcome outcome = cli.run("status", "--watch", "100ms", "--count", "2");
    assertEquals(ExitCode.NO_DAEMON, outcome.exitCode(), outcome::toString);
    assertEquals(2, outcome.out().split("No daemon answers", -1).length - 1, outcome::toString);
    cli.run("status", "--count", "2").failed(ExitCode.USAGE, "--count requires --watch");
    cli.run("status", "--check", "live", "-w")
        .failed(ExitCode.USAGE, "give --check or --watch, not both");
  }
}
