package dev.patronus.cli.complete;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/// Where on a command line the next word stands.
///
/// Immutable.
///
/// @param command the command that it belongs to
/// @param pending the option that waits for it; null if none does
/// @param positionals how many arguments stand before it
/// @param onlyArguments whether `--` stands before it, behind which there are no options
public record CursorPosition(
    CommandSpec command, @Nullable OptionSpec pending, int positionals, boolean onlyArguments) {

  /// The place behind these words.
  public static CursorPosition behind(CommandSpec root, List<String> words) {
    CursorPosition place = new CursorPosition(root, null, 0, false);
    for (String word : words) {
      place = place.after(word);
    }
    return place;
  }

  private CursorPosition after(String word) {
    if (pending != null) {
      return new CursorPosition(command, null, positionals, onlyArguments);
    }
    if (word.equals("--") && !onlyArguments) {
      return new CursorPosition(command, null, positionals, true);
    }
    if (word.startsWith("-") && word.length() > 1 && !onlyArguments) {
      return new CursorPosition(command, waitingFor(word), positionals, false);
    }
    CommandLine child = positionals == 0 && !onlyArguments ? command.subcommands().get(word) : null;
    return child == null
        ? new CursorPosition(command, null, positionals + 1, onlyArguments)
        : new CursorPosition(child.getCommandSpec(), null, 0, false);
  }

  /// The option that this word leaves waiting for its value; null if none. A value that may be left
  /// out is no reason to wait.
  private @Nullable OptionSpec waitingFor(String word) {
    OptionSpec option = takingValue(word);
    return option != null && option.arity().min() > 0 ? option : null;
  }

  /// The option of this name, if it takes a value; else null.
  @Nullable OptionSpec takingValue(String name) {
    OptionSpec option = command.findOption(name);
    return option != null && option.arity().max() > 0 ? option : null;
  }

  /// The arguments that could stand here.
  public List<PositionalParamSpec> arguments() {
    return command.positionalParameters().stream()
        .filter(argument -> argument.index().contains(positionals))
        .toList();
  }

  /// Whether an option of this name is known here: `--limit`, `--limit=5`, `-o`, `-ojson`, `-qv`.
  public boolean knowsOption(String word) {
    int equals = word.indexOf('=');
    String name = equals < 0 ? word : word.substring(0, equals);
    boolean clustered = word.length() > 2 && word.charAt(1) != '-';
    return command.findOption(name) != null
        || (clustered && command.findOption(word.substring(0, 2)) != null);
  }
}
