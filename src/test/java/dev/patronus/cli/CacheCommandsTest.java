package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.error.ExitCode;
import dev.patronus.json.Json;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CacheCommandsTest {
  private static final String START =
      " Start it with 'systemctl start patronus' or 'patronus daemon'.";

  @TempDir private Path folder;

  private String absent() {
    return "no daemon answers at " + folder.resolve("patronus.sock") + "; ";
  }

  @ParameterizedTest
  @ValueSource(strings = {"clear", "clear metrics", "clear routing", "cleanup"})
  void without_a_daemon_there_is_nothing_to_clear(String words) throws Exception {
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST)) {
      CommandLineRun.on(database.file())
          .run(("cache " + words).split(" ", -1))
          .failed(
              ExitCode.NO_DAEMON,
              absent() + "there is nothing to clear: the caches exist only in the daemon." + START);
    }
  }

  @Test
  void without_a_daemon_there_is_nothing_to_look_at() throws Exception {
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST)) {
      CommandLineRun cli = CommandLineRun.on(database.file());
      cli.run("cache", "stats")
          .failed(ExitCode.NO_DAEMON, absent() + "the caches exist only in the daemon." + START);
      Json.Obj document = (Json.Obj) Json.parse(cli.run("cache", "clear", "--json").out());
      assertEquals("no_daemon", document.text("error"));
    }
  }

  @Test
  void there_are_two_caches() throws Exception {
    CommandLineRun.Outcome outcome = CommandLineRun.bare().run("cache", "clear", "dns");
    assertEquals(ExitCode.USAGE, outcome.exitCode(), outcome::toString);
  }
}
