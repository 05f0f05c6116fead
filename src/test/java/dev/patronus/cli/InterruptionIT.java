package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.RunningProgram;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Ctrl-C in the middle of a command that changes something.
class InterruptionIT {
  private static final int ROUNDS = 16;
  private static final int METRICS = 60_000;

  @TempDir private Path folder;

  private PlatformDatabase large() throws Exception {
    PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST);
    database.site("aa", "berlin").site("bb", "lyon").path(1, "aa", "bb");
    database.inOneTransaction(() -> {
      for (int i = 0; i < METRICS; i++) {
        database.metric(1, 1_000_000 + i, 1);
      }
    });
    return database;
  }

  private static Program patronus(PlatformDatabase database, String... words) {
    return Program.patronus((Object[]) words).env("PATRONUS_DB_PATH", database.file());
  }

  private static long millis(Program program) {
    long begun = System.nanoTime();
    ProgramOutcome outcome = program.run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
    return (System.nanoTime() - begun) / 1_000_000;
  }

  /// One that has ended meanwhile is no fault.
  private static void interrupt(RunningProgram running) {
    ProgramOutcome _ = Program.of("/bin/kill", "-INT", running.pid()).run();
  }

  @Test
  void a_site_that_is_gone_was_said_to_be_gone() throws Exception {
    try (PlatformDatabase database = large()) {
      Program delete = patronus(database, "site", "delete", "berlin", "--yes");
      long whole = millis(delete);
      millis(patronus(database, "site", "restore", "berlin"));
      for (int round = 0; round < ROUNDS; round++) {
        try (RunningProgram running = delete.start()) {
          Thread.sleep(whole * (ROUNDS + round) / (2 * ROUNDS));
          interrupt(running);
          ProgramOutcome outcome = running.outcome();
          boolean gone =
              database.number("SELECT count(*) FROM sdwan_sites WHERE site_name = 'berlin'") == 0;
          assertEquals(gone, outcome.stdout().contains("deleted berlin"), outcome::toString);
          assertEquals(gone ? 0 : 130, outcome.exitCode(), outcome::toString);
          if (gone) {
            millis(patronus(database, "site", "restore", "berlin"));
          }
        }
      }
    }
  }

  @Test
  void a_backup_leaves_nothing_behind() throws Exception {
    try (PlatformDatabase database = large()) {
      Path copies = Files.createDirectory(folder.resolve("copies"));
      Program backup =
          patronus(database, "db", "backup", "--force", copies.resolve("copy.db").toString());
      long whole = millis(backup);
      for (int round = 0; round < ROUNDS; round++) {
        try (RunningProgram running = backup.start()) {
          Thread.sleep(whole * (ROUNDS + round) / (2 * ROUNDS));
          interrupt(running);
          running.outcome();
          try (Stream<Path> files = Files.list(copies)) {
            List<String> names = files.map(file -> file.getFileName().toString()).toList();
            assertEquals(List.of("copy.db"), names);
          }
        }
      }
      assertTrue(Files.size(copies.resolve("copy.db")) > METRICS);
    }
  }
}
