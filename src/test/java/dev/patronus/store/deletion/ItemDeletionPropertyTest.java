package dev.patronus.store.deletion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.audit.Actor;
import dev.patronus.site.DeletionPlan;
import dev.patronus.site.ItemKind;
import dev.patronus.site.Restoration;
import dev.patronus.site.TableRows;
import dev.patronus.site.TableRows.Effect;
import dev.patronus.store.Database;
import dev.patronus.store.Dump;
import dev.patronus.store.RandomMesh;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Random meshes, with tables that nobody knows: what is deleted comes back to the bit. Another
/// seed: `-Dpatronus.seed=…`; more of them: `-Dpatronus.meshes=…`.
class ItemDeletionPropertyTest {
  private static final Actor ACTOR = new Actor("tester", null, "test");
  private static final Instant NOW = Instant.parse("2026-11-23T14:00:00Z");
  private static final long SEED = Long.getLong("patronus.seed", System.nanoTime());
  private static final int MESHES = Integer.getInteger("patronus.meshes", 8);

  @TempDir private Path folder;

  /// What is tried on each mesh.
  private interface Trial {
    void on(PlatformDatabase database, Database ours, RandomMesh mesh, Random random, String seed)
        throws SQLException;
  }

  private void onMeshes(Trial trial) throws Exception {
    for (int i = 0; i < MESHES; i++) {
      long seed = SEED + i;
      Random random = new Random(seed);
      Path place = Files.createDirectory(folder.resolve("mesh" + i));
      Age age = List.of(Age.values()).get(random.nextInt(Age.values().length));
      String words = "-Dpatronus.meshes=1 -Dpatronus.seed=" + seed;
      try (PlatformDatabase database = PlatformDatabase.create(place, age)) {
        database.run("PRAGMA synchronous = OFF");
        RandomMesh mesh = new RandomMesh(database, random);
        mesh.fill();
        try (Database ours = Database.openWritable(database.file())) {
          trial.on(database, ours, mesh, random, words);
        }
      }
    }
  }

  private static ItemDeletion.Deleted delete(Database ours, List<String> sites) {
    return new ItemDeletion(ours, ItemKind.SITE)
        .delete(ACTOR, NOW, Duration.ofDays(30), sites, Optional.empty());
  }

  private static Restoration restore(Database ours, List<Long> archives) {
    return new ItemRestoration(ours, ItemKind.SITE).restore(ACTOR, NOW, archives, Set.of());
  }

  private static void assertSame(
      Map<String, List<String>> before, Map<String, List<String>> after, String seed) {
    assertEquals(List.of(), Dump.differences(before, after), seed + ": rows are missing");
    assertEquals(List.of(), Dump.differences(after, before), seed + ": rows are new");
  }

  private static List<String> some(RandomMesh mesh, Random random, int most) {
    List<String> sites = new ArrayList<>(mesh.sites());
    Collections.shuffle(sites, random);
    return List.copyOf(sites.subList(0, 1 + random.nextInt(Math.min(most, sites.size()))));
  }

  @Test
  void delete_then_restore_gives_back_the_same_database() throws Exception {
    onMeshes((database, ours, mesh, random, seed) -> {
      Map<String, List<String>> before = Dump.of(database);
      List<String> dangling = database.rows("PRAGMA foreign_key_check");
      ItemDeletion.Deleted deleted = delete(ours, some(mesh, random, 3));
      assertTrue(dangling.containsAll(database.rows("PRAGMA foreign_key_check")), seed);
      List<Long> archives = deleted.archives().stream().map(a -> a.archiveId()).toList();
      Restoration restored = restore(ours, archives);
      assertEquals(List.of(), restored.conflicts(), seed);
      assertSame(before, Dump.of(database), seed);
      assertEquals(List.of(), new ArchiveTable(ours).all(), seed);
      assertEquals(0, database.number("SELECT count(*) FROM patronus_deleted_rows"), seed);
    });
  }

  @Test
  void the_plan_says_exactly_what_goes() throws Exception {
    onMeshes((database, ours, mesh, random, seed) -> {
      List<String> sites = some(mesh, random, 3);
      DeletionPlan plan = new ItemDeletion(ours, ItemKind.SITE).plan(sites);
      Map<String, List<String>> before = Dump.of(database);
      delete(ours, sites);
      assertEquals(deletedIn(plan), lost(before, Dump.of(database)), seed);
    });
  }

  private static Map<String, Integer> deletedIn(DeletionPlan plan) {
    Map<String, Integer> deleted = new TreeMap<>();
    for (TableRows rows : plan.tables()) {
      if (rows.effect() == Effect.DELETED) {
        deleted.put(rows.table(), (int) rows.rows());
      }
    }
    return deleted;
  }

  private static Map<String, Integer> lost(
      Map<String, List<String>> before, Map<String, List<String>> after) {
    Map<String, Integer> lost = new TreeMap<>();
    before.forEach((table, rows) -> {
      int gone = rows.size() - after.getOrDefault(table, List.of()).size();
      if (gone > 0) {
        lost.put(table, gone);
      }
    });
    return lost;
  }

  @Test
  void nothing_is_left_that_hung_on_the_site_and_nothing_else_is_gone() throws Exception {
    onMeshes((database, ours, mesh, random, seed) -> {
      String site = some(mesh, random, 1).getFirst();
      String touches = "'" + site + "' IN (src_site_id, dst_site_id)";
      String lost = "SELECT path_id FROM sdwan_paths WHERE " + touches;
      boolean newest = ours.schema().age().equals("newest");
      List<String> expected = new ArrayList<>();
      expected.addAll(database.rows("SELECT path_id FROM sdwan_paths WHERE NOT " + touches));
      expected.addAll(
          database.rows(
              "SELECT metric_id FROM sdwan_path_metrics WHERE path_id NOT IN (" + lost + ")"));
      if (newest) {
        expected.addAll(
            database.rows(
                "SELECT health_id FROM sdwan_path_health WHERE CAST(path_id AS INTEGER) NOT IN ("
                    + lost
                    + ")"));
        expected.addAll(
            database.rows(
                "SELECT policy_id FROM sdwan_failover_policies WHERE CAST(primary_path_id AS"
                    + " INTEGER) NOT IN ("
                    + lost
                    + ") ORDER BY 1"));
      }
      delete(ours, List.of(site));
      List<String> left = new ArrayList<>();
      left.addAll(database.rows("SELECT path_id FROM sdwan_paths"));
      left.addAll(database.rows("SELECT metric_id FROM sdwan_path_metrics"));
      if (newest) {
        left.addAll(database.rows("SELECT health_id FROM sdwan_path_health"));
        left.addAll(database.rows("SELECT policy_id FROM sdwan_failover_policies ORDER BY 1"));
      }
      assertEquals(expected, left, seed);
    });
  }

  @Test
  void sites_that_went_one_after_another_come_back_in_any_order_that_is_allowed() throws Exception {
    onMeshes((database, ours, mesh, random, seed) -> {
      Map<String, List<String>> before = Dump.of(database);
      List<Long> archives = new ArrayList<>();
      for (String site : some(mesh, random, 4)) {
        archives.add(delete(ours, List.of(site)).archives().getFirst().archiveId());
      }
      Collections.shuffle(archives, random);
      while (!archives.isEmpty()) {
        Map<String, List<String>> now = Dump.of(database);
        Restoration restored = restore(ours, List.of(archives.getFirst()));
        if (restored.conflicts().isEmpty()) {
          archives.removeFirst();
        } else {
          assertFalse(restored.neededFirst().isEmpty(), seed + " " + restored.conflicts());
          assertSame(now, Dump.of(database), seed);
          long first = restored.neededFirst().getFirst().archiveId();
          assertTrue(archives.remove(first), seed);
          archives.addFirst(first);
        }
      }
      assertSame(before, Dump.of(database), seed);
    });
  }
}
