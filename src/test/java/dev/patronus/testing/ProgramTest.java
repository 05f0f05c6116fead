package dev.patronus.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramTest {

  private static Program shell(String script) {
    return Program.of("/bin/sh", "-c", script);
  }

  @Test
  void an_outcome_has_the_exit_code_and_both_outputs() {
    ProgramOutcome outcome = shell("echo out; echo err >&2; exit 3").run();
    assertEquals(3, outcome.exitCode());
    assertEquals("out\n", outcome.stdout());
    assertEquals("err\n", outcome.stderr());
  }

  @Test
  void input_environment_and_folder_arrive(@TempDir Path folder) {
    ProgramOutcome outcome =
        shell("cat; echo $COLOUR; pwd").input("typed\n").env("COLOUR", "red").in(folder).run();
    assertEquals("typed\nred\n" + folder + "\n", outcome.stdout());
  }

  @Test
  void nothing_of_the_testers_environment_gets_in_but_the_path() {
    ProgramOutcome outcome = Program.of("/usr/bin/env").run();
    assertEquals("HOME LANG PATH TZ", names(outcome));
  }

  private static String names(ProgramOutcome environment) {
    return String.join(
        " ",
        environment.lines().stream()
            .map(line -> line.substring(0, line.indexOf('=')))
            .sorted()
            .toList());
  }

  @Test
  void a_running_program_is_heard_answered_and_ended_by_a_signal() throws Exception {
    try (RunningProgram running =
        shell("echo ready >&2; read word; echo heard $word; exec sleep 1000").start()) {
      running.awaitStderr("ready");
      running.stdin().write("hello\n".getBytes(StandardCharsets.UTF_8));
      running.stdin().flush();
      running.awaitStdout("heard hello");
      running.signal("TERM");
      assertEquals(128 + 15, running.outcome().exitCode());
    }
  }

  @Test
  void waiting_for_words_that_never_come_ends_with_the_program() {
    try (RunningProgram running = shell("echo something else").start()) {
      assertThrows(IllegalStateException.class, () -> running.awaitStdout("ready"));
    }
  }

  @Test
  void closing_ends_it() {
    RunningProgram running = Program.of("sleep", 1000).start();
    running.close();
    assertFalse(running.isAlive());
  }
}
