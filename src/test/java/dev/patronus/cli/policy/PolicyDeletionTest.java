package dev.patronus.cli.policy;

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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PolicyDeletionTest {
  private static final String VOICE = "9223372036854775808";

  @TempDir private Path folder;

  private PlatformDatabase sample(Age age) throws Exception {
    Path file = SampleDatabase.make(folder, age);
    cli().out("db", "migrate");
    return PlatformDatabase.open(file);
  }

  private CommandLineRun cli() {
    return CommandLineRun.on(folder.resolve("sdwan.db"));
  }

  /// All rows but those that say what was done.
  private static Map<String, List<String>> platformRows(PlatformDatabase database)
      throws Exception {
    Map<String, List<String>> rows = new TreeMap<>(Dump.of(database));
    rows.keySet().removeIf(table -> table.equals("audit_logs") || table.startsWith("patronus_"));
    return rows;
  }

  @ParameterizedTest
  @EnumSource(Age.class)
  void what_was_deleted_comes_back_with_every_row_and_number(Age age) throws Exception {
    try (PlatformDatabase database = sample(age)) {
      Map<String, List<String>> before = platformRows(database);
      cli().out("policy", "delete", "voice", "office", "--yes");
      assertEquals(
          List.of("guests", "default"),
          database.rows("SELECT name FROM sdwan_policies ORDER BY policy_id"));
      assertEquals(
          0,
          database.number(
              "SELECT count(*) FROM sdwan_policy_stats"
                  + " WHERE policy_id NOT IN (SELECT policy_id FROM sdwan_policies)"));
      cli().out("policy", "restore", "office", "voice");
      assertEquals(before, platformRows(database));
      assertEquals(0, database.number("SELECT count(*) FROM patronus_deleted_rows"));
      assertEquals(List.of("ok"), database.rows("PRAGMA integrity_check"));
    }
  }

  @Test
  void the_plan_counts_the_rows_and_names_who_takes_traffic() throws Exception {
    try (PlatformDatabase database = sample(Age.NEWEST)) {
      Map<String, List<String>> before = Dump.of(database);
      assertEquals(
          """
          POLICY  ID                   FLOWS
          voice   9223372036854775808      3
          guests  9                        0

          TABLE               ROWS  EFFECT
          sdwan_policies         2  deleted
          sdwan_policy_stats   300  deleted

          voice carried traffic at the last snapshot, 2026-11-23 13:59:00: 3 active flows; \
          policies of lower priority may match this traffic
          would delete voice (9223372036854775808), guests (9): 302 rows in 2 tables; nothing was \
          changed
          """,
          cli().out("policy", "delete", "voice", "guests", "--dry-run"));
      assertEquals(before, Dump.of(database));
    }
  }

  @Test
  void flows_of_the_platform_lose_the_policy_and_get_it_back() throws Exception {
    try (PlatformDatabase database = sample(Age.NEWEST)) {
      database.run("UPDATE sdwan_flows SET policy_id = ?", Long.MIN_VALUE);
      String plan = cli().out("policy", "delete", "voice", "--yes", "--json");
      assertTrue(
          plan.contains("{\"table\":\"sdwan_flows\",\"rows\":1,\"effect\":\"rewritten\"}"), plan);
      assertEquals(List.of("null"), database.rows("SELECT policy_id FROM sdwan_flows"));
      cli().out("policy", "restore", "voice");
      assertEquals(
          List.of("-9223372036854775808"), database.rows("SELECT policy_id FROM sdwan_flows"));
    }
  }

  @Test
  void the_trail_says_who_deleted_restored_and_purged_which() throws Exception {
    try (PlatformDatabase database = sample(Age.NEWEST)) {
      cli().out("policy", "delete", "voice", "--yes");
      cli().out("policy", "restore", "voice");
      cli().out("policy", "delete", "voice", "--yes");
      cli().out("policy", "purge", "voice", "--yes");
      assertEquals(
          List.of(
              "policy_delete|{\"policy_delete\":{\"policy_id\":\"%s\",\"blocked\":false,"
                  + "\"policy_name\":\"voice\",\"archive_id\":1,\"rows\":301,\"policy_stats\":300}}|warning",
              "policy_restore|{\"policy_restore\":{\"policy_id\":\"%s\",\"policy_name\":\"voice\","
                  + "\"archive_id\":1,\"rows\":301}}|info",
              "policy_delete|{\"policy_delete\":{\"policy_id\":\"%s\",\"blocked\":false,"
                  + "\"policy_name\":\"voice\",\"archive_id\":2,\"rows\":301,\"policy_stats\":300}}|warning",
              "policy_purge|{\"policy_purge\":{\"policy_id\":\"%s\",\"policy_name\":\"voice\"}}|warning"),
          database
              .rows(
                  "SELECT event_type, event_data, severity FROM audit_logs"
                      + " WHERE event_type LIKE 'policy%' ORDER BY id")
              .stream()
              .map(row -> row.replace(VOICE, "%s"))
              .toList());
    }
  }

  @Test
  void deleted_policies_and_sites_are_listed_and_found_apart() throws Exception {
    try (PlatformDatabase _ = sample(Age.NEWEST)) {
      cli().out("policy", "delete", "voice", "--yes");
      cli().out("site", "delete", "lyon", "--yes");
      assertEquals(
          "archive_id,name\r\n1,voice\r\n",
          cli().out("policy", "deleted", "-ocsv", "--columns", "archive_id,name"));
      assertEquals(
          "archive_id,site_name\r\n2,lyon\r\n",
          cli().out("site", "deleted", "-ocsv", "--columns", "archive_id,site_name"));
      cli()
          .run("site", "restore", "1")
          .failed(
              ExitCode.NOT_FOUND,
              "deleted site '1' not found; 'patronus site deleted' shows the only one");
      assertEquals(
          "would permanently delete lyon (bd9c66b3-ad3c-4d6d-9a3d-1fa7bc8960a9): 4 rows; nothing"
              + " was changed",
          cli().out("site", "purge", "--all", "--dry-run").lines().toList().getLast());
    }
  }

  @Test
  void a_policy_whose_id_is_taken_again_stays_away() throws Exception {
    try (PlatformDatabase database = sample(Age.NEWEST)) {
      cli().out("policy", "delete", "guests", "--yes");
      database.policy(9, "visitors", 1, "{}");
      Outcome outcome = cli().run("policy", "restore", "guests");
      assertEquals(ExitCode.REFUSED, outcome.exitCode());
      assertEquals(
          "patronus: guests (9) cannot be restored: 1 row of sdwan_policies cannot; nothing was"
              + " changed\n",
          outcome.err());
      assertTrue(outcome.out().contains("another row has its policy_id"), outcome::toString);
    }
  }

  @Test
  void the_beginning_of_an_id_is_enough_and_that_of_a_name_is_not() throws Exception {
    try (PlatformDatabase database = sample(Age.NEWEST)) {
      cli()
          .run("policy", "delete", "voi", "--yes")
          .failed(ExitCode.NOT_FOUND, "policy 'voi' not found; did you mean 'voice'?");
      cli().out("policy", "delete", "92233720", "--yes");
      assertEquals(3, database.number("SELECT count(*) FROM sdwan_policies"));
    }
  }

  @Test
  void without_a_person_to_ask_nothing_is_deleted() throws Exception {
    try (PlatformDatabase database = sample(Age.NEWEST)) {
      assertEquals(ExitCode.REFUSED, cli().run("policy", "delete", "voice").exitCode());
      assertEquals(4, database.number("SELECT count(*) FROM sdwan_policies"));
    }
  }

  @Test
  void a_guard_archives_nothing_twice() throws Exception {
    try (PlatformDatabase database = sample(Age.NEWEST)) {
      cli().out("policy", "delete", "voice", "--yes");
      assertEquals(
          List.of("1|301"),
          database.rows("SELECT archive_id, row_count FROM patronus_deleted_sites"));
      assertEquals(301, database.number("SELECT count(*) FROM patronus_deleted_rows"));
    }
  }
}
