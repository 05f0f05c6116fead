package dev.patronus.cli;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.CommandModel;
import dev.patronus.cli.command.GlobalOptions;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.help.HelpText;
import dev.patronus.output.Answer;
import dev.patronus.role.Role;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.UnmatchedArgumentException;

/// `patronus help`: the help of a command, as `--help` shows it.
final class HelpCommand extends Command {
  private final Option<List<String>> command =
      arguments(
          "COMMAND",
          "0..*",
          text -> text,
          Completes.NOTHING,
          "the command (default: the list of all commands)");

  HelpCommand() {
    super("Shows the help of a command, the same as 'patronus COMMAND --help'.");
    example("help", "all commands");
    example("help site delete", "one command");
  }

  @Override
  public Optional<Role> requiredRole() {
    return Optional.empty();
  }

  @Override
  public Answer run(Invocation call) {
    CommandLine line = CommandModel.whole(CommandTree.ROOT, new GlobalOptions());
    for (String word : command.or(List.of())) {
      CommandLine next = line.getSubcommands().get(word);
      if (next == null) {
        throw new UnmatchedArgumentException(line, List.of(word));
      }
      line = next;
    }
    String text = HelpText.of(line.getCommandSpec(), call.terminal().columns());
    return new Answer().member("help", text).block(text.stripTrailing());
  }
}
