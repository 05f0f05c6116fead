package dev.patronus.cli.db;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.Program;
import dev.patronus.testing.RunningProgram;
import dev.patronus.testing.SmallDisk;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DbBackupCommandTest {
  @TempDir private Path folder;

  private CommandLineRun cli() {
    return CommandLineRun.on(folder.resolve("sdwan.db"));
  }

  private Path copy() {
    return folder.resolve("copy.db");
  }

  private List<String> names() throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.matches("sdwan.db-(wal|shm)"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @EnumSource(Age.class)
  void a_copy_has_all_rows_of_every_age(Age age) throws Exception {
    try (PlatformDatabase database = PlatformDatabase.create(folder, age)) {
      database.site("aa", "berlin").policy(-1, "voice", 1, "{}");
      String said = cli().out("db", "backup", copy().toString());
      assertTrue(
          said.matches(
              "Copied to "
                  + copy()
                  + ": [0-9.]+ kB, checked.\n'patronus db backup --help' says how to go back to it.\n"),
          said);
      try (PlatformDatabase copied = PlatformDatabase.open(copy())) {
        String schema = "SELECT sql FROM sqlite_master ORDER BY rowid";
        assertEquals(database.rows(schema), copied.rows(schema));
        assertEquals(
            List.of("18446744073709551615"),
            CommandLineRun.on(copy())
                .out("policy", "list", "-ocsv", "--columns=policy_id", "--no-headers")
                .lines()
                .toList());
        assertEquals(
            List.of("aa|berlin"), copied.rows("SELECT site_id, site_name FROM sdwan_sites"));
      }
      assertEquals(List.of("copy.db", "sdwan.db"), names());
    }
  }

  @Test
  void the_way_back_to_a_copy_that_the_help_describes_leads_there() throws Exception {
    assertTrue(
        cli()
            .onTerminal(0, 40)
            .out("db", "backup", "--help")
            .replaceAll("\\s+", " ")
            .contains(
                "'rm -f sdwan.db-wal sdwan.db-shm'), put the copy in its place with 'cp FILE"));
    Path crashed = Files.createDirectory(folder.resolve("crashed"));
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST)) {
      database.rows("PRAGMA journal_mode = WAL");
      database.site("aa", "berlin");
      cli().out("db", "backup", copy().toString());
      database.site("bb", "oslo");
      for (String each : List.of("sdwan.db", "sdwan.db-wal")) { // as after a crash
        Files.copy(folder.resolve(each), crashed.resolve(each));
      }
    }
    CommandLineRun back = CommandLineRun.on(crashed.resolve("sdwan.db"));
    assertTrue(back.out("site", "list").contains("oslo"));
    String steps = "rm -f sdwan.db-wal sdwan.db-shm && cp " + copy() + " sdwan.db";
    assertEquals(0, Program.of("sh", "-c", steps).in(crashed).run().exitCode());
    String sites = back.out("site", "list");
    assertTrue(sites.contains("berlin") && !sites.contains("oslo"), sites);
    assertEquals(ExitCode.DONE, back.run("db", "check", "--fail-on", "error").exitCode());
  }

  @ParameterizedTest
  @ValueSource(strings = {"delete", "wal"})
  void the_copy_is_in_the_journal_mode_of_the_database(String mode) throws Exception {
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST)) {
      database.run("PRAGMA journal_mode = " + mode);
      assertEquals(
          """
          {
            "schema": 1,
            "success": true,
            "message": "Copied to FILE: SIZE, checked.",
            "file": "FILE",
            "bytes": BYTES,
            "journal_mode": "MODE",
            "restarts": 0
          }
          """
              .replace("FILE", copy().toString())
              .replace("MODE", mode),
          cli()
              .out("db", "backup", "--json", copy().toString())
              .replaceAll("[0-9]+ kB", "SIZE")
              .replaceAll("\"bytes\": [0-9]+", "\"bytes\": BYTES"));
      try (PlatformDatabase copied = PlatformDatabase.open(copy())) {
        assertEquals(List.of(mode), copied.rows("PRAGMA journal_mode"));
      }
    }
  }

  /// Each transaction of the writer moves one unit between two rows, so that a copy from between
  /// two instants would have a wrong sum.
  @ParameterizedTest
  @CsvSource({"delete", "wal"})
  void a_copy_under_a_busy_writer_is_of_one_instant_and_keeps_it_from_nothing(String mode)
      throws Exception {
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST)) {
      database.run("PRAGMA journal_mode = " + mode);
      database.policy(1, "a", 1, "{}").policy(2, "b", 1, "{}");
      database.inOneTransaction(() -> fill(database));
      AtomicBoolean enough = new AtomicBoolean();
      AtomicLong moved = new AtomicLong();
      Thread writer =
          Thread.ofPlatform().name("writer").start(() -> move(database.file(), enough, moved));
      try {
        while (moved.get() == 0) {
          Thread.onSpinWait();
        }
        cli().out("db", "backup", copy().toString());
      } finally {
        enough.set(true);
        writer.join();
      }
      assertTrue(moved.get() > 0, "the writer failed");
      try (PlatformDatabase copied = PlatformDatabase.open(copy())) {
        assertEquals(1_000_000, copied.number("SELECT sum(active_flows) FROM sdwan_policy_stats"));
        assertEquals(List.of("ok"), copied.rows("PRAGMA integrity_check"));
      }
    }
  }

  /// Some thousand pages between the first row and the last.
  private static void fill(PlatformDatabase database) throws SQLException {
    database.stat(1, 0, 0, 0, 1_000_000);
    database.run(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
            + " INSERT INTO audit_logs (timestamp, event_type, event_data, success, severity)"
            + " SELECT '2026', 'x', hex(zeroblob(500)), 1, 'info' FROM n");
    database.stat(2, 0, 0, 0, 0);
  }

  private static void move(Path file, AtomicBoolean enough, AtomicLong moved) {
    try (PlatformDatabase writer = PlatformDatabase.open(file)) {
      while (!enough.get()) {
        writer.run("BEGIN IMMEDIATE");
        writer.run(
            "UPDATE sdwan_policy_stats SET active_flows = active_flows - 1 WHERE policy_id = 1");
        writer.run(
            "UPDATE sdwan_policy_stats SET active_flows = active_flows + 1 WHERE policy_id = 2");
        writer.run("COMMIT");
        moved.incrementAndGet();
        Thread.sleep(2);
      }
    } catch (SQLException | InterruptedException e) {
      moved.set(Long.MIN_VALUE);
    }
  }

  @Test
  void a_copy_that_is_there_stays_unless_forced() throws Exception {
    try (PlatformDatabase _ = PlatformDatabase.create(folder, Age.NEWEST)) {
      Files.writeString(copy(), "precious");
      cli()
          .run("db", "backup", copy().toString())
          .failed(
              ExitCode.REFUSED,
              copy()
                  + " exists already, and is left as it is;"
                  + " choose another name, or add --force to replace it");
      assertEquals("precious", Files.readString(copy()));
    }
  }

  @Test
  void a_copy_has_the_time_in_its_name_where_that_is_asked_for() throws Exception {
    try (PlatformDatabase _ = PlatformDatabase.create(folder, Age.NEWEST)) {
      cli().out("db", "backup", folder.resolve("copy-%F.db").toString());
      assertEquals(List.of("copy-2026-11-23.db", "sdwan.db"), names());
      assertTrue(
          cli()
              .run("db", "backup", folder.resolve("%Q.db").toString())
              .err()
              .startsWith("patronus: FILE: unknown conversion '%Q' in the name; "));
    }
  }

  @Test
  void an_earlier_copy_is_replaced_if_forced() throws Exception {
    try (PlatformDatabase _ = PlatformDatabase.create(folder, Age.NEWEST)) {
      cli().out("db", "backup", copy().toString());
      cli().out("db", "backup", "--force", copy().toString());
      assertEquals(List.of("copy.db", "sdwan.db"), names());
      cli().out("db", "check", "--quick", "--db", copy().toString());
    }
  }

  @Test
  void a_file_that_is_no_copy_stays_also_if_forced() throws Exception {
    try (PlatformDatabase _ = PlatformDatabase.create(folder, Age.NEWEST)) {
      Files.writeString(copy(), "precious");
      String refusal =
          copy()
              + " is no copy of a Patronus database, and is left as it is; choose another name, or"
              + " delete it first";
      cli().run("db", "backup", "--force", copy().toString()).failed(ExitCode.REFUSED, refusal);
      assertEquals("precious", Files.readString(copy()));
      Files.delete(copy());
      try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + copy());
          Statement statement = other.createStatement()) {
        statement.execute("CREATE TABLE mine (a)");
      }
      byte[] before = Files.readAllBytes(copy());
      cli().run("db", "backup", "--force", copy().toString()).failed(ExitCode.REFUSED, refusal);
      assertArrayEquals(before, Files.readAllBytes(copy()));
      assertEquals(List.of("copy.db", "sdwan.db"), names());
    }
  }

  @Test
  void the_database_is_not_copied_onto_itself() throws Exception {
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST)) {
      Path link = Files.createSymbolicLink(folder.resolve("link.db"), database.file());
      cli()
          .run("db", "backup", "--force", link.toString())
          .failed(ExitCode.REFUSED, link + " is the database itself; name another file");
    }
  }

  @Test
  void a_copy_that_the_disk_has_no_room_for_leaves_the_one_before() throws Exception {
    try (SmallDisk disk = SmallDisk.in(folder, "400k");
        PlatformDatabase _ = PlatformDatabase.create(folder, Age.NEWEST)) {
      Path small = disk.folder();
      Path target = small.resolve("copy.db");
      cli().out("db", "backup", target.toString());
      byte[] before = Files.readAllBytes(target);
      CommandLineRun.Outcome outcome = cli().run("db", "backup", "--force", target.toString());
      assertEquals(ExitCode.DONE, outcome.exitCode(), outcome::toString); // there is room for two
      Files.write(small.resolve("ballast"), new byte[180_000]);
      for (String force : new String[] {"--force", "--quiet"}) {
        Path name = force.equals("--force") ? target : small.resolve("other.db");
        outcome = cli().run("db", "backup", force, name.toString());
        assertEquals(ExitCode.FAILED, outcome.exitCode(), outcome::toString);
        assertTrue(outcome.err().contains("disk that holds " + name + " is full"), outcome::err);
        assertFalse(outcome.err().contains(".draft"), outcome::err);
      }
      assertArrayEquals(before, Files.readAllBytes(target));
      assertFalse(Files.exists(small.resolve("other.db")));
    }
  }

  /// A killed process leaves its draft without a lock; one that lives holds one.
  @Test
  void the_next_copy_deletes_what_a_killed_one_has_left_and_nothing_else() throws Exception {
    try (PlatformDatabase _ = PlatformDatabase.create(folder, Age.NEWEST)) {
      Files.writeString(folder.resolve(".monday.db.0123abcd.draft"), "half");
      Files.writeString(folder.resolve(".monday.db.0123abcd.draft-journal"), "half");
      Files.writeString(folder.resolve(".rows.csv.0123abcd.part"), "of an export");
      Files.writeString(folder.resolve("my.draft"), "of a person");
      Path living = Files.writeString(folder.resolve(".sunday.db.4567abcd.draft"), "half");
      String holds =
          "import fcntl, sys; f = open(sys.argv[1], 'r+'); fcntl.lockf(f, fcntl.LOCK_EX);"
              + " print('held', flush=True); sys.stdin.read()";
      try (RunningProgram holder = Program.of("python3", "-c", holds, living).start()) {
        holder.awaitStdout("held");
        cli().out("db", "backup", copy().toString());
        assertEquals(
            List.of(
                ".rows.csv.0123abcd.part",
                ".sunday.db.4567abcd.draft",
                "copy.db",
                "my.draft",
                "sdwan.db"),
            names());
      }
      cli().out("db", "backup", "--force", copy().toString());
      assertFalse(Files.exists(living));
    }
  }

  @Test
  void a_copy_whose_name_has_a_log_is_refused() throws Exception {
    try (PlatformDatabase _ = PlatformDatabase.create(folder, Age.NEWEST)) {
      Path log = Files.writeString(folder.resolve("copy.db-journal"), "pages");
      cli()
          .run("db", "backup", "--force", copy().toString())
          .failed(
              ExitCode.REFUSED,
              log
                  + " belongs to another database of this name: if nothing uses that any more ('fuser "
                  + log
                  + "'), remove what is left of it; else choose another name");
    }
  }

  @Test
  void a_folder_that_is_missing_is_named() throws Exception {
    try (PlatformDatabase _ = PlatformDatabase.create(folder, Age.NEWEST)) {
      cli()
          .run("db", "backup", folder.resolve("no/copy.db").toString())
          .failed(
              ExitCode.FAILED,
              "there is no folder "
                  + folder.resolve("no")
                  + "; make it with 'mkdir -p "
                  + folder.resolve("no")
                  + "'");
    }
  }

  @Test
  void a_damaged_database_gives_no_copy() throws Exception {
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST)) {
      database.run(
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
              + " INSERT INTO audit_logs (timestamp, event_type, event_data, success, severity)"
              + " SELECT '2026', 'x', 'y', 1, 'info' FROM n");
    }
    Path file = folder.resolve("sdwan.db");
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(bytes.length() - 8 * 4096L);
      bytes.write(new byte[8 * 4096]);
    }
    byte[] before = Files.readAllBytes(file);
    CommandLineRun.Outcome outcome = cli().run("db", "backup", copy().toString());
    assertEquals(ExitCode.UNUSABLE_DATABASE, outcome.exitCode(), outcome::toString);
    assertTrue(outcome.err().startsWith("patronus: the copy is damaged, and so is the database: "));
    assertFalse(Files.exists(copy()));
    assertArrayEquals(before, Files.readAllBytes(file));
  }
}
