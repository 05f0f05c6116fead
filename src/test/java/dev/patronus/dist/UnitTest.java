package dev.patronus.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The unit file as it is shipped.
class UnitTest {
  private static final Path UNIT = Path.of("src/dist/patronus.service");

  @Test
  void what_it_is_exposed_to_is_at_most_1_4() {
    Tools.require("systemd-analyze");
    ProgramOutcome outcome =
        Program.of(
                "systemd-analyze",
                "security",
                "--no-pager",
                "--offline=yes",
                "--threshold=14",
                UNIT)
            .run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
  }

  @Test
  void a_daemon_that_fails_at_each_start_reaches_the_start_limit() throws IOException {
    List<String> lines = Files.readAllLines(UNIT);
    assertTrue(lines.contains("StartLimitIntervalSec=2min"), lines::toString);
    assertTrue(lines.contains("StartLimitBurst=10"), lines::toString);
    assertTrue(lines.contains("RestartSec=2"), lines::toString); // ten starts in some 40 s
  }

  @Test
  void a_daemon_without_memory_ends() throws IOException {
    assertTrue(
        Files.readAllLines(Path.of("src/dist/daemon.options"))
            .contains("-XX:+ExitOnOutOfMemoryError"));
  }
}
