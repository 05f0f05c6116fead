package dev.patronus.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.cli.CommandTree;
import dev.patronus.cli.command.CommandNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The launcher's list of command words, by which it chooses Java's options and AOT cache, beside
/// the commands that there are.
class LauncherWordsTest {
  private static final Path LAUNCHER = Path.of("src/dist/patronus");

  /// The commands that are meant for the small profile: they are called all day.
  private static final Set<String> SHORT = Set.of("stats");

  /// Commands for the making of the program itself, which nobody waits for.
  private static final Set<String> UNLISTED = Set.of("__man");

  private static Set<String> listed() throws IOException {
    String text = Files.readString(LAUNCHER);
    String choice = text.substring(text.indexOf("case $word in"));
    choice = choice.substring(0, choice.indexOf("esac"));
    return Pattern.compile("(?m)^ {4}(\\S[^)\n]*)\\)")
        .matcher(choice)
        .results()
        .flatMap(line -> Stream.of(line.group(1).split(" \\| ", -1)))
        .filter(word -> word.matches("[a-z_]+"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> names(Stream<CommandNode> nodes) {
    return nodes.map(CommandNode::name).collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void each_command_has_a_profile_in_the_launcher_or_is_meant_for_the_small_one()
      throws IOException {
    Set<String> missing = names(CommandTree.ROOT.children().stream());
    missing.removeAll(listed());
    missing.removeAll(SHORT);
    missing.removeAll(UNLISTED);
    assertEquals(Set.of(), missing, "commands that " + LAUNCHER + " does not name");
  }

  @Test
  void each_word_in_the_launcher_is_a_command() throws IOException {
    Set<String> unknown = listed();
    unknown.removeAll(names(CommandTree.ROOT.children().stream()));
    unknown.removeAll(
        names(CommandTree.ROOT.children().stream().flatMap(node -> node.children().stream())));
    assertEquals(Set.of(), unknown, "words of " + LAUNCHER + " that are no command");
  }
}
