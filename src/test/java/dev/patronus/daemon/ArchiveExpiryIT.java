package dev.patronus.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The daemon deletes archives that have expired, unless it is told not to.
class ArchiveExpiryIT {
  @TempDir private Path folder;
  private final int port = DaemonUnderTest.freePort();
  private PlatformDatabase database;

  @BeforeEach
  void deleteLongAgoAndNow() throws Exception {
    database = PlatformDatabase.create(folder, Age.SPRINT_30);
    database.site("aa", "berlin").policy(7, "web", 100, "{}").policy(8, "new", 90, "{}");
    CommandLineRun longAgo = CommandLineRun.on(database.file()).at("2020-01-01T00:00:00Z");
    longAgo.out("site", "delete", "berlin", "--yes");
    longAgo.out("policy", "delete", "web", "--yes");
    CommandLineRun.on(database.file())
        .at(java.time.Instant.now().toString())
        .out("policy", "delete", "new", "--yes");
  }

  @AfterEach
  void closeDatabase() throws SQLException {
    database.close();
  }

  private List<String> archived() throws SQLException {
    return database.rows("SELECT site_name FROM patronus_deleted_sites ORDER BY archive_id");
  }

  private long rows() throws SQLException {
    return database.number("SELECT count(DISTINCT archive_id) FROM patronus_deleted_rows");
  }

  @Test
  void what_has_expired_goes_at_the_start_and_the_trail_says_so() throws Exception {
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port)) {
      daemon.program().awaitStderr("the archive of site 'berlin' (aa) has expired");
      DaemonUnderTest.await("all rows gone", () -> rows() == 1);
      assertEquals(List.of("new"), archived());
      assertEquals(
          List.of("policy_purge|patronus-daemon", "site_purge|patronus-daemon"),
          database.rows(
              "SELECT event_type, user_id FROM audit_logs WHERE event_type LIKE '%purge'"
                  + " ORDER BY id"));
    }
  }

  @Test
  void switched_off_it_stays() throws Exception {
    try (DaemonUnderTest daemon =
        DaemonUnderTest.start(
            DaemonUnderTest.program(folder, port, "--snapshot-every", "1s")
                .env("PATRONUS_PURGE_EXPIRED", "no"),
            folder,
            port)) {
      DaemonUnderTest.await(
          "snapshots", () -> database.number("SELECT count(*) FROM patronus_unmatched_stats") >= 2);
      assertEquals(List.of("berlin", "web", "new"), archived());
      assertEquals(0, daemon.stats().unmatched().packets());
    }
  }
}
