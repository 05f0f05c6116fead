package dev.patronus.cli.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.control.ControlServer;
import dev.patronus.control.Reply;
import dev.patronus.error.ExitCode;
import dev.patronus.metrics.Metrics;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// The doctor beside a daemon that does not tell how it is.
class DoctorCommandTest {
  @TempDir Path folder;

  @Test
  void a_daemon_that_cannot_be_asked_is_a_finding_and_no_failure_of_the_command() throws Exception {
    Path path = folder.resolve("patronus.sock");
    Reply refused = new Reply.Refused(ExitCode.BUSY, "it is busy; try again");
    try (PlatformDatabase platform = PlatformDatabase.create(folder, Age.NEWEST);
        ControlServer socket = new ControlServer(path, (_, _) -> refused, new Metrics())) {
      socket.start();
      Outcome outcome =
          CommandLineRun.on(platform.file())
              .env("PATRONUS_SOCKET", path.toString())
              .run("doctor", "--json");
      assertEquals(ExitCode.FAILED, outcome.exitCode(), outcome::toString);
      assertEquals("", outcome.err());
      JsonNode document = new ObjectMapper().readTree(outcome.out());
      assertEquals("daemon_unreachable", document.get("fault").asString());
      assertTrue(document.get("findings").size() >= 3, "the other steps are looked at");
    }
  }
}
