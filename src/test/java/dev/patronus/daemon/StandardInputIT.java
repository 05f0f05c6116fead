package dev.patronus.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.Captures;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `--source pcap:-` where standard input is no capture: it is said once, and the daemon ends.
class StandardInputIT {
  @TempDir private Path folder;

  @BeforeEach
  void makeDatabase() throws Exception {
    PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST).close();
  }

  private String daemon(String source) {
    Program program =
        Program.patronus(
            "daemon",
            "--db",
            folder.resolve("sdwan.db"),
            "--source",
            source,
            "--state-dir",
            folder,
            "--socket",
            folder.resolve("patronus.sock"),
            "--metrics-listen",
            "off");
    return String.join(" ", program.words());
  }

  private static void assertRefused(ProgramOutcome outcome, String why) {
    assertEquals(1, outcome.exitCode(), outcome::toString);
    List<String> said =
        outcome.stderr().lines().filter(line -> line.contains("cannot be")).toList();
    assertEquals(1, said.size(), outcome::toString);
    assertTrue(said.getFirst().contains(why), outcome::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"<&-", "</dev/null", "0>/dev/null", "</tmp", "</etc/passwd"})
  void what_is_no_capture_ends_the_daemon_with_one_sentence(String input) {
    String shell = daemon("pcap:-") + " " + input;
    assertRefused(Program.of("/bin/sh", "-c", shell).run(), "standard input");
  }

  @Test
  void a_capture_comes_through_a_pipe() throws Exception {
    try (Captures capture = Captures.create(folder.resolve("capture.pcap"))) {
      capture.at(1_700_000_000_000L).tcp("10.0.0.1", 40000, "10.0.0.2", 443, 1500);
    }
    String shell = "cat " + folder.resolve("capture.pcap") + " | " + daemon("pcap:-");
    ProgramOutcome outcome = Program.of("/bin/sh", "-c", shell).run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
    try (PlatformDatabase database = PlatformDatabase.open(folder.resolve("sdwan.db"))) {
      assertEquals(
          1500,
          database.number(
              "SELECT sum(b) FROM (SELECT max(bytes_matched) b FROM sdwan_policy_stats"
                  + " UNION ALL SELECT max(bytes) FROM patronus_unmatched_stats)"));
    }
  }

  @Test
  void a_terminal_is_no_capture() {
    Tools.require("script");
    String shell = daemon("pcap:-") + " 2>" + folder.resolve("said");
    ProgramOutcome outcome =
        Program.of(
                "/bin/sh",
                "-c",
                "script -qec '"
                    + shell
                    + "' /dev/null; code=$?; cat "
                    + folder
                    + "/said >&2; exit $code")
            .run();
    assertRefused(outcome, "standard input is a terminal");
  }

  @Test
  void a_file_that_is_no_capture_ends_the_daemon_too() {
    assertRefused(Program.of("/bin/sh", "-c", daemon("pcap:/etc/passwd")).run(), "no capture");
  }

  @Test
  void a_file_that_is_not_there_ends_the_daemon_too() {
    ProgramOutcome outcome = Program.of("/bin/sh", "-c", daemon("pcap:/nowhere.pcap")).run();
    assertEquals(1, outcome.exitCode(), outcome::toString);
    assertTrue(outcome.stderr().contains("there is no capture /nowhere.pcap"), outcome::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {">&-", "2>&-", "<&- >&- 2>&-"})
  void closed_streams_never_become_the_files_that_are_opened(String closed) throws Exception {
    for (String command : new String[] {"policy list", "db check", "stats"}) {
      String shell =
          Program.home().resolve("bin/patronus") + " " + command + " --db " + folder + "/sdwan.db ";
      ProgramOutcome outcome = Program.of("/bin/sh", "-c", shell + closed).run();
      assertTrue(outcome.exitCode() < 10, outcome::toString);
    }
    try (PlatformDatabase database = PlatformDatabase.open(folder.resolve("sdwan.db"))) {
      assertEquals(List.of("ok"), database.rows("PRAGMA integrity_check"));
    }
  }

  @Test
  void rows_for_a_closed_standard_output_do_not_count_as_delivered() throws Exception {
    try (PlatformDatabase database = PlatformDatabase.open(folder.resolve("sdwan.db"))) {
      database.policy(1, "web", 10, "{}").stat(1, 1_700_000_000, 5, 500, 1);
    }
    Path state = folder.resolve("state");
    String shell =
        Program.home().resolve("bin/patronus")
            + " export stats --db "
            + folder
            + "/sdwan.db --since-last "
            + state
            + " >&-";
    ProgramOutcome outcome = Program.of("/bin/sh", "-c", shell).run();
    assertEquals(1, outcome.exitCode(), outcome::toString);
    assertTrue(
        outcome.stderr().contains("rows cannot be written to standard output"), outcome::toString);
    assertFalse(Files.exists(state), "nothing was delivered");
  }
}
