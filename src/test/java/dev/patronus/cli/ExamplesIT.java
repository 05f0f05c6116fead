package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.Captures;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.RunningProgram;
import dev.patronus.testing.SampleDatabase;
import dev.patronus.testing.Tools;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The examples that need the daemon, or are it, run with the packaged one.
class ExamplesIT {
  @TempDir private Path folder;
  private Path database;

  @BeforeEach
  void makeDatabase() throws Exception {
    database = SampleDatabase.make(folder, Age.NEWEST);
  }

  static Stream<CommandExample> daemons() {
    return CommandExample.all().stream().filter(each -> each.command().startsWith("daemon "));
  }

  @Test
  void what_asks_the_daemon_is_answered() throws Exception {
    try (DaemonUnderTest _ = DaemonUnderTest.start(folder, DaemonUnderTest.freePort())) {
      List<CommandExample> asking =
          CommandExample.all().stream()
              .filter(CommandExample::needsDaemon)
              .filter(each -> !each.command().startsWith("daemon "))
              .toList();
      assertFalse(asking.isEmpty());
      for (CommandExample example : asking) {
        Outcome outcome =
            CommandLineRun.on(database)
                .at(Instant.now().toString())
                .env("PATRONUS_SOCKET", folder.resolve("patronus.sock").toString())
                .onTerminal(80, 1000)
                .typing("y\n")
                .run(example.wordsIn(folder).toArray(String[]::new));
        assertEquals(ExitCode.DONE, outcome.exitCode(), () -> example + "\n" + outcome);
        boolean mayBeEmpty =
            example.has("--file") || example.has("ndjson") || example.has("--check-filter");
        assertTrue(mayBeEmpty || !outcome.out().isEmpty(), example::toString);
        if (example.has("--json")) {
          Printed.document(outcome.out());
        }
      }
    }
  }

  /// The port of the example may be in use here.
  private List<Object> words(CommandExample example) {
    List<Object> words = new ArrayList<>();
    for (String word : example.words()) {
      words.add(word.replace(":2055", ":" + DaemonUnderTest.freePort()));
    }
    words.addAll(List.of("--metrics-listen", "off", "--state-dir", folder));
    return words;
  }

  private Program program(CommandExample example) {
    return Program.patronus(words(example).toArray())
        .in(folder)
        .env("PATRONUS_DB_PATH", database)
        .env("PATRONUS_SOCKET", folder.resolve("patronus.sock"));
  }

  @ParameterizedTest
  @MethodSource("daemons")
  void a_daemon_starts_and_ends_with_0(CommandExample example) throws Exception {
    boolean ends = example.command().contains("pcap:");
    if (ends) {
      try (Captures capture = Captures.create(folder.resolve("capture.pcap"))) {
        capture.at(1_700_000_000_000L).tcp("10.0.0.1", 40000, "10.0.0.2", 443, 1500);
      }
    }
    try (RunningProgram daemon = program(example).start()) {
      if (!ends) {
        awaitReady(daemon);
        daemon.signal("TERM");
      }
      ProgramOutcome outcome = daemon.outcome();
      assertEquals(0, outcome.exitCode(), outcome::toString);
    }
    if (example.command().contains("time=capture")) {
      try (PlatformDatabase counted = PlatformDatabase.open(database)) {
        assertEquals(
            1500,
            counted.number(
                "SELECT MAX(bytes_matched) FROM sdwan_policy_stats"
                    + " WHERE policy_id = 7 AND timestamp < 1700001000"));
      }
    } else if (ends) {
      try (PlatformDatabase counted = PlatformDatabase.open(database)) {
        assertEquals(
            example.command().contains("--dry-run") ? 0 : 1500,
            counted.number(
                    "SELECT bytes_matched FROM sdwan_policy_stats WHERE policy_id = 7"
                        + " ORDER BY timestamp DESC LIMIT 1")
                - 134_100_000);
      }
    }
  }

  private static void awaitReady(RunningProgram daemon) {
    try {
      daemon.awaitStderr("ready: ");
    } catch (IllegalStateException e) {
      boolean forbidden = e.getMessage().contains("permi") || e.getMessage().contains("conntrack");
      Tools.requireKernel(!forbidden, "right to read connection tracking: " + e.getMessage());
      throw e;
    }
    assertTrue(daemon.isAlive());
  }
}
