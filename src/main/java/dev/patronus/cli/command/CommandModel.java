package dev.patronus.cli.command;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/// Makes picocli's model of the commands: the one that is called, or all of them.
///
/// Building the model is the largest part of starting up. For a call, only those commands are built
/// whose names stand among the words that were typed; where none does, the others are put there by
/// name and summary alone, for the help and for "did you mean".
public final class CommandModel {
  private CommandModel() {}

  /// The model for a call with these words.
  public static CommandLine forCall(CommandNode root, GlobalOptions globals, String... words) {
    return commandLine(root, globals, List.of(words));
  }

  /// The whole model, for completions, the manual and the shell.
  public static CommandLine whole(CommandNode root, GlobalOptions globals) {
    return commandLine(root, globals, null);
  }

  private static CommandLine commandLine(
      CommandNode root, GlobalOptions globals, List<String> words) {
    CommandSpec spec = build(root, words);
    globals.addTo(spec);
    CommandLine line = new CommandLine(spec);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setAllowOptionsAsOptionParameters(false);
    // 'stats --sort flows' sorts, though 'stats flows' is a command
    line.setAllowSubcommandsAsOptionParameters(true);
    return line;
  }

  private static CommandSpec build(CommandNode entry, List<String> words) {
    CommandSpec spec = entry.maker().get().spec();
    spec.name(entry.name());
    spec.usageMessage().header(entry.summary());
    spec.usageMessage().hidden(entry.hidden());
    Collection<CommandNode> called = called(entry, words);
    for (CommandNode child : called.isEmpty() ? entry.children() : called) {
      spec.addSubcommand(child.name(), called.isEmpty() ? stub(child) : build(child, words));
    }
    return spec;
  }

  private static List<CommandNode> called(CommandNode entry, List<String> words) {
    if (words == null) {
      return entry.children();
    }
    List<CommandNode> called = new ArrayList<>();
    for (CommandNode child : entry.children()) {
      if (words.contains(child.name())) {
        called.add(child);
      }
    }
    return called;
  }

  private static CommandSpec stub(CommandNode entry) {
    CommandSpec spec = CommandSpec.create().name(entry.name());
    spec.usageMessage().header(entry.summary());
    spec.usageMessage().hidden(entry.hidden());
    return spec;
  }
}
