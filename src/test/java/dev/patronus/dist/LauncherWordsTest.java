package dev.patronus.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.patronus.cli.CommandTree;
import dev.patronus.cli.command.CommandNode;
import dev.patronus.cli.command.CommandNode.Profile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The words by which the launcher finds a command of tables that needs the full cache, beside the
/// commands that there are.
class LauncherWordsTest {
  private static final Path LAUNCHER = Path.of("src/dist/patronus");

  @Test
  void each_word_that_needs_the_full_cache_is_a_command_of_tables() throws IOException {
    List<String> words =
        Pattern.compile("(?m)^ {4}([a-z |]+)\\) cache=full ;;")
            .matcher(Files.readString(LAUNCHER))
            .results()
            .flatMap(line -> List.of(line.group(1).split(" \\| ", -1)).stream())
            .toList();
    assertFalse(words.isEmpty());
    Set<String> unknown = new TreeSet<>(words);
    unknown.removeAll(
        CommandTree.ROOT.children().stream()
            .filter(group -> group.profile() == Profile.TABLE)
            .flatMap(group -> group.children().stream())
            .map(CommandNode::name)
            .collect(Collectors.toSet()));
    assertEquals(Set.of(), unknown, "words of " + LAUNCHER + " that are no command");
  }
}
