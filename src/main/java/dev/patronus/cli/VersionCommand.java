package dev.patronus.cli;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Version;
import dev.patronus.output.Answer;
import dev.patronus.role.Role;
import java.util.Optional;

/// `patronus version`: the version of the program and of what it runs on.
final class VersionCommand extends Command {
  VersionCommand() {
    super("Shows the version of the program; in JSON, NDJSON and CSV also that of Java.");
    example("version", "the version, the same as --version");
    example("version -o json", "as JSON");
  }

  @Override
  public Optional<Role> requiredRole() {
    return Optional.empty();
  }

  @Override
  public Answer run(Invocation call) {
    return new Answer()
        .member("version", Version.TEXT)
        .member("java_version", Runtime.version().toString())
        .say("patronus " + Version.TEXT);
  }
}
