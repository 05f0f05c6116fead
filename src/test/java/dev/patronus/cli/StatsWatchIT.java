package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.NetflowV5Sender;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.RunningProgram;
import dev.patronus.testing.TerminalWindow;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// `stats --watch` of the packaged program: on a real terminal, and beside a daemon that comes and
/// goes.
class StatsWatchIT {
  private static final int POLICIES = 200;
  private static final String TCP_443 = "{\"protocol\":6,\"dst_port_range\":[443,443]}";

  @TempDir private Path folder;

  @BeforeEach
  void makeDatabase() throws SQLException, IOException {
    try (PlatformDatabase database = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST)) {
      database.inOneTransaction(() -> {
        for (int i = 0; i < POLICIES; i++) {
          String name = i == 1 ? "a policy whose name leaves no room" : "policy " + i;
          database.policy(i + 1, name, 1000 - i, TCP_443);
          database.stat(i + 1, 1_795_442_400, 10, 1_000, 1);
        }
      });
    }
  }

  private Program watch(String... more) {
    Object[] words = new Object[more.length + 2];
    words[0] = "stats";
    words[1] = "--watch=500ms";
    System.arraycopy(more, 0, words, 2, more.length);
    return Program.patronus(words)
        .env("PATRONUS_DB_PATH", folder.resolve("sdwan.db"))
        .env("PATRONUS_SOCKET", folder.resolve("patronus.sock"));
  }

  @Test
  void it_fits_the_window_follows_its_size_and_ends_with_a_summary() throws IOException {
    Tools.require("tmux");
    try (TerminalWindow window = TerminalWindow.open(folder, 80, 24, watch())) {
      List<String> lines = window.await("… and 181 more").lines().toList();
      assertTrue(lines.getFirst().startsWith("Snapshot of "), lines.getFirst());
      assertTrue(lines.get(23).startsWith("(total) "), lines.get(23));
      assertEquals(80, lines.get(2).length(), lines.get(2));
      assertEquals(80, lines.get(23).length(), "up to the corner: " + lines.get(23));
      window.resize(60, 14);
      String small = window.await("… and 192 more");
      assertTrue(small.lines().allMatch(line -> line.length() <= 60), "to the margin: " + small);
      assertTrue(small.replace('\n', ' ').contains(" No daemon answers. Watched "), small);
      window.resize(40, 14);
      window.await("+192 ");
      window.resize(120, 40);
      window.await("… and 165 more");
      String end = window.press("C-c").await("ended with 0");
      assertTrue(end.contains("Watched for "), end);
      assertTrue(end.contains("MEAN RATE"), end);
    }
  }

  @Test
  void its_summary_fits_the_window_that_there_is_at_the_end() throws IOException {
    Tools.require("tmux");
    try (TerminalWindow window = TerminalWindow.open(folder, 80, 24, watch())) {
      window.await("… and 181 more");
      window.resize(40, 24);
      window.await("+182 ");
      String end = window.type("q").await("ended with 0");
      assertTrue(end.contains("(hidden because the screen is narrow:"), end);
    }
  }

  @Test
  void keys_are_not_shown_q_leaves_and_then_they_are_again() throws IOException {
    Tools.require("tmux");
    try (TerminalWindow window = TerminalWindow.open(folder, 80, 24, watch())) {
      window.await("… and 181 more");
      window.type("zzzz").press("C-z");
      window.await("Watched 2 s");
      assertFalse(window.screen().contains("z"), window::screen);
      assertEquals("1 0 0", window.modes(), "alternate screen, cursor, wrapping");
      String end = window.type("q").await("ended with 0");
      assertTrue(end.contains("Watched for "), end);
      assertEquals("0 1 1", window.modes(), "alternate screen, cursor, wrapping");
      window.type("shown again").await("shown again");
    }
  }

  @Test
  void of_a_daemon_that_hangs_it_says_so_and_q_leaves() throws Exception {
    Tools.require("tmux");
    int port = DaemonUnderTest.freePort();
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port);
        TerminalWindow window = TerminalWindow.open(folder, 80, 24, watch())) {
      window.await("Live from the daemon");
      daemon.program().signal("STOP");
      try {
        window.await("cannot be queried");
        String end = window.type("q").await("ended with 0");
        assertTrue(end.contains("Watched for "), end);
      } finally {
        daemon.program().signal("CONT");
      }
    }
  }

  @Test
  void told_to_end_it_gives_the_terminal_back_as_it_was() throws IOException {
    Tools.require("tmux");
    Program killed =
        Program.of(
                "sh",
                "-c",
                "echo before; \"$0\" stats --watch & read -r _; kill -TERM $!; wait $!; echo \"code $?\"",
                Program.home().resolve("bin/patronus"))
            .env("PATRONUS_DB_PATH", folder.resolve("sdwan.db"))
            .env("PATRONUS_SOCKET", folder.resolve("patronus.sock"));
    try (TerminalWindow window = TerminalWindow.open(folder, 80, 24, killed)) {
      window.await("… and 181 more");
      String end = window.press("Enter").await("code 0");
      assertTrue(end.contains("Watched for "), end);
      assertEquals("0 1 1", window.modes(), "alternate screen, cursor, wrapping");
    }
  }

  @Test
  void a_frame_is_one_write() throws IOException {
    Tools.require("tmux");
    Tools.require("strace");
    Tools.requireKernel(
        Program.of("strace", "true").run().exitCode() == 0, "right to trace a process");
    Path trace = folder.resolve("trace");
    Program traced =
        Program.of(
            "strace",
            "-f",
            "-s",
            "100000",
            "-e",
            "trace=write",
            "-o",
            trace,
            Program.home().resolve("bin/patronus"),
            "stats",
            "--watch=500ms",
            "--count",
            "5");
    try (TerminalWindow window =
        TerminalWindow.open(
            folder, 80, 24, new Program(traced.words(), watch().environment(), folder, ""))) {
      window.await("ended with 0");
    }
    List<String> writes =
        Files.readString(trace)
            .lines()
            .filter(line -> line.contains(" write(1, "))
            .filter(
                line -> !line.contains("\"24 80") && !line.matches(".*\"[0-9a-f]+:.*")) // stty's
            .toList();
    assertEquals(7, writes.size(), "five frames, the way back, and the summary: " + writes);
    for (String frame : writes.subList(0, 5)) {
      assertTrue(frame.contains("\\33[HSnapshot") && frame.contains("(total)"), frame);
    }
  }

  @Test
  void it_follows_a_daemon_that_comes_and_goes_and_counts_nothing_twice() throws Exception {
    int port = DaemonUnderTest.freePort();
    ObjectMapper json = new ObjectMapper();
    long sent = 0;
    try (RunningProgram watch = watch("-p", "policy 0", "-o", "ndjson").start();
        NetflowV5Sender sender = new NetflowV5Sender(port)) {
      watch.awaitStdout("\"source\":\"snapshot\"");
      for (int round = 1; round <= 2; round++) {
        try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port)) {
          for (int i = 0; i < 20; i++) {
            sent += sender.send(i * NetflowV5Sender.FLOWS, 443, 2);
          }
          long all = 10 + sent;
          DaemonUnderTest.await(
              "all are seen live",
              () -> watch.stdoutSoFar().contains("\"packets_matched\":" + all));
          daemon.program().signal("KILL");
        }
        int lives = round;
        DaemonUnderTest.await("it falls back", () -> switches(watch.stdoutSoFar()) >= 2 * lives);
      }
      watch.signal("INT");
      ProgramOutcome outcome = watch.outcome();
      assertEquals(0, outcome.exitCode(), outcome::toString);
      assertEquals("", outcome.stderr());
      long gained = 0;
      for (String line : outcome.stdout().lines().toList()) {
        JsonNode row = json.readTree(line);
        assertTrue(row.get("packets_gained").asLong() >= gained, outcome::toString);
        gained = row.get("packets_gained").asLong();
        assertEquals(0, row.get("resets").asInt(), line);
        assertTrue(row.get("bytes_per_second").asDouble(0) >= 0, line);
      }
      assertEquals(sent, gained, outcome::toString);
    }
  }

  /// How often the rows changed from one source to the other.
  private static int switches(String rows) {
    int switches = 0;
    String before = "snapshot";
    for (String row : rows.lines().filter(line -> line.endsWith("}")).toList()) {
      String source = row.contains("\"source\":\"live\"") ? "live" : "snapshot";
      switches += source.equals(before) ? 0 : 1;
      before = source;
    }
    return switches;
  }
}
