package dev.patronus.cli.command;

import java.util.List;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/// Makes picocli's model of the commands: of what is called or completed, or all of it.
///
/// Building the model is the largest part of starting up. For a call, only those commands and
/// options are built whose names stand among the words that were typed; where these cannot be read
/// by that, or ask for help, the other options are added, and the commands beside the called ones
/// by name and summary, for the help and for "did you mean". For a completion these are always
/// there.
public final class CommandModel {
  private static final String LONG = "--";

  private CommandModel() {}

  /// Reads the words of a call.
  ///
  /// @throws ParameterException that says what is wrong with them
  public static ParseResult parse(CommandNode root, GlobalOptions globals, String... words) {
    List<String> typed = List.of(words);
    if (namesCommand(root, typed) && !named(GlobalOptions.HELP, typed)) {
      try {
        ParseResult result = commandLine(root, globals, Others.LEFT_OUT, typed).parseArgs(words);
        if (!(last(result).commandSpec().userObject() instanceof CommandGroup)) {
          return result;
        }
      } catch (ParameterException _) {
        // the whole model says what is wrong
      }
    }
    return commandLine(root, globals, Others.WHERE_NONE_IS_CALLED, typed).parseArgs(words);
  }

  /// What was read of the last command that the words name.
  public static ParseResult last(ParseResult result) {
    ParseResult last = result;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    return last;
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

  /// What is made of the commands, and the options, whose names were not typed.
  private enum Others {
    WHOLE,
    BY_NAME,
    WHERE_NONE_IS_CALLED,
    LEFT_OUT
  }

  private static CommandLine commandLine(
      CommandNode root, GlobalOptions globals, Others others, List<String> words) {
    Predicate<String> wanted = others == Others.LEFT_OUT ? names -> named(names, words) : _ -> true;
    CommandSpec spec = build(root, others, words, wanted);
    globals.addTo(spec, wanted);
    CommandLine line = new CommandLine(spec);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setAllowOptionsAsOptionParameters(false);
    // 'stats --sort flows' sorts, though 'stats flows' is a command
    line.setAllowSubcommandsAsOptionParameters(true);
    return line;
  }

  /// Whether a word may stand for one of these names: `--name`, `--name=value`, `-n`, or any letter
  /// of several after one dash.
  private static boolean named(String names, List<String> words) {
    for (String name : names.split(" ", -1)) {
      for (String word : words) {
        if (name.startsWith(LONG)
            ? word.startsWith(name)
            : word.startsWith("-") && word.indexOf(name.charAt(1)) > 0) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean namesCommand(CommandNode root, List<String> words) {
    return root.children().stream().anyMatch(child -> words.contains(child.name()));
  }

  private static CommandSpec build(
      CommandNode entry, Others others, List<String> words, Predicate<String> wanted) {
    Command command = entry.maker().get();
    command.addOptions(wanted);
    CommandSpec spec = command.spec();
    spec.name(entry.name());
    spec.usageMessage().header(entry.summary());
    spec.usageMessage().hidden(entry.hidden());
    boolean called = namesCommand(entry, words);
    for (CommandNode child : entry.children()) {
      if (others == Others.WHOLE || words.contains(child.name())) {
        spec.addSubcommand(child.name(), build(child, others, words, wanted));
      } else if (others == Others.BY_NAME || (others == Others.WHERE_NONE_IS_CALLED && !called)) {
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
