package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.command.Version;
import dev.patronus.error.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class HelpCommandTest {
  private static String out(String words) {
    return CommandLineRun.bare().out(words.strip().split(" ", -1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "site", "site delete", "stats history", "help"})
  void it_is_what_the_option_shows(String command) {
    assertEquals(out(command + " --help"), out("help " + command));
  }

  @Test
  void a_command_that_does_not_exist_is_named() {
    CommandLineRun.bare()
        .run("help", "site", "delet")
        .failed(ExitCode.USAGE, "unknown command 'delet'; did you mean 'delete'?");
  }

  @Test
  void its_words_are_completed_as_commands() {
    String candidates = out("__complete -- help site re");
    assertTrue(candidates.startsWith("restore\t"), candidates);
  }

  @Test
  void the_version_is_that_of_the_option_and_a_document_too() {
    assertEquals(out("--version"), out("version"));
    JsonNode document = new ObjectMapper().readTree(out("version -o json"));
    assertEquals(Version.TEXT, document.get("version").asString());
  }
}
