package dev.patronus.cli;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Command.Example;
import dev.patronus.cli.command.CommandModel;
import dev.patronus.cli.command.GlobalOptions;
import dev.patronus.cli.help.ManPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Model.CommandSpec;

/// An example of the help, and where it stands.
///
/// @param in the command whose help shows it; empty for the program's own
record CommandExample(String in, Example example) {
  /// Commands whose examples ask the daemon, or are it.
  private static final Set<String> OF_THE_DAEMON =
      Set.of(
          "daemon",
          "status",
          "policy diff",
          "stats flows",
          "stats reset",
          "cache stats",
          "cache clear",
          "cache cleanup",
          "export flows");

  /// What stands in the files that examples name.
  private static final Map<String, String> CONTENTS =
      Map.of(
          "sites.txt", "berlin\nhamburg\n",
          "flows.txt", "10.1.2.3 > 10.2.0.5:5060 udp is voice\n",
          "rules.json", "[{\"name\": \"voice\", \"priority\": 1}]\n");

  /// All examples of all commands that the help shows.
  static List<CommandExample> all() {
    List<CommandExample> found = new ArrayList<>();
    collect(CommandModel.whole(CommandTree.ROOT, new GlobalOptions()).getCommandSpec(), found);
    return found;
  }

  private static void collect(CommandSpec spec, List<CommandExample> found) {
    String name = spec.qualifiedName().replaceFirst("^patronus ?", "");
    ((Command) spec.userObject())
        .examples()
        .forEach(example -> found.add(new CommandExample(name, example)));
    ManPage.children(spec).forEach(child -> collect(child, found));
  }

  /// The commands that the help shows, groups too.
  static Set<String> commands() {
    Set<String> names = new TreeSet<>();
    collect(CommandModel.whole(CommandTree.ROOT, new GlobalOptions()).getCommandSpec(), names);
    return names;
  }

  private static void collect(CommandSpec spec, Set<String> names) {
    names.add(spec.qualifiedName().replaceFirst("^patronus ?", ""));
    ManPage.children(spec).forEach(child -> collect(child, names));
  }

  boolean needsDaemon() {
    return OF_THE_DAEMON.contains(CommandMatrix.commandOf(command()));
  }

  String command() {
    return example.command();
  }

  /// The words as a shell hands them over.
  List<String> words() {
    return example.words().stream().map(word -> word.replace("'", "")).toList();
  }

  /// The same with paths in a folder of the test's instead of its own.
  List<String> wordsIn(Path folder) throws IOException {
    List<String> words = new ArrayList<>();
    for (String word : words()) {
      boolean relative =
          !words.isEmpty()
              && Set.of("--file", "--bundle", "--since-last", "shell").contains(words.getLast());
      boolean names = CONTENTS.containsKey(word);
      if (word.startsWith("/") || relative || names) {
        Path moved = folder.resolve(word.replaceFirst("^/", ""));
        Files.createDirectories(moved.getParent());
        if (word.endsWith(".patronus")) {
          Files.writeString(moved, "stats\nsite list\n");
        }
        if (names) {
          Files.writeString(moved, CONTENTS.get(word));
        }
        words.add(moved.toString());
      } else {
        words.add(word);
      }
    }
    return words;
  }

  boolean has(String option) {
    return words().contains(option);
  }

  /// The word behind an option.
  String valueOf(String option) {
    return words().get(words().indexOf(option) + 1);
  }

  @Override
  public String toString() {
    return command();
  }
}
