package dev.patronus.cli.db;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DbMigrateCommandTest {
  private static final String PLATFORMS_OWN =
      "SELECT sql FROM sqlite_master WHERE name LIKE 'sdwan_%' AND name <> 'sdwan_policy_stats'"
          + " ORDER BY name";

  @TempDir private Path folder;

  private CommandLineRun cli() {
    return CommandLineRun.on(folder.resolve("sdwan.db"));
  }

  private String states(String... words) {
    String[] all = new String[words.length + 4];
    System.arraycopy(new String[] {"db", "migrate", "-ocsv", "--columns=step,state"}, 0, all, 0, 4);
    System.arraycopy(words, 0, all, 4, words.length);
    return cli().out(all);
  }

  @ParameterizedTest
  @EnumSource(Age.class)
  void every_age_gets_what_it_lacks_and_keeps_what_it_has(Age age) throws Exception {
    try (PlatformDatabase database = PlatformDatabase.create(folder, age)) {
      List<String> before = database.rows(PLATFORMS_OWN);
      String stats = age == Age.BEFORE_SPRINT_30 ? "missing" : "present";
      String audit = age == Age.NEWEST ? "present" : "missing";
      String dry = states("--dry-run");
      assertTrue(dry.contains("001-policy-stats," + stats + "\r\n"), dry);
      assertTrue(dry.contains("002-audit-logs," + audit + "\r\n"), dry);
      assertTrue(dry.contains("003-unmatched-stats,missing\r\n"), dry);
      assertEquals(dry.replace("missing", "added"), states());
      assertEquals(dry.replace("missing", "present"), states());
      assertEquals(before, database.rows(PLATFORMS_OWN));
      assertEquals(1, database.number("SELECT count(*) FROM audit_logs"));
      assertEquals(List.of("delete"), database.rows("PRAGMA journal_mode"));
    }
  }

  @Test
  void a_dry_run_changes_no_byte() throws Exception {
    PlatformDatabase.create(folder, Age.BEFORE_SPRINT_30).close();
    byte[] before = Files.readAllBytes(folder.resolve("sdwan.db"));
    String said = cli().out("db", "migrate", "--dry-run", "--wal");
    assertTrue(said.endsWith(" steps to apply; would switch to WAL.\n"), said);
    assertArrayEquals(before, Files.readAllBytes(folder.resolve("sdwan.db")));
  }

  @Test
  void wal_is_switched_on_where_it_is_asked_for_and_the_trail_says_so() throws Exception {
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST)) {
      cli().out("db", "migrate");
      assertTrue(cli().out("db", "migrate", "--wal").endsWith("\nSwitched to WAL.\n"));
      assertEquals(1, database.number("SELECT count(*) FROM audit_logs WHERE id = 2"));
      assertEquals(List.of("wal"), database.rows("PRAGMA journal_mode"));
      assertEquals(
          List.of("{\"database_migrate\":{\"journal_mode\":\"wal\",\"steps\":[]}}"),
          database.rows("SELECT event_data FROM audit_logs ORDER BY id DESC LIMIT 1"));
      assertTrue(cli().out("db", "migrate", "--wal").endsWith("\nNothing is missing.\n"));
      assertEquals(2, database.number("SELECT count(*) FROM audit_logs"));
    }
  }

  @Test
  void an_index_that_was_lost_is_made_again() throws Exception {
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.SPRINT_30)) {
      cli().out("db", "migrate");
      database.run("DROP INDEX idx_policy_stats_time");
      assertTrue(states("--dry-run").contains("index,missing"));
      assertTrue(states().contains("index,added"));
      assertEquals(
          List.of("policy_id", "timestamp"),
          database.rows("SELECT name FROM pragma_index_info('idx_policy_stats_time')"));
    }
  }

  @Test
  void an_index_of_another_name_serves_as_well() throws Exception {
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.SPRINT_30)) {
      database
          .run("DROP INDEX idx_policy_stats_time")
          .run("CREATE INDEX own ON sdwan_policy_stats(policy_id, timestamp, packets_matched)");
      assertTrue(states("--dry-run").contains("index,present"));
    }
  }

  @Test
  void a_locked_database_is_busy_and_nothing_is_changed() throws Exception {
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.SPRINT_30)) {
      database.run("BEGIN IMMEDIATE");
      cli()
          .run("db", "migrate")
          .failed(
              ExitCode.BUSY,
              "the database " + database.file() + " is locked by another program; try again");
      database.run("ROLLBACK");
      assertTrue(states("--dry-run").contains("missing"));
    }
  }

  @Test
  void an_index_of_other_columns_under_the_name_is_no_obstacle() throws Exception {
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST)) {
      database
          .run("DROP INDEX idx_policy_stats_time")
          .run("CREATE INDEX idx_policy_stats_time ON sdwan_policy_stats(timestamp)");
      CommandLineRun.on(database.file()).out("db", "migrate");
      assertEquals(
          List.of("policy_id", "timestamp"),
          database.rows("SELECT name FROM pragma_index_info('patronus_sdwan_policy_stats_time')"));
    }
  }
}
