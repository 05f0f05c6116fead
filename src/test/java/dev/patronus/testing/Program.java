package dev.patronus.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A program that is ready to be run: its words, environment, folder and input.
///
/// ```java
/// ProgramOutcome outcome = Program.patronus("stats", "--db", file).env("NO_COLOR", "1").run();
/// assertEquals(0, outcome.exitCode(), outcome::toString);
///
/// try (RunningProgram daemon = Program.patronus("daemon", "--db", file).start()) {
///   daemon.awaitStderr("ready");
///   daemon.signal("TERM");
///   assertEquals(0, daemon.outcome().exitCode());
/// }
/// ```
///
/// Nothing of the tester's own environment gets in but `PATH`; home, language and time zone are the
/// same everywhere. There is no terminal. Immutable: each `with` is a new program.
public record Program(
    List<String> words, Map<String, String> environment, Path folder, String input) {

  public Program {
    words = List.copyOf(words);
    environment = new TreeMap<>(environment);
  }

  /// The packaged program of this project with the given words, each turned into text.
  public static Program patronus(Object... arguments) {
    return of(home().resolve("bin/patronus"), arguments);
  }

  /// Any other program: a path, or a name that is looked up on the path.
  public static Program of(Object command, Object... arguments) {
    List<String> words = new ArrayList<>();
    words.add(command.toString());
    for (Object argument : arguments) {
      words.add(argument.toString());
    }
    return new Program(words, environmentOfTests(), Path.of("").toAbsolutePath(), "");
  }

  /// The folder that packaging made: `-Dpatronus.home`, else `target/patronus`.
  public static Path home() {
    return Path.of(System.getProperty("patronus.home", "target/patronus")).toAbsolutePath();
  }

  private static Map<String, String> environmentOfTests() {
    String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
    String home = Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath().toString();
    return Map.of("PATH", path, "HOME", home, "LANG", "C.UTF-8", "TZ", "UTC");
  }

  public Program env(String name, Object value) {
    Map<String, String> more = new TreeMap<>(environment);
    more.put(name, value.toString());
    return new Program(words, more, folder, input);
  }

  public Program in(Path folder) {
    return new Program(words, environment, folder, input);
  }

  /// With this on standard input, closed after it; without, standard input is empty.
  public Program input(String text) {
    return new Program(words, environment, folder, text);
  }

  /// Runs it to its end.
  public ProgramOutcome run() {
    try (RunningProgram running = start()) {
      running.feed(input);
      return running.outcome();
    }
  }

  /// Starts it with standard input open; the caller closes it, which ends it the hard way.
  public RunningProgram start() {
    ProcessBuilder builder = new ProcessBuilder(words).directory(folder.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    try {
      return new RunningProgram(words, builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Whether a program of that name is on the path: for assumptions about the tester's machine.
  public static boolean isInstalled(String name) {
    return Program.of("/bin/sh", "-c", "command -v \"$0\"", name).run().exitCode() == 0;
  }
}
