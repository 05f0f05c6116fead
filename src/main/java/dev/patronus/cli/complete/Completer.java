package dev.patronus.cli.complete;

import dev.patronus.cli.command.Command.Completes;
import dev.patronus.cli.command.DynamicCandidates;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// What could come next on a command line that is being typed, read from the model: commands,
/// options, their values, and live names.
///
/// Confined to one thread.
public final class Completer {

  /// A word that could come next.
  ///
  /// @param description what it is, in a few words; empty where it says so itself
  public record Candidate(String word, String description) {}

  private final CommandSpec root;
  private final Function<Completes, List<Candidate>> live;

  /// @param root the whole model
  /// @param live gives the names of things there are
  public Completer(CommandSpec root, Function<Completes, List<Candidate>> live) {
    this.root = root;
    this.live = live;
  }

  /// The candidates for the last word.
  ///
  /// @param words what follows `patronus`; the last one is being typed and may be empty
  public List<Candidate> complete(List<String> words) {
    if (words.size() > 1 && words.getFirst().equals("help")) {
      return complete(words.subList(1, words.size()));
    }
    CursorPosition place = CursorPosition.behind(root, words.subList(0, words.size() - 1));
    return matching(words.getLast(), candidates(place, words.getLast()));
  }

  private List<Candidate> candidates(CursorPosition place, String typed) {
    if (place.pending() != null) {
      return values(place.pending());
    }
    int equals = typed.indexOf('=');
    if (typed.startsWith("--") && equals > 0) {
      return assignments(place, typed.substring(0, equals));
    }
    if (typed.startsWith("-")) {
      return options(place.command());
    }
    List<Candidate> candidates = new ArrayList<>(commands(place.command()));
    place.arguments().forEach(argument -> candidates.addAll(values(argument)));
    return candidates.isEmpty() && typed.isEmpty() ? options(place.command()) : candidates;
  }

  private List<Candidate> assignments(CursorPosition place, String name) {
    OptionSpec option = place.takingValue(name);
    return option == null
        ? List.of()
        : values(option).stream()
            .map(value -> new Candidate(name + "=" + value.word(), value.description()))
            .toList();
  }

  private List<Candidate> values(ArgSpec argument) {
    Iterable<String> known = argument.completionCandidates();
    if (known instanceof DynamicCandidates(Completes completes)) {
      return live.apply(completes);
    }
    List<Candidate> values = new ArrayList<>();
    if (known != null) {
      known.forEach(word -> values.add(new Candidate(word, "")));
    }
    return values;
  }

  /// The command's own options, then those of every command.
  private static List<Candidate> options(CommandSpec spec) {
    List<Candidate> own = new ArrayList<>();
    List<Candidate> ofEvery = new ArrayList<>();
    for (OptionSpec option : spec.options()) {
      if (!option.hidden()) {
        (option.inherited() ? ofEvery : own)
            .add(new Candidate(option.longestName(), String.join(" ", option.description())));
      }
    }
    own.addAll(ofEvery);
    return own;
  }

  private static List<Candidate> commands(CommandSpec spec) {
    List<Candidate> commands = new ArrayList<>();
    for (CommandLine child : spec.subcommands().values()) {
      CommandSpec command = child.getCommandSpec();
      if (!command.usageMessage().hidden()) {
        String header = String.join(" ", command.usageMessage().header());
        commands.add(new Candidate(command.name(), header));
      }
    }
    return commands;
  }

  /// Those that begin with what was typed; a name in whatever case.
  private static List<Candidate> matching(String typed, List<Candidate> candidates) {
    String lower = typed.toLowerCase(Locale.ROOT);
    return candidates.stream()
        .filter(candidate -> candidate.word().toLowerCase(Locale.ROOT).startsWith(lower))
        .toList();
  }
}
