package dev.patronus.cli;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.Answer;

/// `patronus` alone.
final class RootCommand extends Command {
  RootCommand() {
    super(
        "Shows what each routing policy of a Patronus gateway carries, deletes sites whole and"
            + " undoably, exports history, and collects the traffic itself.");
    example("stats", "what each policy carries now");
    example("site delete berlin --dry-run", "what would go if the site berlin went");
    example("export stats --since 7d -o csv --file week.csv.gz", "a week of history, for others");
  }

  @Override
  public Answer run(Invocation call) {
    throw new UserError(
        ExitCode.USAGE, "say what to do: 'patronus stats', or 'patronus --help' for all of it");
  }
}
