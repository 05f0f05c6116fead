package dev.patronus;

import dev.patronus.error.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Plays the commands of a file, one a line, in one process.
///
/// Packaging runs this so that the run time can note which classes the commands need; the program
/// itself never does. Words are divided by blanks; a line that begins with `!` must fail, each
/// other one must not; empty lines and those that begin with `#` are skipped. The shell alone gets
/// the terminal, if there is one, and what is typed there.
final class Rehearsal {

  private Rehearsal() {}

  public static void main(String[] arguments) throws IOException, ClassNotFoundException {
    // Only a start from a cache needs this one, so that no rehearsal would meet it.
    Class.forName("java.lang.invoke.DirectMethodHandle$1");
    for (String line : Files.readAllLines(Path.of(arguments[0]))) {
      if (!line.isBlank() && !line.startsWith("#")) {
        play(line);
      }
    }
  }

  private static void play(String line) {
    System.out.println("$ patronus " + line);
    System.out.flush();
    boolean mustFail = line.startsWith("!");
    System.setProperty("patronus.terminals", line.equals("shell") ? "012" : "");
    ExitCode code = Main.run((mustFail ? line.substring(1) : line).strip().split(" +", -1));
    if (mustFail == (code == ExitCode.DONE)) {
      throw new IllegalStateException("'patronus %s' ended with %s".formatted(line, code));
    }
  }
}
