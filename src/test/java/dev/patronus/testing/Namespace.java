package dev.patronus.testing;

/// A network namespace of this machine, by its name.
///
/// Immutable.
public record Namespace(String name) {
  /// A program that will run inside, its words as in [Program#of].
  public Program program(Object... words) {
    Object[] all = new Object[words.length + 3];
    all[0] = "netns";
    all[1] = "exec";
    all[2] = name;
    System.arraycopy(words, 0, all, 3, words.length);
    return Program.of("ip", all);
  }

  /// The same program, inside.
  public Program inside(Program program) {
    return new Program(
        program(program.words().toArray()).words(),
        program.environment(),
        program.folder(),
        program.input());
  }

  /// Runs a program inside to its end, and returns what it printed.
  ///
  /// @throws IllegalStateException if it fails
  public String run(Object... words) {
    return succeed(program(words));
  }

  /// Runs a line of a shell inside to its end, and returns what it printed.
  public String shell(String line) {
    return run("sh", "-ec", line);
  }

  static String succeed(Program program) {
    ProgramOutcome outcome = program.run();
    if (outcome.exitCode() != 0) {
      throw new IllegalStateException(outcome.toString());
    }
    return outcome.stdout();
  }
}
