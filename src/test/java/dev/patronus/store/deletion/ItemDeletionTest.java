package dev.patronus.store.deletion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.patronus.audit.Actor;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.site.DeletionPlan;
import dev.patronus.site.ItemKind;
import dev.patronus.site.TableRows;
import dev.patronus.site.TableRows.Effect;
import dev.patronus.store.Database;
import dev.patronus.store.Dump;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.BusyHandler;

class ItemDeletionTest {
  private static final Actor ACTOR = new Actor("tester", null, "test");
  private static final Instant NOW = Instant.parse("2026-11-23T14:00:00Z");
  private static final List<String> BERLIN = List.of("aa");

  @TempDir private Path folder;
  private PlatformDatabase database;
  private Database ours;
  private ItemDeletion deletion;

  @BeforeEach
  void make() throws Exception {
    database = PlatformDatabase.create(folder, Age.NEWEST);
    database.site("aa", "berlin").site("bb", "oslo").path(1, "aa", "bb").metric(1, 5, 12.5);
    ours = Database.openWritable(database.file());
    deletion = new ItemDeletion(ours, ItemKind.SITE);
  }

  @AfterEach
  void close() throws SQLException {
    ours.close();
    database.close();
  }

  private void delete(Optional<DeletionPlan> agreed) {
    deletion.delete(ACTOR, NOW, Duration.ofDays(30), BERLIN, agreed);
  }

  private void refused(ExitCode code, String message, Optional<DeletionPlan> agreed)
      throws SQLException {
    Map<String, List<String>> before = Dump.of(database);
    UserError error = assertThrows(UserError.class, () -> delete(agreed));
    assertEquals(message, error.getMessage());
    assertEquals(code, error.exitCode());
    assertEquals(before, Dump.of(database));
  }

  @Test
  void what_was_agreed_to_must_still_hold() throws Exception {
    DeletionPlan shown = deletion.plan(BERLIN);
    database.path(2, "bb", "aa");
    refused(
        ExitCode.REFUSED,
        "the site changed while you were asked: its name or its paths are not what they were;"
            + " nothing was deleted, look at it again",
        Optional.of(shown));
  }

  @Test
  void measurements_that_came_while_somebody_was_asked_go_too() throws Exception {
    DeletionPlan shown = deletion.plan(BERLIN);
    database.metric(1, 6, 13);
    delete(Optional.of(shown));
    assertEquals(0, database.number("SELECT count(*) FROM sdwan_path_metrics"));
  }

  /// Deletes while another program holds the lock, which commits its change once the deletion waits
  /// for it.
  private void deleteBehind(String... change) throws SQLException {
    database.run("BEGIN IMMEDIATE");
    for (String sql : change) {
      database.run(sql);
    }
    BusyHandler.setHandler(
        ours.connection(),
        new BusyHandler() {
          @Override
          protected int callback(int asked) throws SQLException {
            database.run("COMMIT");
            return 1;
          }
        });
    delete(Optional.empty());
  }

  @Test
  void measurements_that_came_while_it_waited_for_the_lock_go_too() throws Exception {
    deleteBehind(
        "INSERT INTO sdwan_path_metrics (path_id, timestamp, latency_ms, jitter_ms,"
            + " packet_loss_pct, bandwidth_mbps, mtu, score) VALUES (1, 6, 1, 1, 0, 1, 1, 1)");
    assertEquals(0, database.number("SELECT count(*) FROM sdwan_path_metrics"));
    assertEquals(
        2,
        database.number(
            "SELECT row_count FROM patronus_deleted_tables WHERE table_name = 'sdwan_path_metrics'"));
  }

  @Test
  void a_table_that_came_while_it_waited_for_the_lock_loses_its_rows_too() throws Exception {
    deleteBehind(
        "CREATE TABLE leases (ip TEXT, site TEXT REFERENCES sdwan_sites)",
        "INSERT INTO leases VALUES ('10.0.0.1', 'aa'), ('10.0.0.2', 'bb')");
    assertEquals(List.of("10.0.0.2"), database.rows("SELECT ip FROM leases"));
  }

  @Test
  void a_deletion_that_was_refused_can_be_tried_again() throws Exception {
    DeletionPlan shown = deletion.plan(BERLIN);
    database.path(2, "bb", "aa");
    assertThrows(UserError.class, () -> delete(Optional.of(shown)));
    delete(Optional.empty());
    assertEquals(0, database.number("SELECT count(*) FROM sdwan_paths"));
    assertEquals(0, database.number("SELECT paused FROM patronus_guard_archive"));
  }

  @Test
  void a_site_that_somebody_else_deleted_meanwhile_is_not_found() throws Exception {
    DeletionPlan shown = deletion.plan(BERLIN);
    delete(Optional.empty());
    refused(
        ExitCode.NOT_FOUND,
        "the site is not there any more; see 'patronus site list'",
        Optional.of(shown));
  }

  @Test
  void a_full_disk_changes_nothing() throws Exception {
    database.inOneTransaction(() -> {
      for (int i = 0; i < 2_000; i++) {
        database.metric(1, i, i);
      }
    });
    ours.execute("PRAGMA max_page_count = " + (database.number("PRAGMA page_count") + 5));
    refused(
        ExitCode.FAILED,
        "there is no space for this in "
            + database.file()
            + ": look at the disk for temporary files with 'df -h /var/tmp', and at the limit that"
            + " 'PRAGMA max_page_count' shows; nothing was changed",
        Optional.empty());
  }

  @Test
  void keys_that_were_broken_before_are_nobodys_fault() throws Exception {
    database.run("PRAGMA foreign_keys = OFF").metric(77, 1, 1);
    delete(Optional.empty());
    assertEquals(List.of("77"), database.rows("SELECT path_id FROM sdwan_path_metrics"));
  }

  @Test
  void tables_that_nobody_knows_are_followed_by_their_keys() throws Exception {
    database
        .run("CREATE TABLE leases (ip TEXT UNIQUE, site TEXT REFERENCES sdwan_sites)")
        .run("CREATE TABLE \"a \"\"b\" (ip TEXT REFERENCES LEASES(ip) ON DELETE RESTRICT)")
        .run("CREATE TABLE hints (site TEXT REFERENCES sdwan_sites(site_id) ON DELETE SET NULL)")
        .run("INSERT INTO leases VALUES ('10.0.0.1', 'aa'), ('10.0.0.2', 'bb')")
        .run("INSERT INTO \"a \"\"b\" VALUES ('10.0.0.1'), ('10.0.0.1'), ('10.0.0.2'), (NULL)")
        .run("INSERT INTO hints VALUES ('aa'), ('bb')");
    assertEquals(
        List.of(
            new TableRows("sdwan_sites", Effect.DELETED, 1),
            new TableRows("leases", Effect.DELETED, 1),
            new TableRows("a \"b", Effect.DELETED, 2),
            new TableRows("sdwan_paths", Effect.DELETED, 1),
            new TableRows("sdwan_path_metrics", Effect.DELETED, 1),
            new TableRows("hints", Effect.REWRITTEN, 1)),
        deletion.plan(BERLIN).tables());
    delete(Optional.empty());
    assertEquals(
        List.of("null", "10.0.0.2"), database.rows("SELECT ip FROM \"a \"\"b\" ORDER BY 1"));
    assertEquals(List.of("null", "bb"), database.rows("SELECT site FROM hints ORDER BY 1"));
  }

  @Test
  void a_plan_leaves_no_trace_in_the_file() throws Exception {
    long pages = database.number("PRAGMA page_count");
    long version = database.number("PRAGMA data_version");
    deletion.plan(BERLIN);
    assertEquals(pages, database.number("PRAGMA page_count"));
    assertEquals(version, database.number("PRAGMA data_version"));
  }
}
