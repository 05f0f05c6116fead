package dev.patronus.shell;

import dev.patronus.error.ExitCode;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Runs typed lines: what belongs to the shell itself is done here, commands are handed on.
///
/// Confined to the shell's thread.
final class Interpreter {
  private final Commands commands;
  private ExitCode left = ExitCode.DONE;

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
      return leave(line);
    }
    return Optional.of(commands.run(line.asksForHelp() ? line.help() : line));
  }

  private Optional<ExitCode> leave(TypedLine line) {
    Optional<ExitCode> code = line.exitCode();
    if (code.isEmpty()) {
      commands.say(
          "patronus: exit takes one exit code, as in 'exit 3': "
              + Stream.of(ExitCode.values())
                  .map(each -> Integer.toString(each.code()))
                  .collect(Collectors.joining(", ")));
      return Optional.of(ExitCode.USAGE);
    }
    left = code.get();
    return Optional.empty();
  }

  /// The exit code with which the shell was left.
  ExitCode left() {
    return left;
  }
}
