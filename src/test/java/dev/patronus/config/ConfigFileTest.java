package dev.patronus.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {
  @TempDir private Path folder;

  private ConfigFile read(String text) throws IOException {
    return ConfigFile.read(Files.writeString(folder.resolve("patronus.conf"), text));
  }

  private UserError refused(String text) {
    UserError refused = assertThrows(UserError.class, () -> read(text));
    assertEquals(ExitCode.USAGE, refused.exitCode());
    return refused;
  }

  @Test
  void a_value_is_what_stands_behind_the_sign_without_its_quotes() throws IOException {
    ConfigFile file = read("# a comment\n\n db =\t\"/var/a b.db\" \r\ntz=UTC\n");
    assertEquals(Optional.of("/var/a b.db"), file.value("db"));
    assertEquals(Optional.of("UTC"), file.value("tz"));
    assertEquals(Optional.empty(), file.value("socket"));
  }

  @Test
  void a_key_that_stands_twice_has_two_values_and_the_last_one_counts() throws IOException {
    ConfigFile file = read("source = a\nsource = b\n");
    assertEquals(List.of("a", "b"), file.values("source"));
    assertEquals(Optional.of("b"), file.value("source"));
  }

  @Test
  void a_line_without_a_sign_is_refused_with_its_number() {
    assertEquals(
        folder.resolve("patronus.conf") + " line 2: expected 'key = value', was 'tz UTC'",
        refused("db = a\ntz UTC\n").getMessage());
  }

  @Test
  void a_control_character_is_refused_before_it_is_taken_for_a_path() {
    assertEquals(
        folder.resolve("patronus.conf") + " line 1: the control character U+0000 is not allowed",
        refused("socket = a\0b\n").getMessage());
  }
}
