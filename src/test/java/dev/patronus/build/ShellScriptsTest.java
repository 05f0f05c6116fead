package dev.patronus.build;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.Tools;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What runs before any Java does.
class ShellScriptsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mvnw",
        ".ci/run",
        "src/dist/patronus",
        "src/debian/build",
        "src/debian/postinst",
        "src/debian/prerm",
        "src/debian/postrm"
      })
  void shellcheck_has_nothing_to_say(String script) {
    Tools.require("shellcheck");
    ProgramOutcome outcome = Program.of("shellcheck", script).run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
  }
}
