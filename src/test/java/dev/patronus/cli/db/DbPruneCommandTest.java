package dev.patronus.cli.db;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DbPruneCommandTest {
  private static final long NOW = Instant.parse("2026-11-23T14:00:00Z").getEpochSecond();
  private static final long DAY = 86_400;

  @TempDir private Path folder;

  private CommandLineRun cli() {
    return CommandLineRun.on(folder.resolve("sdwan.db"));
  }

  private String prune(String words) {
    return cli().out(("db prune " + words).split(" ", -1));
  }

  private static List<String> times(PlatformDatabase database, String table) throws SQLException {
    return database.rows("SELECT timestamp FROM " + table + " ORDER BY 1").stream().toList();
  }

  private PlatformDatabase history(Age age) throws SQLException, IOException {
    PlatformDatabase database = PlatformDatabase.create(folder, age);
    database.site("aa", "berlin").site("bb", "lyon").path(1, "aa", "bb");
    database.metric(1, NOW - 100 * DAY, 1).metric(1, NOW - 10 * DAY, 1);
    database.policy(-1, "voice", 1, "{}").policy(2, "idle", 1, "{}");
    return database;
  }

  private static void counters(PlatformDatabase database) throws SQLException {
    database
        .stat(-1, NOW - 95 * DAY, 1, 1, 0)
        .stat(-1, NOW - 90 * DAY - 1, 2, 2, 0)
        .stat(-1, NOW - 90 * DAY, 3, 3, 0)
        .stat(-1, NOW - 60, 4, 4, 0)
        .stat(2, NOW - 300 * DAY, 10, 10, 0)
        .stat(2, NOW - 200 * DAY, 20, 20, 0);
  }

  @Test
  void where_no_row_is_that_old_it_says_so() throws Exception {
    try (PlatformDatabase _ = history(Age.NEWEST)) {
      String edge = "There are no rows from before 2025-11-23 14:00:00; nothing ";
      assertTrue(prune("--older-than 365d --dry-run").contains(edge + "would be deleted.\n"));
      assertTrue(prune("--older-than 365d --yes").startsWith(edge + "was deleted. "));
    }
  }

  @Test
  void what_is_older_goes_and_each_policys_newest_row_stays() throws Exception {
    try (PlatformDatabase database = history(Age.NEWEST)) {
      counters(database);
      assertEquals(
          """
          TABLE               ROWS
          sdwan_policy_stats     3
          sdwan_path_metrics     1

          Deleted 4 rows from before 2026-08-25 14:00:00. The database takes SIZE on its disk.
          """,
          prune("--older-than 90d --yes").replaceAll("[0-9]+ kB", "SIZE"));
      assertEquals(
          List.of("-1|3", "-1|4", "2|20"),
          database.rows("SELECT policy_id, packets_matched FROM sdwan_policy_stats ORDER BY 1, 2"));
      assertEquals(
          List.of(
              "database_prune|{\"database_prune\":{\"older_than\":\"2026-08-25T14:00:00Z\","
                  + "\"sdwan_path_metrics\":1,\"sdwan_policy_stats\":3}}|warning"),
          database.rows("SELECT event_type, event_data, severity FROM audit_logs"));
    }
  }

  @ParameterizedTest
  @EnumSource(Age.class)
  void every_age_is_pruned_of_what_it_has(Age age) throws Exception {
    try (PlatformDatabase database = history(age)) {
      prune("--older-than 90d --yes");
      assertEquals(List.of(Long.toString(NOW - 10 * DAY)), times(database, "sdwan_path_metrics"));
      assertEquals(1, database.number("SELECT count(*) FROM audit_logs"));
    }
  }

  @Test
  void rows_from_the_future_make_nothing_old() throws Exception {
    try (PlatformDatabase database = history(Age.NEWEST)) {
      database
          .stat(-1, NOW + 4000 * DAY, 9, 9, 0)
          .stat(-1, NOW - 100 * DAY, 1, 1, 0)
          .stat(-1, NOW - 91 * DAY, 2, 2, 0)
          .stat(2, NOW - 10 * DAY, 5, 5, 0);
      prune("--older-than 90d --table stats --yes");
      assertEquals(
          List.of(NOW - 91 * DAY, NOW - 10 * DAY, NOW + 4000 * DAY).stream()
              .map(String::valueOf)
              .toList(),
          times(database, "sdwan_policy_stats"));
    }
  }

  @Test
  void a_dry_run_shows_the_same_counts_and_changes_no_byte() throws Exception {
    try (PlatformDatabase database = history(Age.NEWEST)) {
      counters(database);
    }
    byte[] before = Files.readAllBytes(folder.resolve("sdwan.db"));
    assertEquals(
        """
        {
          "schema": 1,
          "older_than": "2026-08-25T14:00:00Z",
          "dry_run": true,
          "tables": [
            {"table":"sdwan_policy_stats","rows":3,"oldest":"2026-01-27T14:00:00Z"},
            {"table":"sdwan_path_metrics","rows":1,"oldest":"2026-08-15T14:00:00Z"},
            {"table":"sdwan_system_metrics","rows":0,"oldest":null},
            {"table":"sdwan_path_health","rows":0,"oldest":null},
            {"table":"sdwan_failover_events","rows":0,"oldest":null}
          ],
          "success": true,
          "message": "4 rows from before 2026-08-25 14:00:00 would be deleted.",
          "rows": 4,
          "rows_affected": 4
        }
        """,
        prune("--older-than 90d --dry-run --json"));
    assertArrayEquals(before, Files.readAllBytes(folder.resolve("sdwan.db")));
  }

  @Test
  void without_a_terminal_it_refuses_unless_told() throws Exception {
    try (PlatformDatabase database = history(Age.NEWEST)) {
      cli()
          .run("db", "prune", "--older-than", "90d")
          .failed(
              ExitCode.REFUSED,
              "not confirmed: no terminal for the question; add --yes to proceed, or"
                  + " --dry-run to preview");
      assertEquals(2, database.number("SELECT count(*) FROM sdwan_path_metrics"));
    }
  }

  @Test
  void on_a_terminal_it_shows_what_will_go_and_asks() throws Exception {
    try (PlatformDatabase database = history(Age.NEWEST)) {
      CommandLineRun.Outcome no =
          cli().onTerminal(80, 24).typing("\n").run("db", "prune", "--older-than", "90d");
      assertEquals(
          """
          TABLE                  ROWS  OLDEST
          sdwan_policy_stats        0  -
          sdwan_path_metrics        1  2026-08-15 14:00:00
          sdwan_system_metrics      0  -
          sdwan_path_health         0  -
          sdwan_failover_events     0  -

          1 row from before 2026-08-25 14:00:00 would be deleted.
          Delete them? [y/N] patronus: not confirmed; nothing was changed
          """,
          no.err());
      assertEquals(ExitCode.REFUSED, no.exitCode());
      assertEquals(2, database.number("SELECT count(*) FROM sdwan_path_metrics"));
      CommandLineRun.Outcome yes =
          cli().onTerminal(80, 24).typing("yes\n").run("db", "prune", "--older-than", "90d");
      assertEquals(ExitCode.DONE, yes.exitCode());
      assertEquals(1, database.number("SELECT count(*) FROM sdwan_path_metrics"));
    }
  }

  @Test
  void the_audit_trail_goes_only_where_it_is_named() throws Exception {
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST)) {
      for (String time :
          List.of(
              "2026-08-25T13:59:59.999Z",
              "2026-08-25T14:00:00Z",
              "2026-08-25T15:30:00+02:00",
              "2026-08-25T13:30:00-01:00",
              "sometime")) {
        database.run(
            "INSERT INTO audit_logs (timestamp, event_type, event_data, success, severity)"
                + " VALUES (?, 'x', '\"x\"', 1, 'info')",
            time);
      }
      prune("--older-than 90d --yes");
      assertEquals(5, database.number("SELECT count(*) FROM audit_logs"));
      prune("--older-than 90d --table audit --yes");
      assertEquals(
          List.of(
              "2026-08-25T13:30:00-01:00",
              "2026-08-25T14:00:00Z",
              "2026-08-25T15:30:00+02:00",
              "2026-11-23T14:00:00Z",
              "sometime"),
          times(database, "audit_logs"));
    }
  }

  @Test
  void vacuum_shrinks_the_file() throws Exception {
    try (PlatformDatabase database = history(Age.NEWEST)) {
      database.inOneTransaction(() -> {
        for (int i = 0; i < 20_000; i++) {
          database.stat(2, NOW - 100 * DAY - i, i, i, 0);
        }
      });
      long before = Files.size(database.file());
      String said = prune("--older-than 90d --table stats --yes --vacuum");
      assertTrue(said.contains("Deleted 19,999 rows"), said);
      assertTrue(said.contains("on its disk and takes "), said);
      assertTrue(Files.size(database.file()) < before / 4, said);
    }
  }

  @Test
  void rows_from_the_future_go_where_that_is_asked_for() throws Exception {
    try (PlatformDatabase database = history(Age.NEWEST)) {
      counters(database);
      database
          .stat(-1, NOW + 120, 5, 5, 0)
          .stat(-1, NOW + 121, 6, 6, 0)
          .stat(2, Instant.parse("2040-01-01T00:00:00Z").getEpochSecond(), 30, 30, 0)
          .metric(1, NOW + DAY, 1);
      database.run(
          "INSERT INTO sdwan_policy_stats (policy_id, timestamp, packets_matched, bytes_matched,"
              + " active_flows) VALUES (2, 'late', 1, 1, 0)");
      String check = cli().run("db", "check").out().replaceAll("\\s+", " ");
      assertTrue(
          check.contains(
              "future 2 rows of sdwan_policy_stats are from the future, the newest of"
                  + " 2040-01-01T00:00:00Z warning future 1 row of sdwan_path_metrics is from the"
                  + " future, the newest of 2026-11-24T14:00:00Z → see that this clock is right ('timedatectl'), then"
                  + " 'patronus db prune --future' removes them"),
          check);
      String plan = prune("--future --dry-run");
      assertTrue(plan.contains("3 rows from after 2026-11-23 14:02:00 would be deleted."), plan);
      assertEquals(
          3,
          database.number(
              "SELECT count(*) FROM sdwan_policy_stats WHERE packets_matched IN (5, 6, 30)"));
      prune("--future --yes");
      assertEquals(
          0,
          database.number(
              "SELECT count(*) FROM sdwan_policy_stats WHERE timestamp BETWEEN "
                  + (NOW + 121)
                  + " AND 9e12"));
      assertEquals(
          1, database.number("SELECT count(*) FROM sdwan_policy_stats WHERE packets_matched = 5"));
      assertEquals(2, database.number("SELECT count(*) FROM sdwan_path_metrics"));
      assertEquals(
          List.of(
              "{\"database_prune\":{\"newer_than\":\"2026-11-23T14:02:00Z\","
                  + "\"sdwan_path_metrics\":1,\"sdwan_policy_stats\":2}}"),
          database.rows("SELECT event_data FROM audit_logs"));
      cli()
          .run("db", "prune", "--future", "--older-than", "1d")
          .failed(ExitCode.USAGE, "--older-than and --future exclude each other; give one of them");
    }
  }

  /// A commit that fails in the middle: a trigger refuses one row, as a full disk would.
  @Test
  void a_task_that_fails_after_some_transactions_says_how_many_rows_went() throws Exception {
    try (PlatformDatabase database = history(Age.NEWEST)) {
      database.inOneTransaction(() -> {
        for (int i = 0; i < 9_000; i++) {
          database.stat(2, NOW - 100 * DAY + i, i, i, 0);
        }
      });
      database.run(
          "CREATE TRIGGER keep BEFORE DELETE ON sdwan_policy_stats WHEN old.packets_matched = 8500"
              + " BEGIN SELECT RAISE(ABORT, 'kept'); END");
      CommandLineRun.Outcome outcome =
          cli().run("db", "prune", "--older-than", "90d", "--table", "stats", "--yes");
      assertEquals(ExitCode.FAILED, outcome.exitCode());
      assertTrue(
          outcome.err().endsWith("8,000 rows were deleted before that and stay deleted\n"),
          outcome.err());
      assertEquals(1_000, database.number("SELECT count(*) FROM sdwan_policy_stats"));
    }
  }

  /// A trigger refuses each deletion, as a disk that is full after the roll-up would.
  @Test
  void a_prune_that_deletes_nothing_does_not_claim_that_nothing_was_changed() throws Exception {
    try (PlatformDatabase database = history(Age.NEWEST)) {
      database.inOneTransaction(() -> {
        for (int i = 0; i < 10; i++) {
          database.stat(2, NOW - 100 * DAY + i, i, i, 0);
        }
      });
      database.run(
          "CREATE TRIGGER keep BEFORE DELETE ON sdwan_policy_stats"
              + " BEGIN SELECT RAISE(ABORT, 'kept'); END");
      CommandLineRun.Outcome outcome =
          cli().run("db", "prune", "--older-than", "90d", "--table", "stats", "--yes");
      assertEquals(ExitCode.FAILED, outcome.exitCode());
      assertTrue(outcome.err().endsWith("; no row was deleted\n"), outcome.err());
      assertTrue(database.number("SELECT count(*) FROM patronus_five_minutes") > 0, "rolled up");
    }
  }

  @Test
  void a_log_that_cannot_be_emptied_counts_as_space_on_the_disk() throws Exception {
    try (PlatformDatabase database = history(Age.NEWEST)) {
      database.run("PRAGMA journal_mode = WAL");
      database.inOneTransaction(() -> {
        for (int i = 0; i < 20_000; i++) {
          database.stat(2, NOW - 100 * DAY - i, i, i, 0);
        }
      });
      try (PlatformDatabase reader = PlatformDatabase.open(database.file())) {
        reader.run("BEGIN");
        reader.number("SELECT count(*) FROM sdwan_policies");
        String said =
            cli()
                .env("PATRONUS_BUSY_TIMEOUT", "100ms")
                .out("db", "prune", "--older-than", "90d", "--yes", "--vacuum", "--json");
        Path log = folder.resolve("sdwan.db-wal");
        assertTrue(said.contains("because another program reads it"), said);
        assertTrue(
            said.contains("\"bytes_after\": " + (Files.size(database.file()) + Files.size(log))),
            said);
      }
    }
  }

  @Test
  void a_lost_index_is_named_rather_than_missed() throws Exception {
    try (PlatformDatabase database = history(Age.NEWEST)) {
      database.run("DROP INDEX idx_policy_stats_time");
      cli()
          .run("db", "prune", "--older-than", "90d", "--yes")
          .failed(
              ExitCode.FAILED,
              "sdwan_policy_stats has no index on (policy_id, timestamp), and without it every step would block"
                  + " writers for long; 'patronus db migrate' makes it");
    }
  }

  @Test
  void an_age_must_be_given_and_be_an_hour_at_least() throws Exception {
    try (PlatformDatabase _ = history(Age.NEWEST)) {
      cli()
          .run("db", "prune", "--yes")
          .failed(
              ExitCode.USAGE, "--older-than is missing; give an age, for example --older-than 90d");
      cli()
          .run("db", "prune", "--older-than", "90s")
          .failed(ExitCode.USAGE, "--older-than must be at least 1h, was 1m30s");
    }
  }

  /// The rule, read row by row: a row goes if it is before the edge and neither its policy's newest
  /// nor the newest that is not from the future.
  @Test
  void random_histories_lose_what_a_plain_reading_of_the_rule_says() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST)) {
      List<long[]> rows = new ArrayList<>();
      database.inOneTransaction(() -> {
        for (long policy = 1; policy <= 30; policy++) {
          database.policy(policy, "p" + policy, 1, "{}");
          int count = random.nextInt(400);
          for (int i = 0; i < count; i++) {
            long at = NOW - (long) ((random.nextDouble() - 0.02) * 180 * DAY);
            database.stat(policy, at, i, i, 0);
            rows.add(new long[] {rows.size() + 1, policy, at});
          }
        }
      });
      prune("--older-than 90d --table stats --yes");
      assertEquals(
          rows.stream()
              .filter(row -> row[2] >= NOW - 90 * DAY || isNewest(row, rows))
              .map(row -> Long.toString(row[0]))
              .collect(Collectors.joining(" ")),
          String.join(" ", database.rows("SELECT stat_id FROM sdwan_policy_stats ORDER BY 1")),
          () -> "seed " + seed);
    }
  }

  private static boolean isNewest(long[] row, List<long[]> rows) {
    return isLast(row, rows, Long.MAX_VALUE) || isLast(row, rows, NOW);
  }

  private static boolean isLast(long[] row, List<long[]> rows, long until) {
    return row[2] <= until
        && rows.stream()
            .filter(other -> other[1] == row[1] && other[2] <= until)
            .noneMatch(other -> other[2] > row[2] || (other[2] == row[2] && other[0] > row[0]));
  }
}
