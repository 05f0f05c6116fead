package dev.patronus.cli.command;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.Answer;
import dev.patronus.role.Role;
import java.util.Optional;

/// A command that only holds others; called alone it says which.
public final class CommandGroup extends Command {
  /// @param example the command below it that is called most
  CommandGroup(Example example) {
    example(example.command(), example.what());
  }

  @Override
  public Optional<Role> requiredRole() {
    return Optional.empty();
  }

  @Override
  public Answer run(Invocation call) {
    String names = String.join(", ", spec().subcommands().keySet());
    throw new UserError(
        ExitCode.USAGE, "'" + spec().qualifiedName() + "' needs a command: " + names);
  }
}
