package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.cli.command.Session;
import dev.patronus.cli.terminal.Terminal;
import dev.patronus.cli.terminal.WindowSize;
import dev.patronus.error.ExitCode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.TreeMap;

/// A command line that is ready to be run inside this process, as a person would type it: fast, and
/// with the clock, the terminal and the environment in the test's hand.
///
/// ```java
/// CommandLineRun cli = CommandLineRun.on(database.file());
/// assertEquals("…", cli.out("stats", "--json"));
///
/// Outcome refused = cli.onTerminal(80, 24).typing("n\n").run("site", "delete", "berlin");
/// refused.failed(ExitCode.REFUSED, "not confirmed; nothing was changed");
/// ```
///
/// Immutable: each `with` is a new one. Unless said otherwise there is no terminal, times are UTC,
/// it is 2026-11-23 14:00, and no configuration file is read.
public record CommandLineRun(
    Map<String, String> env, Terminal terminal, Instant now, String input) {
  private static final Terminal NO_TERMINAL = new Terminal(false, false, false, 80, 24);
  private static final Instant DEFAULT_NOW = Instant.parse("2026-11-23T14:00:00Z");

  public CommandLineRun {
    env = new TreeMap<>(env);
  }

  /// What a command left: its exit code, and what it said on both streams.
  public record Outcome(ExitCode exitCode, String out, String err) {
    /// Holds the end against what an error looks like: its code, nothing on stdout, and one line.
    public void failed(ExitCode code, String message) {
      assertEquals("patronus: " + message + "\n", err);
      assertEquals("", out);
      assertEquals(code, exitCode);
    }

    @Override
    public String toString() {
      return "exit " + exitCode + "\nstdout:\n" + out + "\nstderr:\n" + err;
    }
  }

  /// Without a database.
  static CommandLineRun bare() {
    Map<String, String> env = new TreeMap<>();
    env.put("LANG", "C.UTF-8");
    env.put("TERM", "xterm");
    env.put("PATRONUS_TZ", "UTC");
    env.put("PATRONUS_CONFIG", "/dev/null");
    env.putAll(CommandMatrix.ALERTS);
    return new CommandLineRun(env, NO_TERMINAL, DEFAULT_NOW, "");
  }

  /// On this database.
  public static CommandLineRun on(Path database) {
    return bare().env("PATRONUS_DB_PATH", database.toString());
  }

  public CommandLineRun env(String name, String value) {
    Map<String, String> more = new TreeMap<>(env);
    more.put(name, value);
    return new CommandLineRun(more, terminal, now, input);
  }

  public CommandLineRun at(String now) {
    return new CommandLineRun(env, terminal, Instant.parse(now), input);
  }

  /// With a person at all three streams, who reads without a pager and without colour.
  public CommandLineRun onTerminal(int columns, int lines) {
    Terminal screen = new Terminal(true, true, true, columns, lines);
    return new CommandLineRun(env, screen, now, input).env("NO_COLOR", "1").env("PAGER", "");
  }

  /// With this on standard input.
  public CommandLineRun typing(String text) {
    return new CommandLineRun(env, terminal, now, text);
  }

  /// The terminal, or the width that the environment has in its place.
  private Terminal asked() {
    return terminal.resized(new WindowSize(terminal.lines(), terminal.columns()), env);
  }

  /// Runs the command that the words name.
  public Outcome run(String... words) {
    return run(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), words);
  }

  /// Runs the command that the words name, with this on standard input.
  Outcome run(InputStream in, String... words) {
    return run(in, new ByteArrayOutputStream(), words);
  }

  /// Runs the command that the words name; what it has printed so far is in `out`, for a test that
  /// waits for it on another thread.
  Outcome run(InputStream in, ByteArrayOutputStream out, String... words) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (PrintStream messages = new PrintStream(err, true, StandardCharsets.UTF_8);
        Session session =
            new Session(in, out, messages, env, asked(), Clock.fixed(now, ZoneOffset.UTC))) {
      ExitCode code = new Cli(CommandTree.ROOT, session).run(words);
      return new Outcome(
          code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
  }

  /// What a command that succeeds without a message prints.
  public String out(String... words) {
    Outcome outcome = run(words);
    assertEquals(ExitCode.DONE, outcome.exitCode(), outcome::toString);
    assertEquals("", outcome.err(), outcome::toString);
    return outcome.out();
  }
}
