package dev.patronus.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.PlatformDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The daemon deletes the history that is past its retention.
class RetentionIT {
  @TempDir private Path folder;
  private final int port = DaemonUnderTest.freePort();
  private final long now = Instant.now().getEpochSecond();
  private PlatformDatabase database;

  @BeforeEach
  void makeDatabase() throws SQLException, IOException {
    database = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST);
    database.policy(7, "web", 100, "{}");
    minutes(now - Duration.ofDays(3).toSeconds(), 3000);
    minutes(now - 3600, 50);
  }

  private void minutes(long from, int count) throws SQLException {
    database.inOneTransaction(() -> {
      for (int i = 0; i < count; i++) {
        database.stat(7, from + i * 60L, from + i, (from + i) * 100, 1);
      }
    });
  }

  @AfterEach
  void closeDatabase() throws SQLException {
    database.close();
  }

  private long rows() throws SQLException {
    return database.number("SELECT count(*) FROM sdwan_policy_stats");
  }

  @Test
  void by_default_rows_of_some_days_stay() throws Exception {
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port, "--snapshot-every", "1s")) {
      DaemonUnderTest.await("two snapshots", () -> rows() >= 3052);
      assertEquals(0, daemon.stats().unmatched().packets());
    }
  }

  @Test
  void rows_from_before_there_were_roll_ups_are_rolled_up() throws Exception {
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port, "--snapshot-every", "1s")) {
      daemon.program().awaitStderr("traffic is rolled up");
      DaemonUnderTest.await("two snapshots", () -> rows() >= 3052);
      DaemonUnderTest.await(
          "the days before today",
          () -> database.number("SELECT count(*) FROM patronus_days WHERE series_id > 0") >= 3);
      assertEquals(1, database.number("SELECT complete FROM patronus_rollup"));
      assertEquals(0, daemon.stats().unmatched().packets());
    }
    assertEquals(
        database.number("SELECT max(stat_id) FROM sdwan_policy_stats"),
        database.number("SELECT mark FROM patronus_rollup"));
  }

  @Test
  void rows_past_the_retention_go_while_it_counts_and_leave_one_row_in_the_audit_trail()
      throws Exception {
    String[] more = {"--retention", "2h", "--snapshot-every", "1s"};
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port, more)) {
      daemon.program().awaitStderr("rows of history past the retention");
      DaemonUnderTest.await("a snapshot", () -> rows() > 0);
      assertEquals(
          0,
          database.number(
              "SELECT count(*) FROM sdwan_policy_stats WHERE timestamp < " + (now - 7300)));
      assertTrue(rows() >= 50, "the rows of the last hour stay: " + rows());
      assertEquals(
          "patronus-daemon|database_expire|warning",
          String.join(
              " and ",
              database.rows(
                  "SELECT user_id, event_type, severity FROM audit_logs"
                      + " WHERE event_type LIKE '%expire%'")));
    }
  }

  @Test
  void after_a_start_that_finds_the_clock_far_ahead_it_waits() throws Exception {
    database.run("DELETE FROM sdwan_policy_stats WHERE timestamp > ?", now - 7200);
    database.run("UPDATE sdwan_policy_stats SET timestamp = timestamp - 86400 * 4000");
    String[] more = {"--retention", "2h", "--snapshot-every", "1s"};
    long before = rows();
    try (DaemonUnderTest _ = DaemonUnderTest.start(folder, port, more)) {
      DaemonUnderTest.await("three snapshots", () -> rows() >= before + 3);
    }
  }

  @Test
  void a_lock_is_said_once_and_it_goes_on_afterwards() throws Exception {
    String[] more = {"--retention", "2h", "--snapshot-every", "1h"};
    try (DaemonUnderTest first = DaemonUnderTest.start(folder, port)) {
      first.program().awaitStderr("traffic is rolled up"); // and the database has its id
    }
    long before = rows();
    database.run("BEGIN IMMEDIATE");
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port, more)) {
      daemon.program().awaitStderr("cannot delete old history");
      assertEquals(before, rows());
      database.run("COMMIT");
      daemon.program().awaitStderr("old history is deleted again");
      assertTrue(rows() < 200, "rows: " + rows());
      String log = daemon.program().stderrSoFar();
      assertEquals(
          1, log.lines().filter(line -> line.contains("cannot delete old history")).count(), log);
    }
  }
}
