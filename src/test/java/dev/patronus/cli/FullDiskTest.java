package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.SmallDisk;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What commands say on a disk without a free byte, where the database is in WAL mode, and SQLite
/// has no room for its index of the log.
class FullDiskTest {
  @TempDir private Path folder;
  private SmallDisk disk;
  private Path small;

  @BeforeEach
  void fullDisk() throws Exception {
    disk = SmallDisk.in(folder, "2m");
    small = disk.folder();
    try (PlatformDatabase platform = PlatformDatabase.create(small, Age.NEWEST)) {
      platform.run("PRAGMA journal_mode = WAL");
      platform.policy(7, "voice", 1, "{}").stat(7, 1_795_000_000L, 1, 100, 1);
    }
    byte[] block = new byte[4096];
    try (OutputStream ballast = Files.newOutputStream(small.resolve("ballast"))) {
      while (true) {
        ballast.write(block);
      }
    } catch (IOException _) {
      assertEquals(0, Files.getFileStore(small).getUsableSpace());
    }
  }

  @AfterEach
  void unmount() {
    disk.close();
  }

  private Outcome run(String words) {
    return CommandLineRun.on(small.resolve("sdwan.db")).run(words.split(" ", -1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"stats", "site list", "db check"})
  void what_reads_the_database_needs_no_room(String words) {
    Outcome outcome = run(words);
    assertTrue(outcome.exitCode() == ExitCode.DONE || words.equals("db check"), outcome::toString);
    assertEquals("", outcome.err());
    assertFalse(outcome.out().contains("error"), outcome::toString);
  }

  @Test
  void the_doctor_finds_the_full_disk_and_advises_nothing_that_needs_room() {
    String out = run("doctor").out();
    assertTrue(out.contains(" is full ("), out);
    assertFalse(out.contains("copy"), out);
    assertFalse(out.contains("db prune"), out);
  }

  @Test
  void an_export_names_the_file_that_it_cannot_write() {
    Path file = small.resolve("rows.csv");
    Outcome outcome = run("export sites --file " + file);
    assertEquals(ExitCode.FAILED, outcome.exitCode(), outcome::toString);
    assertTrue(
        outcome.err().contains("the disk that holds " + file + " is full"), outcome::toString);
    assertFalse(Files.exists(file));
  }
}
