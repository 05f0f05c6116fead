package dev.patronus.store.deletion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.audit.Actor;
import dev.patronus.site.ItemKind;
import dev.patronus.site.TableRows;
import dev.patronus.site.TableRows.Effect;
import dev.patronus.store.Database;
import dev.patronus.store.InterruptHandler;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a deletion costs, in thousands of SQLite's own steps: as much as the rows that go, however
/// many others there are.
class DeletionCostTest {
  private static final Actor ACTOR = new Actor("tester", null, "test");
  private static final Instant NOW = Instant.parse("2026-11-23T14:00:00Z");
  private static final int OTHERS = 30_000;

  @TempDir private Path folder;

  /// A change whose cost is compared.
  private interface Change {
    void on(PlatformDatabase platform, Database ours) throws SQLException;
  }

  private int steps(int others, Change prepare, Change change) throws Exception {
    Path place = Files.createDirectory(folder.resolve("others" + others));
    try (PlatformDatabase platform = PlatformDatabase.create(place, Age.NEWEST)) {
      platform.policy(7, "office", 1, "{}").policy(8, "voice", 1, "{}");
      platform.site("aa", "berlin").site("bb", "oslo").site("cc", "rome");
      platform.path(1, "aa", "bb").path(2, "bb", "cc");
      platform.inOneTransaction(() -> {
        for (int i = 0; i < 100; i++) {
          platform.stat(7, i, i, i, 1).metric(1, i, 1);
        }
        for (int i = 0; i < others; i++) {
          platform.stat(8, i, i, i, 1).metric(2, i, 1);
        }
      });
      prepare.on(platform, null);
      try (Database ours = Database.openWritable(platform.file())) {
        ours.write(ACTOR, NOW, _ -> true);
        AtomicInteger thousands = new AtomicInteger();
        InterruptHandler.watch(ours.connection(), () -> thousands.incrementAndGet() < 0);
        change.on(platform, ours);
        return thousands.get();
      }
    }
  }

  private void costsTheSame(Change prepare, Change change) throws Exception {
    int alone = steps(100, prepare, change);
    int amongMany = steps(OTHERS, prepare, change);
    assertEquals(alone, amongMany, 3);
  }

  private static void delete(Database ours, ItemKind kind, String id, TableRows... rows) {
    ItemDeletion.Deleted deleted =
        new ItemDeletion(ours, kind)
            .delete(ACTOR, NOW, Duration.ofDays(30), List.of(id), Optional.empty());
    assertEquals(List.of(rows), deleted.plan().tables());
  }

  @Test
  void the_rows_of_other_policies_are_not_read() throws Exception {
    costsTheSame(
        (_, _) -> {},
        (_, ours) ->
            delete(
                ours,
                ItemKind.POLICY,
                "7",
                new TableRows("sdwan_policies", Effect.DELETED, 1),
                new TableRows("sdwan_policy_stats", Effect.DELETED, 100)));
  }

  @Test
  void the_measurements_of_other_sites_are_not_read() throws Exception {
    costsTheSame(
        (_, _) -> {},
        (_, ours) ->
            delete(
                ours,
                ItemKind.SITE,
                "aa",
                new TableRows("sdwan_sites", Effect.DELETED, 1),
                new TableRows("sdwan_paths", Effect.DELETED, 1),
                new TableRows("sdwan_path_metrics", Effect.DELETED, 100)));
  }

  @Test
  void a_restoration_reads_the_rows_of_its_archive() throws Exception {
    costsTheSame(
        (_, _) -> {},
        (_, ours) -> {
          new ItemDeletion(ours, ItemKind.POLICY)
              .delete(ACTOR, NOW, Duration.ofDays(30), List.of("7"), Optional.empty());
          List<Long> archives =
              new ArchiveTable(ours).all().stream().map(item -> item.archiveId()).toList();
          assertEquals(
              List.of(),
              new ItemRestoration(ours, ItemKind.POLICY)
                  .restore(ACTOR, NOW, archives, Set.of())
                  .conflicts());
        });
  }

  @Test
  void leftovers_are_found_without_what_is_none() throws Exception {
    costsTheSame(
        (platform, _) ->
            platform
                .run("PRAGMA foreign_keys = OFF")
                .run("DELETE FROM sdwan_policies WHERE policy_id = 7")
                .run("DELETE FROM sdwan_paths WHERE path_id = 1"),
        (_, ours) ->
            delete(
                ours,
                ItemKind.LEFTOVERS,
                "leftovers",
                new TableRows("sdwan_path_metrics", Effect.DELETED, 100),
                new TableRows("sdwan_policy_stats", Effect.DELETED, 100)));
  }
}
