package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandLineRunTest {
  @Test
  void a_command_runs_on_the_database_at_the_hour_of_the_test(@TempDir Path folder)
      throws Exception {
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST)) {
      database.policy(7, "voice", 100, "{}").stat(7, 1795442340, 12, 3400, 2);
      assertEquals(
          """
          Snapshot of 2026-11-23 13:59:00, 1 min ago.

          POLICY   PRIO  ON   PACKETS    BYTES  RATE  FLOWS    AGE  ID
          voice     100  yes       12  3.40 kB     -      2  1 min  7
          (total)     -  -         12  3.40 kB     -      2      -  -
          """,
          CommandLineRun.on(database.file()).out("stats"));
    }
  }

  @Test
  void an_error_is_one_line_and_a_code() {
    CommandLineRun.bare()
        .run("stats", "--limit", "few")
        .failed(ExitCode.USAGE, "--limit: must be a whole number of at least 1, was 'few'");
  }
}
