package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.error.ExitCode;
import dev.patronus.output.file.ExportState;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.Program;
import dev.patronus.testing.RunningProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Exports in processes of their own that end before they are done.
class ExportCrashTest {
  private static final int ROWS_PER_RUN = 20_000;
  private static final int RUNS = 12;

  @TempDir Path folder;
  private PlatformDatabase platform;

  @BeforeEach
  void create() throws SQLException, IOException {
    platform = PlatformDatabase.create(folder, Age.NEWEST);
    platform.policy(7, "voice", 100, "{}");
    platform.run("PRAGMA journal_mode = WAL");
  }

  @AfterEach
  void close() throws SQLException {
    platform.close();
  }

  private void addRows() throws SQLException {
    platform.run(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
            + ROWS_PER_RUN
            + ")"
            + " INSERT INTO sdwan_policy_stats (policy_id, timestamp, packets_matched,"
            + " bytes_matched, active_flows) SELECT 7, i, i, i, 0 FROM n");
  }

  private Program export(Path file) {
    return Program.of(
        Path.of(System.getProperty("java.home"), "bin/java"),
        "-XX:TieredStopAtLevel=1",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("java.class.path"),
        "dev.patronus.Main",
        "export",
        "stats",
        "--db",
        platform.file(),
        "--columns",
        "stat_id",
        "--no-headers",
        "--since-last",
        folder.resolve("state"),
        "--file",
        file);
  }

  private boolean seesPart() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.anyMatch(file -> file.toString().contains(".part"));
    }
  }

  /// Waits for the moment to kill: the process is over, or its part was there for a while.
  private void awaitMoment(RunningProgram running, Random random)
      throws IOException, InterruptedException {
    while (running.isAlive() && !seesPart()) {
      Thread.sleep(1);
    }
    Thread.sleep(random.nextInt(120));
  }

  private List<Long> handedOver() throws IOException {
    List<Long> rows = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.getFileName().toString().startsWith("out-")).toList()) {
        Files.readAllLines(file).forEach(line -> rows.add(Long.parseLong(line)));
      }
    }
    rows.sort(null);
    return rows;
  }

  @Test
  void each_row_is_handed_over_exactly_once_whenever_the_process_is_killed()
      throws SQLException, IOException, InterruptedException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int run = 0; run < RUNS; run++) {
      addRows();
      try (RunningProgram running = export(folder.resolve("out-" + run + ".csv")).start()) {
        awaitMoment(running, random);
        // closing it is a SIGKILL, whether it still runs or not
      }
    }
    addRows();
    assertEquals(0, export(folder.resolve("out-last.csv")).run().exitCode());
    assertEquals(
        LongStream.rangeClosed(1, (RUNS + 1L) * ROWS_PER_RUN).boxed().toList(),
        handedOver(),
        "seed " + seed);
    assertEquals(false, seesPart(), "nothing half-written is left");
  }

  @Test
  void a_signal_leaves_nothing_half_written()
      throws SQLException, IOException, InterruptedException {
    for (int i = 0; i < 20; i++) {
      addRows();
    }
    for (String signal : new String[] {"INT", "TERM"}) {
      Files.deleteIfExists(folder.resolve("out-1.csv"));
      try (RunningProgram running = export(folder.resolve("out-1.csv")).start()) {
        awaitMoment(running, new Random(0));
        running.signal(signal);
        int exitCode = running.outcome().exitCode();
        assertEquals(exitCode == 0, Files.exists(folder.resolve("out-1.csv")), signal);
        assertEquals(false, seesPart());
      }
    }
  }

  @Test
  void a_second_export_with_the_same_state_is_told_to_try_again() throws IOException {
    Path state = folder.resolve("state");
    try (ExportState _ =
        ExportState.open(state, new ExportState.Wanted(Map.of(), Optional.empty(), false, false))) {
      var outcome = export(folder.resolve("out-1.csv")).run();
      assertEquals(
          "patronus: another export is using the state file "
              + state
              + "; try again when it has ended\n",
          outcome.stderr());
      assertEquals(ExitCode.BUSY.code(), outcome.exitCode());
    }
  }

  @Test
  void a_reader_that_goes_away_is_no_failure() throws SQLException {
    addRows();
    Program head =
        Program.of(
            "/bin/sh",
            "-c",
            "\"$@\" | head -1; exit 0",
            "sh",
            Path.of(System.getProperty("java.home"), "bin/java"),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.patronus.Main",
            "export",
            "stats",
            "--db",
            platform.file());
    var outcome = head.run();
    assertEquals("", outcome.stderr());
    assertEquals(1, outcome.stdout().lines().count());
  }
}
