package dev.patronus.cli.command;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/// Makes picocli's model of the commands: the one that is called or completed, or all of them.
///
/// Building the model is the largest part of starting up. For a call, only those commands are built
/// whose names stand among the words that were typed; where none does, the others are put there by
/// name and summary alone, for the help and for "did you mean". For a completion the others are
/// always there.
public final class CommandModel {
  private CommandModel() {}

  /// The model for a call with these words.
  public static CommandLine forCall(CommandNode root, GlobalOptions globals, String... words) {
    return commandLine(root, globals, Others.WHERE_NONE_IS_CALLED, List.of(words));
  }

  /// The model for a completion of these words.
  public static CommandLine forCompletion(
      CommandNode root, GlobalOptions globals, List<String> words) {
    return commandLine(root, globals, Others.BY_NAME, words);
  }

  /// The whole model, for the manual and the shell.
  public static CommandLine whole(CommandNode root, GlobalOptions globals) {
    return commandLine(root, globals, Others.WHOLE, List.of());
  }

  /// What is made of the commands whose names were not typed.
  private enum Others {
    WHOLE,
    BY_NAME,
    WHERE_NONE_IS_CALLED
  }

  private static CommandLine commandLine(
      CommandNode root, GlobalOptions globals, Others others, List<String> words) {
    CommandSpec spec = build(root, others, words);
    globals.addTo(spec);
    CommandLine line = new CommandLine(spec);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setAllowOptionsAsOptionParameters(false);
    // 'stats --sort flows' sorts, though 'stats flows' is a command
    line.setAllowSubcommandsAsOptionParameters(true);
    return line;
  }

  private static CommandSpec build(CommandNode entry, Others others, List<String> words) {
    CommandSpec spec = entry.maker().get().spec();
    spec.name(entry.name());
    spec.usageMessage().header(entry.summary());
    spec.usageMessage().hidden(entry.hidden());
    boolean called = entry.children().stream().anyMatch(child -> words.contains(child.name()));
    for (CommandNode child : entry.children()) {
      if (others == Others.WHOLE || words.contains(child.name())) {
        spec.addSubcommand(child.name(), build(child, others, words));
      } else if (others == Others.BY_NAME || !called) {
        spec.addSubcommand(child.name(), stub(child));
      }
    }
    return spec;
  }

  private static CommandSpec stub(CommandNode entry) {
    CommandSpec spec = CommandSpec.create().name(entry.name());
    spec.usageMessage().header(entry.summary());
    spec.usageMessage().hidden(entry.hidden());
    return spec;
  }
}
