package dev.patronus;

import dev.patronus.cli.Cli;
import dev.patronus.cli.CommandTree;
import dev.patronus.cli.command.Session;
import dev.patronus.cli.terminal.Terminal;
import dev.patronus.error.ExitCode;
import dev.patronus.store.Database;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/// Wires and exits.
public final class Main {
  private static final int BUFFER = 1 << 13;

  private Main() {}

  public static void main(String[] words) {
    Runtime.getRuntime().halt(run(words).code());
  }

  static ExitCode run(String... words) {
    if (namesCommand(words)) {
      warmUp();
    }
    Map<String, String> env = environment(System.getProperty("patronus.locale"));
    Terminal terminal =
        Terminal.of(
            System.getProperty("patronus.terminals"), System.getProperty("patronus.size"), env);
    try (Session session =
        new Session(
            System.in,
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER),
            new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
            env,
            terminal,
            Clock.systemUTC())) {
      return new Cli(CommandTree.ROOT, session).run(words);
    }
  }

  /// The environment with the locale that the launcher found, not the one that it set for Java.
  private static Map<String, String> environment(String locale) {
    if (locale == null) {
      return System.getenv();
    }
    Map<String, String> env = new HashMap<>(Map.copyOf(System.getenv()));
    env.put("LC_ALL", locale);
    return env;
  }

  private static boolean namesCommand(String... words) {
    for (String word : words) {
      if (!word.startsWith("-")) {
        return true;
      }
    }
    return false;
  }

  /// Gets ready on a second thread what nearly every command will need, while this one still reads
  /// the words: a quarter of a short call.
  private static void warmUp() {
    Thread.ofPlatform().daemon().name("warm-up").start(Main::getReady);
  }

  private static void getReady() {
    Database.warmUp();
    Objects.requireNonNull(ZoneId.systemDefault().getRules());
  }
}
