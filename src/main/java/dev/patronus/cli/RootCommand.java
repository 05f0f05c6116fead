package dev.patronus.cli;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.Answer;
import dev.patronus.role.Role;
import java.util.Optional;

/// `patronus` alone.
final class RootCommand extends Command {
  RootCommand() {
    super(
        "Shows the traffic of each routing policy of a Patronus gateway, deletes sites"
            + " whole and reversibly, exports history, and collects the traffic.");
    example("stats", "current traffic per policy");
    example(
        "site delete berlin --dry-run", "preview of what would be deleted with the site berlin");
    example("export stats --since 7d -o csv --file week.csv.gz", "a week of history as a CSV file");
  }

  @Override
  public Optional<Role> requiredRole() {
    return Optional.empty();
  }

  @Override
  public Answer run(Invocation call) {
    throw new UserError(
        ExitCode.USAGE, "no command given; try 'patronus stats' or 'patronus --help'");
  }
}
