package dev.patronus.shell;

import dev.patronus.error.ExitCode;
import dev.patronus.error.Utf8Lines;
import java.io.IOException;
import java.util.Optional;

/// Lines from a pipe or a file: one command after the other, up to the first that fails.
///
/// Confined to one thread. No prompt, no questions.
public final class Script {
  private final Commands commands;
  private final CommandReader reader;

  public Script(Commands commands, Utf8Lines lines) {
    this.commands = commands;
    this.reader = new CommandReader(lines, commands);
  }

  /// Runs all lines.
  ///
  /// @return the exit code of the command that failed, or that of `exit 3`, else [ExitCode#DONE]
  /// @throws IOException if the lines cannot be read
  public ExitCode run() throws IOException {
    Interpreter interpreter = new Interpreter(commands);
    for (String text = reader.next(); text != null; text = reader.next()) {
      int first = reader.first();
      if (reader.unfinished()) {
        return stop(first, ExitCode.USAGE, "missing closing quote");
      }
      Optional<ExitCode> ended = interpreter.run(text);
      if (ended.isEmpty()) {
        return interpreter.left();
      }
      if (ended.get() != ExitCode.DONE) {
        return stop(first, ended.get(), "exit code " + ended.get().code());
      }
    }
    return ExitCode.DONE;
  }

  private ExitCode stop(int line, ExitCode code, String why) {
    commands.say("patronus: stopped at line " + line + ": " + why);
    return code;
  }
}
