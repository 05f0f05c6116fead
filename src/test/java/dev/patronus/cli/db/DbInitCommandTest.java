package dev.patronus.cli.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DbInitCommandTest {
  private static final String TABLES =
      "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'patronus_%'"
          + " AND name NOT LIKE 'sqlite_%' ORDER BY name";

  @TempDir private Path folder;

  private List<String> names() throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void the_database_has_the_tables_of_the_newest_platform_and_is_in_wal() throws Exception {
    Path file = folder.resolve("made.db");
    assertEquals(
        "Created " + file + ", an empty database in WAL mode.\n",
        CommandLineRun.on(file).out("db", "init"));
    assertEquals(List.of("made.db"), names());
    try (PlatformDatabase made = PlatformDatabase.open(file);
        PlatformDatabase platform = PlatformDatabase.create(folder, Age.NEWEST)) {
      assertEquals(platform.rows(TABLES), made.rows(TABLES));
      assertEquals(List.of("wal"), made.rows("PRAGMA journal_mode"));
      assertEquals(List.of("ok"), made.rows("PRAGMA integrity_check"));
      assertEquals(
          List.of("2026-11-23T14:00:00Z|patronus-cli/1.0.0|database_init|1|info"),
          made.rows("SELECT timestamp, user_agent, event_type, success, severity FROM audit_logs"));
    }
  }

  @Test
  void a_name_beats_the_configured_place() throws Exception {
    Path file = folder.resolve("named.db");
    assertEquals(
        """
        {
          "schema": 1,
          "success": true,
          "message": "Created FILE, an empty database in WAL mode.",
          "file": "FILE"
        }
        """
            .replace("FILE", file.toString()),
        CommandLineRun.on(folder.resolve("other.db")).out("db", "init", "--json", file.toString()));
    assertEquals(List.of("named.db"), names());
  }

  @Test
  void a_file_that_exists_is_left_as_it_is() throws Exception {
    Path file = Files.writeString(folder.resolve("notes.txt"), "dear diary");
    CommandLineRun.on(file)
        .run("db", "init")
        .failed(
            ExitCode.REFUSED,
            file + " exists already, and is left as it is; 'patronus db check' checks it");
    assertEquals("dear diary", Files.readString(file));
    assertEquals(List.of("notes.txt"), names());
  }

  @Test
  void a_folder_that_is_missing_is_named() {
    Path missing = folder.resolve("no/such");
    CommandLineRun.on(missing.resolve("sdwan.db"))
        .run("db", "init")
        .failed(
            ExitCode.FAILED,
            "there is no folder " + missing + "; make it with 'mkdir -p " + missing + "'");
    assertFalse(Files.exists(missing));
  }

  @Test
  void a_folder_is_no_file() {
    CommandLineRun.on(folder)
        .run("db", "init")
        .failed(ExitCode.REFUSED, folder + " is a folder; name a file in it");
  }

  @Test
  void the_log_of_another_database_is_not_played_into_the_new_one() throws Exception {
    Path log = Files.writeString(folder.resolve("new.db-wal"), "frames");
    CommandLineRun.on(folder.resolve("new.db"))
        .run("db", "init")
        .failed(
            ExitCode.REFUSED,
            log
                + " belongs to another database of this name: if nothing uses that any more ('fuser "
                + log
                + "'), remove what is left of it; else choose another name");
    assertEquals(List.of("new.db-wal"), names());
  }
}
