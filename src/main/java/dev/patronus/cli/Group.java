package dev.patronus.cli;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.export.Answer;

/// A command that only holds others; called alone it says which.
final class Group extends Subcommand {
  /// @param example the command below it that is called most
  Group(Example example) {
    example(example.command(), example.what());
  }

  @Override
  protected Answer run(Call call) {
    String names = String.join(", ", spec().subcommands().keySet());
    throw new UserError(
        ExitCode.USAGE, "'" + spec().qualifiedName() + "' needs a command: " + names);
  }
}
