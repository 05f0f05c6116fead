package dev.patronus.cli.db;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.config.Settings;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.Tools;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DbCheckCommandTest {
  private static final long MINUTE_AGO = 1795442340;

  @TempDir private Path folder;

  private CommandLineRun cli() {
    return CommandLineRun.on(folder.resolve("sdwan.db"));
  }

  private PlatformDatabase healthy() throws SQLException, IOException {
    PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST);
    database.site("aa", "berlin").site("bb", "lyon").path(1, "aa", "bb");
    return database.policy(7, "voice", 1, "{}").stat(7, MINUTE_AGO, 1, 1, 1);
  }

  /// The line of the check that found a problem.
  private String problem() {
    CommandLineRun.Outcome outcome = cli().run("db", "check", "-o", "csv", "--no-headers");
    assertEquals("", outcome.err());
    boolean error = outcome.out().lines().anyMatch(line -> line.startsWith("error,"));
    ExitCode expected = error ? ExitCode.FAILED : ExitCode.LIMIT_EXCEEDED;
    assertEquals(expected, outcome.exitCode(), outcome::toString);
    return outcome
        .out()
        .lines()
        .filter(line -> line.matches("(warning|error),.*"))
        .reduce("", (a, b) -> a + b + "\n");
  }

  @Test
  void a_healthy_database_is_well() throws Exception {
    try (PlatformDatabase _ = healthy()) {
      cli().out("db", "migrate", "--wal");
      assertEquals(
          """
          ok       integrity     no damage in N pages
          ok       foreign keys  all kept
          ok       orphans       none
          ok       values        all of their columns' types
          ok       rules         all can be read: 1
          ok       tables        all there; platform: newest
          ok       guards        patronus_policy_delete
          ok       roll-ups      the same as the rows that are there
          ok       snapshot      the newest is less than 10 min old
          ok       future        no history from after now
          ok       journal       WAL, of 0 B
          ok       size          238 kB, of which 0 B are free
          ok       growth        policy_stats: 1 row in the last 24 h (about 60 B)
          No problems found.
          """,
          cli().out("db", "check").replaceAll("[0-9]+ pages", "N pages"));
    }
  }

  @ParameterizedTest
  @EnumSource(Age.class)
  void every_age_is_well_as_the_platform_makes_it(Age age) throws Exception {
    PlatformDatabase.create(folder, age).close();
    byte[] before = Files.readAllBytes(folder.resolve("sdwan.db"));
    String said = cli().out("db", "check", "--json");
    assertTrue(said.contains("\"healthy\": true,\n  \"problems\": 0,"), said);
    assertTrue(said.contains("mode delete: readers and writers wait for each other"), said);
    assertTrue(said.contains("there is no patronus_unmatched_stats yet"), said);
    assertArrayEquals(before, Files.readAllBytes(folder.resolve("sdwan.db")));
  }

  @Test
  void history_that_a_jumping_clock_has_written_is_said_not_to_be_compared() throws Exception {
    try (PlatformDatabase database = healthy()) {
      database.stat(7, 1_760_000_600, 10, 1000, 1);
      database.stat(7, 1_760_000_000, 20, 2000, 1);
      cli().out("db", "migrate");
      String out = cli().run("db", "check").out();
      assertTrue(
          out.contains(
              "the same as the rows that are there; not compared, because a clock jumped: 1"),
          out);
    }
  }

  @Test
  void on_eighty_columns_no_line_is_longer() throws Exception {
    try (PlatformDatabase database = healthy()) {
      database.policy(-1, "guests", 1, "{\"src_ip\":\"10.0.0.\",\"dst_port_range\":[9,8]}");
      CommandLineRun.Outcome outcome = cli().onTerminal(80, 24).run("db", "check");
      assertTrue(
          outcome
              .out()
              .contains(
                  """
                  warning  rules         policy 'guests' (18446744073709551615): matches no
                                         traffic: src_ip: not an IP address: '10.0.0.';
                                         dst_port_range: low 9 is above high 8
                                         → correct it in the platform; 'patronus policy show
                                         18446744073709551615' shows its rules
                  """),
          outcome::toString);
      assertTrue(outcome.out().lines().allMatch(line -> line.length() <= 80));
      assertTrue(outcome.out().endsWith("There is a warning.\n"));
    }
  }

  @Test
  void of_many_bad_rules_those_of_enabled_policies_are_named_and_the_others_counted()
      throws Exception {
    try (PlatformDatabase database = healthy()) {
      database.run(
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1030)"
              + " INSERT INTO sdwan_policies"
              + " SELECT 100 + i, 'p' || i, i, '?', '\"LowestLatency\"', i % 103 = 0 FROM n");
      List<String> rules =
          cli().run("db", "check").out().lines().filter(line -> line.contains(" rules ")).toList();
      assertEquals(10, rules.stream().filter(line -> line.startsWith("warning")).count());
      assertTrue(rules.subList(0, 10).stream().allMatch(line -> line.startsWith("warning")));
      assertEquals("info     rules         1,010 more", rules.getLast());
    }
  }

  @Test
  void rules_of_a_disabled_policy_are_no_problem() throws Exception {
    try (PlatformDatabase database = healthy()) {
      database.run("UPDATE sdwan_policies SET match_rules = '?', enabled = 0");
      assertTrue(cli().out("db", "check").contains("info     rules         policy 'voice' (7): "));
    }
  }

  @Test
  void broken_foreign_keys_are_counted() throws Exception {
    try (PlatformDatabase database = healthy()) {
      database
          .run("PRAGMA foreign_keys = OFF")
          .stat(99, MINUTE_AGO, 1, 1, 1)
          .stat(98, MINUTE_AGO, 1, 1, 1);
      String found = problem();
      assertTrue(
          found.startsWith(
              "error,\"foreign keys\",\"2 rows of sdwan_policy_stats point to a row of"
                  + " sdwan_policies that is not there\",\"'patronus db leftovers' shows them, "),
          found);
    }
  }

  @Test
  void what_a_site_has_left_is_removed_by_the_command_that_is_named() throws Exception {
    try (PlatformDatabase database = healthy()) {
      database.metric(1, MINUTE_AGO, 1).run("PRAGMA foreign_keys = OFF");
      database.run("DELETE FROM sdwan_sites WHERE site_name = 'lyon'");
      assertTrue(
          problem().contains("and 'patronus db leftovers delete' archives and removes them"));
      cli().out("db", "leftovers", "delete", "--yes");
      assertEquals(
          "",
          cli()
              .run("db", "check", "-o", "csv", "--no-headers")
              .out()
              .lines()
              .filter(line -> line.matches("(warning|error),.*"))
              .reduce("", String::concat));
      assertEquals(0, database.number("SELECT count(*) FROM sdwan_path_metrics"));
    }
  }

  private static String run(String command) {
    ProgramOutcome outcome = Program.of("/bin/sh", "-c", command).run();
    return outcome.stdout() + outcome.stderr();
  }

  @Test
  void an_index_that_lacks_rows_is_healed_by_the_step_that_is_named() throws Exception {
    Tools.require("sqlite3");
    try (PlatformDatabase database = healthy()) {
      database.run("PRAGMA writable_schema = ON");
      String sql =
          database
              .rows("SELECT sql FROM sqlite_schema WHERE name = 'idx_policy_stats_time'")
              .getFirst();
      database.run(
          "UPDATE sqlite_schema SET sql = sql || ' WHERE timestamp < 0' WHERE name = 'idx_policy_stats_time'");
      try (PlatformDatabase other = PlatformDatabase.open(database.file())) {
        other.stat(7, MINUTE_AGO - 60, 1, 1, 1).run("PRAGMA writable_schema = ON");
        other.run("UPDATE sqlite_schema SET sql = ? WHERE name = 'idx_policy_stats_time'", sql);
      }
    }
    String found = problem();
    assertTrue(
        found.contains(
            "damaged: only the index idx_policy_stats_time is damaged, the tables are whole"),
        found);
    String step = found.substring(found.indexOf("its table: ") + "its table: ".length());
    assertEquals(
        "", run(step.substring(0, step.indexOf("REINDEX")) + "REINDEX idx_policy_stats_time'"));
    assertTrue(cli().run("db", "check").out().startsWith("ok       integrity"));
  }

  @Test
  void a_damaged_table_gets_the_advice_for_tables() throws Exception {
    Path file;
    try (PlatformDatabase database = healthy()) {
      file = database.file();
      long root = database.number("SELECT rootpage FROM sqlite_schema WHERE name = 'sdwan_flows'");
      try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
        bytes.seek((root - 1) * 4096);
        bytes.write(new byte[4096]);
      }
    }
    assertTrue(problem().contains("'sqlite3 " + file + " .recover'"));
  }

  @Test
  void warnings_do_not_fail_where_only_errors_are_to() throws Exception {
    try (PlatformDatabase database = healthy()) {
      database.run("UPDATE sdwan_policies SET match_rules = '?'");
      assertEquals(ExitCode.LIMIT_EXCEEDED, cli().run("db", "check").exitCode());
      assertEquals(
          ExitCode.LIMIT_EXCEEDED, cli().run("db", "check", "--fail-on", "warning").exitCode());
      assertEquals(ExitCode.DONE, cli().run("db", "check", "--fail-on", "error").exitCode());
    }
  }

  @Test
  void in_a_file_each_finding_has_one_line_and_each_suggestion_another() throws Exception {
    try (PlatformDatabase database = healthy()) {
      database.policy(-1, "guests", 1, "{\"src_ip\":\"10.0.0.\",\"dst_port_range\":[9,8]}");
      String printed = cli().run("db", "check", "-q").out();
      assertTrue(
          printed.contains(
              "warning  rules         policy 'guests' (18446744073709551615): matches no traffic:"
                  + " src_ip: not an IP address: '10.0.0.'; dst_port_range: low 9 is above high 8\n"),
          printed);
      assertTrue(
          printed.contains(
              " correct it in the platform; 'patronus policy show 18446744073709551615' shows its"
                  + " rules\n"),
          printed);
    }
  }

  @Test
  void quiet_prints_what_is_wrong_and_nothing_else() throws Exception {
    try (PlatformDatabase database = healthy()) {
      database.run("UPDATE sdwan_policies SET match_rules = '?'");
      String printed = cli().run("db", "check", "-q").out();
      assertTrue(printed.startsWith("warning  rules "), printed);
      assertFalse(printed.contains("\nok "), printed);
    }
  }

  @Test
  void a_suggestion_that_several_findings_share_is_printed_once_behind_the_last() throws Exception {
    try (PlatformDatabase database = healthy()) {
      database.run("UPDATE sdwan_policies SET match_rules = '?', path_preference = '?'");
      String printed = cli().run("db", "check", "-q").out();
      assertEquals(2, printed.split("warning  rules ", -1).length - 1, printed);
      assertEquals(1, printed.split("correct it in the platform", -1).length - 1, printed);
      assertTrue(printed.indexOf("correct it in") > printed.indexOf("path preference"), printed);
    }
  }

  @Test
  void orphans_without_a_key_are_found() throws Exception {
    try (PlatformDatabase database = healthy()) {
      database
          .run(
              "INSERT INTO sdwan_path_health (path_id, timestamp, latency_ms, packet_loss_pct,"
                  + " jitter_ms, health_score, status) VALUES ('1', 1, 1, 1, 1, 1, 'up'),"
                  + " ('2', 1, 1, 1, 1, 1, 'up')")
          .run(
              "INSERT INTO sdwan_flows (src_ip, dst_ip, src_port, dst_port, protocol, path_id,"
                  + " policy_id, started_at, last_seen_at) VALUES ('a', 'b', 1, 2, 6, 1, NULL, 1, 1),"
                  + " ('a', 'b', 1, 3, 6, 1, 7, 1, 1), ('a', 'b', 1, 4, 6, 3, 7, 1, 1),"
                  + " ('a', 'b', 1, 5, 6, 1, 8, 1, 1)")
          .run(
              "INSERT INTO sdwan_failover_policies (policy_id, name, primary_path_id,"
                  + " backup_path_ids) VALUES (1, 'well', '1', '[\"1\"]'), (2, 'lost', '4',"
                  + " '[\"1\", 5]'), (3, 'odd', '1', '1,2')");
      assertEquals(
          """
          1 row of sdwan_path_health is about a row of sdwan_paths that is not there
          1 row of sdwan_flows is about a row of sdwan_paths that is not there
          1 row of sdwan_flows is about a row of sdwan_policies that is not there
          failover policy 'lost' (2): its primary path 4 is not there
          failover policy 'lost' (2): its backup path 5 is not there
          failover policy 'odd' (3): its list of backup paths is no JSON list
          """,
          problem().replaceAll("(?m)^warning,orphans,\"([^\"]*)\".*$", "$1"));
    }
  }

  @Test
  void the_command_that_is_recommended_removes_the_orphans() throws Exception {
    try (PlatformDatabase database = healthy()) {
      database.run(
          "INSERT INTO sdwan_path_health (path_id, timestamp, latency_ms, packet_loss_pct,"
              + " jitter_ms, health_score, status) VALUES ('1', 1, 1, 1, 1, 1, 'up'),"
              + " ('2', 1, 1, 1, 1, 1, 'up')");
      assertTrue(problem().contains("'patronus db leftovers delete' archives and removes them"));
      cli().out("db", "leftovers", "delete", "--yes");
      assertTrue(cli().out("db", "check").contains("ok       orphans       none\n"));
      assertEquals(1, database.number("SELECT count(*) FROM sdwan_path_health"));
    }
  }

  @Test
  void raw_rows_that_the_platform_purged_are_told_as_kept_history() throws Exception {
    try (PlatformDatabase database = healthy()) {
      for (int day = 40; day > 0; day--) {
        database.stat(7, MINUTE_AGO - day * 86_400L, 1_000 - day, 1, 1);
      }
      cli().out("db", "migrate");
      assertFalse(cli().out("db", "check").contains("raw rows"));
      database.run("DELETE FROM sdwan_policy_stats WHERE timestamp < ?", MINUTE_AGO - 30 * 86_400L);
      String said = cli().out("db", "check").replaceAll("\\s+", " ");
      assertTrue(
          said.contains("info raw rows 1 policy lacks raw rows from before 2026-10-24T"), said);
      assertTrue(said.contains("the roll-ups keep their history since 2026-10-14T"), said);
    }
  }

  @Test
  void a_snapshot_that_is_late_or_from_the_future_is_a_problem() throws Exception {
    try (PlatformDatabase _ = healthy()) {
      assertEquals(ExitCode.DONE, cli().at("2026-11-23T14:09:00Z").run("db", "check").exitCode());
      String late = cli().at("2026-11-23T15:30:30Z").run("db", "check").out();
      assertTrue(
          late.contains("the newest is 1 h 31 min old: no daemon has saved one since"), late);
      String early = cli().at("2026-11-23T11:59:00Z").run("db", "check").out();
      assertTrue(early.contains("the newest is 2 h ahead of this clock"), early);
    }
  }

  @Test
  void a_lost_index_is_a_problem() throws Exception {
    try (PlatformDatabase database = healthy()) {
      database.run("DROP INDEX idx_policy_stats_time");
      assertEquals(
          "warning,tables,\"sdwan_policy_stats has no index by policy and time; \"\"stats\"\" reads all of it\","
                  .replace("\"\"stats\"\"", "'stats'")
              + "\"'patronus db migrate' makes it\"\n",
          problem());
    }
  }

  @Test
  void damage_is_a_finding_and_the_other_checks_go_on() throws Exception {
    Path file;
    try (PlatformDatabase database = healthy()) {
      file = database.file();
      long root =
          database.number("SELECT rootpage FROM sqlite_master WHERE name = 'idx_audit_user'");
      try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
        bytes.seek((root - 1) * 4096);
        bytes.write(new byte[4096]);
      }
    }
    String found = problem();
    assertTrue(found.startsWith("error,integrity,\"damaged: "), found);
    assertTrue(found.contains("all tables can be read, but not all indexes or free pages"), found);
    assertTrue(found.contains("VACUUM INTO '" + file + ".copy'"), found);
    assertTrue(cli().run("db", "check").out().contains("ok       rules"));
  }

  @Test
  void an_unknown_key_of_the_configuration_is_named() throws Exception {
    Path config = Files.writeString(folder.resolve("patronus.conf"), "# ours\nsocke = /x\n");
    try (PlatformDatabase _ = healthy()) {
      String said = cli().run("db", "check", "--config", config.toString()).out();
      said = said.replaceAll("\\s+", " ");
      assertTrue(said.contains(config + " line 2: unknown key 'socke'"), said);
      assertTrue(said.contains("did you mean 'socket'?"), said);
    }
  }

  @Test
  void the_packaged_configuration_has_every_key_and_no_other() throws Exception {
    String packaged = Files.readString(Path.of("src/dist/patronus.conf"));
    Path config = folder.resolve("patronus.conf");
    Files.writeString(config, packaged.replaceAll("(?m)^#([a-z-]+ = )", "$1"));
    try (PlatformDatabase _ = healthy()) {
      assertEquals(
          ExitCode.DONE, cli().run("db", "check", "--config", config.toString()).exitCode());
    }
    for (String key : Settings.KEYS) {
      assertTrue(packaged.lines().anyMatch(line -> line.matches("#?" + key + " = .+")), key);
    }
  }

  @Test
  void what_is_no_database_has_its_own_code() throws Exception {
    Path text = Files.writeString(folder.resolve("sdwan.db"), "dear diary");
    cli().run("db", "check").failed(ExitCode.UNUSABLE_DATABASE, text + " is not a SQLite database");
  }
}
