package dev.patronus.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What is no usable database is said in one line with its code, by every command, and is left as
/// it is.
class UnusableDatabaseTest {
  @TempDir private Path folder;

  static Stream<String> commands() {
    return Stream.of(
        "policy list",
        "policy show voice",
        "path list",
        "path show 1",
        "audit",
        "db check",
        "db backup copy.db",
        "db migrate",
        "db migrate --dry-run",
        "db prune --older-than 90d --yes",
        "db prune --older-than 90d --dry-run");
  }

  static Stream<String> changes() {
    return Stream.of(
        "db migrate", "db migrate --wal", "db prune --older-than 90d --table path-metrics --yes");
  }

  private Path file() {
    return folder.resolve("sdwan.db");
  }

  private Outcome run(String command) {
    return CommandLineRun.on(file())
        .run(command.replace("copy.db", folder.resolve("copy.db").toString()).split(" ", -1));
  }

  private void refuses(String command, ExitCode code, String message) {
    Outcome outcome = run(command);
    assertEquals("patronus: " + message + "\n", outcome.err());
    assertEquals(code, outcome.exitCode());
    assertEquals("", outcome.out());
    assertFalse(Files.exists(folder.resolve("copy.db")));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void no_file(String command) {
    refuses(
        command,
        ExitCode.UNUSABLE_DATABASE,
        "no database at "
            + file()
            + "; name it with --db or PATRONUS_DB_PATH, or make one with 'patronus db init'");
    assertFalse(Files.exists(file()));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void an_empty_file(String command) throws Exception {
    Files.createFile(file());
    refuses(
        command,
        ExitCode.UNUSABLE_DATABASE,
        file() + " is an empty file, not a database; 'patronus db init' makes one");
    assertEquals(0, Files.size(file()));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void a_text_file(String command) throws Exception {
    Files.writeString(file(), "SQLite format 4, or what");
    refuses(command, ExitCode.UNUSABLE_DATABASE, file() + " is not a SQLite database");
    assertEquals("SQLite format 4, or what", Files.readString(file()));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void somebody_elses_database(String command) throws Exception {
    try (PlatformDatabase other = PlatformDatabase.open(file())) {
      other.run("CREATE TABLE songs (name TEXT)");
    }
    byte[] before = Files.readAllBytes(file());
    refuses(
        command,
        ExitCode.UNUSABLE_DATABASE,
        file() + " is no Patronus database: it has no table sdwan_sites");
    assertArrayEquals(before, Files.readAllBytes(file()));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void a_truncated_database(String command) throws Exception {
    PlatformDatabase.create(folder, Age.NEWEST).close();
    byte[] part = Arrays.copyOf(Files.readAllBytes(file()), 4096);
    Files.write(file(), part);
    Outcome outcome = run(command);
    assertEquals(ExitCode.UNUSABLE_DATABASE, outcome.exitCode(), outcome::toString);
    assertTrue(outcome.err().startsWith("patronus: " + file() + " is damaged ("), outcome.err());
    assertTrue(outcome.err().contains("restore a backup"), outcome.err());
    assertEquals(1, outcome.err().lines().count());
    assertArrayEquals(part, Files.readAllBytes(file()));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void a_locked_database(String command) throws Exception {
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST)) {
      database.site("aa", "a").site("bb", "b").path(1, "aa", "bb").metric(1, 1, 1).metric(1, 2, 2);
      byte[] before = Files.readAllBytes(file());
      database.run("BEGIN IMMEDIATE");
      refuses(
          command,
          ExitCode.BUSY,
          "the database " + file() + " is locked by another program; try again");
      database.run("ROLLBACK");
      assertArrayEquals(before, Files.readAllBytes(file()));
    }
  }
}
