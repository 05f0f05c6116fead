package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandMatrix.Effect;
import dev.patronus.cli.CommandMatrix.Specimen;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.SampleDatabase;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The program as a user who may read the database and write nowhere: what reads works, what
/// changes is refused in one line, and nothing is changed.
class ForeignFolderIT {
  private static final List<Object> AS_NOBODY =
      List.of("--reuid=65534", "--regid=65534", "--clear-groups");

  @TempDir private Path folder;
  private Path database;

  @BeforeEach
  void somebodyElse() throws Exception {
    Tools.require("setpriv");
    Tools.requireRoot();
    List<Object> words = new ArrayList<>(AS_NOBODY);
    words.addAll(List.of("test", "-x", Program.home().resolve("bin/patronus"), "-a", "-x", folder));
    permit(folder, "r-xr-xr-x");
    ProgramOutcome may = Program.of("setpriv", words.toArray()).run();
    permit(folder, "rwxr-xr-x");
    Tools.requireKernel(may.exitCode() == 0, "way for another user to the program: " + may);
    database = SampleDatabase.make(folder, Age.NEWEST);
    CommandLineRun.on(database).out("site", "delete", "lyon", "--yes");
    CommandLineRun.on(database).out("policy", "delete", "default", "--yes");
  }

  @AfterEach
  void givesBack() throws IOException {
    permit(folder, "rwxr-xr-x");
  }

  private static void permit(Path file, String permissions) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  private void close() throws IOException {
    permit(database, "r--r--r--");
    permit(folder, "r-xr-xr-x");
  }

  private ProgramOutcome run(String words) {
    List<Object> all = new ArrayList<>(AS_NOBODY);
    all.add(Program.home().resolve("bin/patronus"));
    all.addAll(List.of(words.replace("FOLDER", folder.toString()).split(" ", -1)));
    Program program =
        Program.of("setpriv", all.toArray())
            .env("PATRONUS_DB_PATH", database)
            .env("PATRONUS_STATE_DIR", folder)
            .env("PATRONUS_CONFIG", "/dev/null");
    for (Map.Entry<String, String> each : CommandMatrix.ALERTS.entrySet()) {
      program = program.env(each.getKey(), each.getValue());
    }
    return program.run();
  }

  @Test
  void what_reads_works_and_what_writes_is_refused() throws Exception {
    close();
    Map<String, String> before = Snapshot.of(folder);
    for (Specimen specimen : CommandMatrix.specimens()) {
      ProgramOutcome outcome = run(specimen.words());
      if (specimen.effect() == Effect.READS) {
        assertEquals(specimen.ends().code(), outcome.exitCode(), outcome::toString);
        assertEquals(
            specimen.ends() == ExitCode.NOT_FOUND || specimen.tellsMissing() ? 1 : 0,
            outcome.stderr().lines().count(),
            outcome::toString);
      } else if (specimen.words().contains("FOLDER") || isRefused(specimen)) {
        assertEquals(1, outcome.exitCode(), outcome::toString);
        assertTrue(
            outcome.stderr().startsWith("patronus: cannot ")
                || outcome.stderr().startsWith("patronus: the daemon cannot start: "),
            outcome::toString);
        assertEquals(1, outcome.stderr().lines().count(), outcome::toString);
        assertEquals("", outcome.stdout(), outcome::toString);
      }
      assertEquals(before, Snapshot.of(folder), "changed by " + specimen);
    }
  }

  /// A migration of what is complete changes nothing.
  private static boolean isRefused(Specimen specimen) {
    return specimen.effect() == Effect.CHANGES && !specimen.words().equals("db migrate");
  }

  @Test
  void a_database_that_the_user_may_only_read_is_no_failure_to_the_doctor() throws Exception {
    close();
    String found = run("doctor -o csv").stdout();
    assertTrue(
        found.contains("database,ok,writing_not_checked,\"this user may only read it;"), found);
    assertTrue(
        found.contains("database,ok,none,\"the database can be opened for reading\","), found);
  }

  @ParameterizedTest
  @ValueSource(strings = {"stats", "site list", "policy list", "path list", "audit"})
  void a_database_in_wal_can_be_read(String words) throws Exception {
    try (PlatformDatabase open = PlatformDatabase.open(database)) {
      open.run("PRAGMA journal_mode = WAL");
    }
    close();
    ProgramOutcome outcome = run(words);
    assertEquals(0, outcome.exitCode(), outcome::toString);
    assertEquals("", outcome.stderr());
  }

  @Test
  void a_database_in_wal_with_a_log_that_cannot_be_shared_is_refused() throws Exception {
    try (PlatformDatabase open = PlatformDatabase.open(database)) {
      open.run("PRAGMA journal_mode = WAL").run("PRAGMA wal_autocheckpoint = 0");
      open.run("UPDATE sdwan_sites SET last_seen = last_seen + 1");
      permit(folder.resolve("sdwan.db-shm"), "---------");
      close();
      ProgramOutcome outcome = run("stats");
      assertEquals(
          "patronus: cannot read "
              + database
              + ": it is in WAL, and readers need to write beside it; run it as root, or as one who"
              + " may write to that folder\n",
          outcome.stderr());
      assertEquals(7, outcome.exitCode(), outcome::toString);
      givesBack();
    }
  }
}
