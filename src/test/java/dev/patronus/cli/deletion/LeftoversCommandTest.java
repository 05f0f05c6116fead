package dev.patronus.cli.deletion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.cli.CommandLineRun.Outcome;
import dev.patronus.error.ExitCode;
import dev.patronus.store.Dump;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.SampleDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What deletions by other programs leave.
class LeftoversCommandTest {
  @TempDir private Path folder;

  private CommandLineRun cli() {
    return CommandLineRun.on(folder.resolve("sdwan.db"));
  }

  private PlatformDatabase sample(Age age) throws Exception {
    Path file = SampleDatabase.make(folder, age);
    cli().out("db", "migrate", "--guards", "off");
    return PlatformDatabase.open(file);
  }

  /// A site and a policy go without what depends on them, as a program deletes them that does not
  /// turn foreign keys on.
  private static void deleteCarelessly(PlatformDatabase database) throws SQLException {
    database.run("PRAGMA foreign_keys = OFF");
    database.run("DELETE FROM sdwan_sites WHERE site_name = 'berlin'");
    database.run("DELETE FROM sdwan_policies WHERE name = 'voice'");
    database.run("PRAGMA foreign_keys = ON");
  }

  private static Map<String, List<String>> platformRows(PlatformDatabase database)
      throws Exception {
    Map<String, List<String>> rows = new TreeMap<>(Dump.of(database));
    rows.keySet().removeIf(table -> table.equals("audit_logs") || table.startsWith("patronus_"));
    return rows;
  }

  @ParameterizedTest
  @EnumSource(Age.class)
  void what_is_removed_comes_back_with_every_row_and_number(Age age) throws Exception {
    try (PlatformDatabase database = sample(age)) {
      deleteCarelessly(database);
      Map<String, List<String>> before = platformRows(database);
      assertTrue(database.number("SELECT count(*) FROM pragma_foreign_key_check") > 0);
      cli().out("db", "leftovers", "delete", "--yes");
      assertEquals(0, database.number("SELECT count(*) FROM pragma_foreign_key_check"));
      assertEquals("There are no leftovers.\n", cli().out("db", "leftovers"));
      cli().out("db", "leftovers", "restore", "leftovers");
      assertEquals(before, platformRows(database));
      assertEquals("There are no deleted leftovers.\n", cli().out("db", "leftovers", "deleted"));
    }
  }

  @Test
  void after_the_removal_nothing_of_any_kind_points_at_what_is_gone() throws Exception {
    try (PlatformDatabase database = sample(Age.NEWEST)) {
      deleteCarelessly(database);
      database.run("DELETE FROM sdwan_path_metrics WHERE path_id = 1");
      cli().out("db", "leftovers", "delete", "--yes");
      for (String check : List.of("orphans", "foreign keys")) {
        String found = cli().run("db", "check", "-o", "csv", "--no-headers").out();
        assertTrue(
            found.lines().noneMatch(line -> line.matches("(error|warning),\"?" + check + ".*")),
            found);
      }
    }
  }

  @Test
  void flows_of_a_policy_that_is_gone_stay_without_it() throws Exception {
    try (PlatformDatabase database = sample(Age.NEWEST)) {
      database.run(
          "INSERT INTO sdwan_flows (src_ip, dst_ip, src_port, dst_port, protocol, path_id,"
              + " policy_id, started_at, last_seen_at)"
              + " VALUES ('a', 'b', 1, 2, 6, (SELECT max(path_id) FROM sdwan_paths), 4711, 1, 1)");
      String shown = cli().out("db", "leftovers", "-o", "csv", "--no-headers");
      assertEquals("sdwan_flows,1,rewritten\r\n", shown);
      cli().out("db", "leftovers", "delete", "--yes");
      assertEquals(
          List.of("null"), database.rows("SELECT policy_id FROM sdwan_flows WHERE src_ip = 'a'"));
      cli().out("db", "leftovers", "restore", "leftovers");
      assertEquals(
          List.of("4711"), database.rows("SELECT policy_id FROM sdwan_flows WHERE src_ip = 'a'"));
    }
  }

  @Test
  void a_failover_policy_loses_the_backup_paths_that_are_gone() throws Exception {
    try (PlatformDatabase database = sample(Age.NEWEST)) {
      long path = database.number("SELECT max(path_id) FROM sdwan_paths");
      database.run(
          "INSERT INTO sdwan_failover_policies (policy_id, name, primary_path_id, backup_path_ids)"
              + " VALUES (77, 'odd', ?, ?)",
          Long.toString(path),
          "[\"99999\", \"" + path + "\"]");
      cli().out("db", "leftovers", "delete", "--yes");
      assertEquals(
          List.of("[\"" + path + "\"]"),
          database.rows(
              "SELECT backup_path_ids FROM sdwan_failover_policies WHERE policy_id = 77"));
    }
  }

  @Test
  void without_leftovers_nothing_is_changed_and_all_is_well() throws Exception {
    try (PlatformDatabase database = sample(Age.NEWEST)) {
      long audited = database.number("SELECT count(*) FROM audit_logs");
      Outcome none = cli().run("db", "leftovers", "delete", "--yes");
      assertEquals(ExitCode.DONE, none.exitCode());
      assertTrue(
          none.out().contains("there are no leftovers; nothing was changed"), none::toString);
      assertEquals(audited, database.number("SELECT count(*) FROM audit_logs"));
    }
  }

  @Test
  void the_audit_trail_says_what_was_done() throws Exception {
    try (PlatformDatabase database = sample(Age.NEWEST)) {
      deleteCarelessly(database);
      cli().out("db", "leftovers", "delete", "--yes");
      cli().out("db", "leftovers", "restore", "leftovers");
      assertEquals(
          List.of("database_leftovers_delete|warning|1", "database_leftovers_restore|info|1"),
          database.rows(
              "SELECT event_type, severity, success FROM audit_logs"
                  + " WHERE event_type LIKE '%leftovers%' ORDER BY id"));
    }
  }

  @Test
  void without_a_terminal_and_agreement_it_refuses() throws Exception {
    try (PlatformDatabase database = sample(Age.NEWEST)) {
      deleteCarelessly(database);
      Outcome refused = cli().run("db", "leftovers", "delete");
      assertEquals(ExitCode.REFUSED, refused.exitCode());
      assertEquals(0, database.number("SELECT count(*) FROM patronus_deleted_sites"));
      assertTrue(
          cli().out("db", "leftovers", "delete", "--dry-run").contains("nothing was changed"));
    }
  }
}
