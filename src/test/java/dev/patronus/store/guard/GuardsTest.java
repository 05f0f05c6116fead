package dev.patronus.store.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.audit.Actor;
import dev.patronus.cli.CommandLineRun;
import dev.patronus.flow.CounterState;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.store.Database;
import dev.patronus.store.table.SnapshotTable;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GuardsTest {
  private static final String TRIGGERS = "SELECT name FROM sqlite_master WHERE type = 'trigger'";
  private static final Instant TAKEN = Instant.parse("2026-11-23T13:59:00Z");

  /// As half of all policy ids are.
  private static final long NEGATIVE = Long.MIN_VALUE + 5;

  @TempDir private Path folder;

  private CommandLineRun cli() {
    return CommandLineRun.on(folder.resolve("sdwan.db"));
  }

  private PlatformDatabase withPolicies(Age age) throws Exception {
    return PlatformDatabase.create(folder, age)
        .policy(NEGATIVE, "voice", 9, "{}")
        .policy(7, "office", 5, "{}");
  }

  private void takeSnapshot() {
    try (Database database = Database.openWritable(folder.resolve("sdwan.db"))) {
      List<PolicyTotal> totals =
          List.of(
              new PolicyTotal(NEGATIVE, 10, 1000, 1, TAKEN),
              new PolicyTotal(7, 20, 2000, 2, TAKEN));
      PolicyTotal unmatched = new PolicyTotal(Snapshot.UNMATCHED, 1, 100, 0, TAKEN);
      Snapshot snapshot = new Snapshot(TAKEN, totals, unmatched, false);
      new SnapshotTable(database)
          .write(
              CounterState.of(snapshot),
              Optional.of(Map.of()),
              List.of(),
              new Actor("test", null, "test"));
    }
  }

  /// The platform's own statement.
  private static void deletePolicy(PlatformDatabase platform, long id) throws SQLException {
    platform.run("DELETE FROM sdwan_policies WHERE policy_id = ?", id);
  }

  @ParameterizedTest
  @EnumSource(Age.class)
  void the_platform_deletes_a_policy_that_has_counters(Age age) throws Exception {
    try (PlatformDatabase platform = withPolicies(age)) {
      takeSnapshot();
      deletePolicy(platform, NEGATIVE);
      assertEquals(List.of("7"), platform.rows("SELECT policy_id FROM sdwan_policies"));
      assertEquals(
          List.of("7|20"),
          platform.rows("SELECT policy_id, packets_matched FROM sdwan_policy_stats"));
      assertEquals(List.of("ok"), platform.rows("PRAGMA integrity_check"));
    }
  }

  @ParameterizedTest
  @EnumSource(Age.class)
  void without_guards_it_is_refused_and_no_change_of_ours_brings_them_back(Age age)
      throws Exception {
    try (PlatformDatabase platform = withPolicies(age)) {
      cli().out("db", "migrate", "--guards", "off");
      takeSnapshot();
      cli().out("db", "migrate");
      assertEquals(List.of(), platform.rows(TRIGGERS));
      SQLException refused = assertThrows(SQLException.class, () -> deletePolicy(platform, 7));
      assertTrue(refused.getMessage().contains("FOREIGN KEY"), refused::getMessage);
    }
  }

  @Test
  void what_migrate_adds_and_removes_is_listed_and_audited() throws Exception {
    try (PlatformDatabase platform = withPolicies(Age.NEWEST)) {
      cli().out("db", "migrate");
      assertTrue(cli().out("db", "migrate", "--guards", "off").endsWith("\n\n1 guard removed.\n"));
      assertEquals(
          List.of(
              "{\"database_guards\":{\"level\":\"off\",\"made\":[],"
                  + "\"removed\":[\"patronus_policy_delete\"]}}"),
          platform.rows("SELECT event_data FROM audit_logs ORDER BY id DESC LIMIT 1"));
      assertTrue(
          cli().out("db", "migrate", "--guards", "policies").endsWith("\n\n1 guard added.\n"));
      assertEquals(List.of("patronus_policy_delete"), platform.rows(TRIGGERS));
      assertTrue(cli().out("db", "migrate").endsWith("\n\nNothing is missing.\n"));
    }
  }

  @Test
  void a_trigger_that_is_another_than_it_should_be_is_made_again() throws Exception {
    try (PlatformDatabase platform = withPolicies(Age.NEWEST)) {
      cli().out("db", "migrate");
      platform
          .run("DROP TRIGGER patronus_policy_delete")
          .run(
              "CREATE TRIGGER patronus_policy_delete BEFORE DELETE ON sdwan_policies"
                  + " BEGIN SELECT 1; END");
      CommandLineRun.Outcome check = cli().run("db", "check");
      assertTrue(
          check.out().contains("patronus_policy_delete is missing or outdated"), check::toString);
      cli().out("db", "migrate");
      takeSnapshot();
      deletePolicy(platform, 7);
      assertEquals(0, platform.number("SELECT count(*) FROM sdwan_policies WHERE policy_id = 7"));
    }
  }

  @Test
  void a_setting_that_contradicts_is_named() throws Exception {
    try (PlatformDatabase _ = withPolicies(Age.NEWEST)) {
      CommandLineRun.Outcome outcome =
          cli().env("PATRONUS_PLATFORM_GUARDS", "policies").run("db", "migrate", "--guards", "off");
      assertEquals(
          "patronus: the daemon sets the guards to 'policies' at its next start or reload;"
              + " change platform-guards, too\n",
          outcome.err());
      assertTrue(
          cli()
              .env("PATRONUS_PLATFORM_GUARDS", "policies")
              .run("db", "check")
              .out()
              .contains("patronus_policy_delete is missing"));
    }
  }
}
