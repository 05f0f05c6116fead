package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.command.CommandGroup;
import dev.patronus.cli.command.CommandNode;
import dev.patronus.error.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Holds the README against the program.
class ReadmeTest {
  private static final Path README = Path.of("README.md");
  private static final Pattern IN_TABLE = Pattern.compile("`([a-z][a-z -]*)`");

  /// All commands that can be called, by the words that call them.
  private static List<String> commands(CommandNode entry, String before) {
    List<String> names = new ArrayList<>();
    for (CommandNode child : entry.children()) {
      String name = (before + " " + child.name()).strip();
      boolean group = child.maker().get() instanceof CommandGroup;
      if (!group && !child.hidden()) {
        names.add(name);
      }
      names.addAll(commands(child, name));
    }
    return names;
  }

  private static String section(String title) throws IOException {
    String text = Files.readString(README);
    int start = text.indexOf("## " + title);
    assertTrue(start >= 0, title);
    int end = text.indexOf("\n## ", start + 1);
    return end < 0 ? text.substring(start) : text.substring(start, end);
  }

  @Test
  void the_table_of_commands_has_every_command_and_no_other() throws IOException {
    Set<String> said =
        section("Commands")
            .lines()
            .filter(line -> line.startsWith("| `"))
            .map(line -> line.substring(0, line.indexOf(" | ")))
            .flatMap(line -> IN_TABLE.matcher(line).results().map(found -> found.group(1)))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(new TreeSet<>(commands(CommandTree.ROOT, "")), said);
  }

  @Test
  void the_table_of_exit_codes_has_every_code() throws IOException {
    Set<String> said =
        section("Commands")
            .lines()
            .filter(line -> line.matches("\\| [0-9]+ \\| .*"))
            .map(line -> line.split("[|;]", -1)[1].strip())
            .collect(Collectors.toSet());
    assertEquals(
        Stream.of(ExitCode.values())
            .map(code -> Integer.toString(code.code()))
            .collect(Collectors.toSet()),
        said);
  }

  @Test
  void every_file_that_it_names_is_there() throws IOException {
    String text = section("Architecture");
    for (String name :
        Pattern.compile("`([a-z]+(?:/[A-Za-z]+)+(?:\\.java)?)`")
            .matcher(text)
            .results()
            .map(found -> found.group(1))
            .toList()) {
      boolean there =
          Stream.of("src/main/java/dev/patronus/", "src/test/java/dev/patronus/", "")
              .flatMap(folder -> Stream.of(folder + name, folder + name + ".java"))
              .anyMatch(file -> Files.exists(Path.of(file)));
      assertTrue(there, name);
    }
  }
}
