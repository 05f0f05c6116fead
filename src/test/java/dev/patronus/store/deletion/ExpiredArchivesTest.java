package dev.patronus.store.deletion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.audit.Actor;
import dev.patronus.site.DeletedItem;
import dev.patronus.site.ItemKind;
import dev.patronus.store.Database;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExpiredArchivesTest {
  private static final Actor ACTOR = new Actor("tester", null, "test");
  private static final Instant NOW = Instant.parse("2026-11-23T14:00:00Z");

  @TempDir private Path folder;
  private PlatformDatabase platform;
  private Database ours;
  private ArchiveTable archives;

  @BeforeEach
  void deleteOfEachKind() throws Exception {
    platform = PlatformDatabase.create(folder, Age.NEWEST);
    platform.site("aa", "berlin").site("bb", "oslo").path(1, "aa", "bb");
    platform.policy(-1, "voice", 1, "{}").policy(7, "office", 1, "{}").stat(7, 1, 1, 1, 1);
    platform.inOneTransaction(() -> {
      for (int i = 0; i < 2_500; i++) {
        platform.stat(-1, i, i, i, 1);
      }
    });
    ours = Database.openWritable(platform.file());
    archives = new ArchiveTable(ours);
    delete(ItemKind.SITE, "aa", 1);
    delete(ItemKind.POLICY, "18446744073709551615", 1);
    delete(ItemKind.POLICY, "7", 30);
  }

  @AfterEach
  void close() throws SQLException {
    ours.close();
    platform.close();
  }

  private void delete(ItemKind kind, String id, int days) {
    new ItemDeletion(ours, kind)
        .delete(ACTOR, NOW, Duration.ofDays(days), List.of(id), Optional.empty());
  }

  private long rows() throws SQLException {
    return platform.number("SELECT count(*) FROM patronus_deleted_rows");
  }

  @Test
  void what_has_expired_goes_in_small_steps_and_is_audited() throws Exception {
    assertEquals(2, rows() - 2_501 - 2);
    List<DeletedItem> dropped = archives.dropExpired(ACTOR, NOW.plus(Duration.ofDays(1)));
    assertEquals(
        List.of("18446744073709551615", "aa"), dropped.stream().map(DeletedItem::id).toList());
    assertEquals(List.of("7"), archives.all().stream().map(DeletedItem::id).toList());
    assertEquals(
        List.of("policy_purge|tester|warning", "site_purge|tester|warning"),
        platform.rows(
            "SELECT event_type, user_id, severity FROM audit_logs"
                + " WHERE event_type LIKE '%purge' ORDER BY id"));
    long before = rows();
    while (archives.deleteDropped(ACTOR, NOW)) {
      assertTrue(before - rows() <= 1_000);
      before = rows();
    }
    assertEquals(2, rows());
    assertEquals(2, platform.number("SELECT count(*) FROM patronus_deleted_tables"));
    new ItemRestoration(ours, ItemKind.POLICY).restore(ACTOR, NOW, List.of(3L), java.util.Set.of());
    assertEquals(List.of("office"), platform.rows("SELECT name FROM sdwan_policies"));
  }

  @Test
  void before_its_time_nothing_goes() throws Exception {
    long before = rows();
    assertEquals(
        List.of(), archives.dropExpired(ACTOR, NOW.plus(Duration.ofDays(1)).minusSeconds(1)));
    assertFalse(archives.deleteDropped(ACTOR, NOW));
    assertEquals(before, rows());
  }
}
