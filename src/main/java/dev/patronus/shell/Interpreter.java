package dev.patronus.shell;

import dev.patronus.error.ExitCode;
import java.util.Optional;

/// Runs typed lines: what belongs to the shell itself is done here, commands are handed on.
///
/// Confined to the shell's thread.
final class Interpreter {
  private final Commands commands;

  Interpreter(Commands commands) {
    this.commands = commands;
  }

  /// Runs a line.
  ///
  /// @return how it ended; empty if it leaves the shell
  Optional<ExitCode> run(String text) {
    TypedLine line = TypedLine.read(text, commands);
    if (line.isEmpty()) {
      return Optional.of(ExitCode.DONE);
    }
    if (line.leaves()) {
      return Optional.empty();
    }
    return Optional.of(commands.run(line.asksForHelp() ? line.help() : line));
  }
}
