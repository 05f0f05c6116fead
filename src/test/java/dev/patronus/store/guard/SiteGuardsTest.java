package dev.patronus.store.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.audit.Actor;
import dev.patronus.cli.CommandLineRun;
import dev.patronus.site.DeletedItem;
import dev.patronus.site.GuardLevel;
import dev.patronus.site.ItemKind;
import dev.patronus.site.Restoration;
import dev.patronus.store.Database;
import dev.patronus.store.Dump;
import dev.patronus.store.RandomMesh;
import dev.patronus.store.deletion.ArchiveTable;
import dev.patronus.store.deletion.ItemDeletion;
import dev.patronus.store.deletion.ItemRestoration;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.SampleDatabase;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The guards of level `all`, under the platform's own statements. Another seed:
/// `-Dpatronus.seed=…`; more meshes: `-Dpatronus.meshes=…`.
class SiteGuardsTest {
  private static final Actor ACTOR = new Actor("tester", null, "test");
  private static final Instant NOW = Instant.parse("2026-11-23T14:00:00Z");
  private static final long SEED = Long.getLong("patronus.seed", System.nanoTime());
  private static final int MESHES = Integer.getInteger("patronus.meshes", 9);

  @TempDir private Path folder;

  private CommandLineRun cli() {
    return CommandLineRun.on(folder.resolve("sdwan.db"));
  }

  private PlatformDatabase sample(Age age) throws Exception {
    Path file = SampleDatabase.make(folder, age);
    cli().out("db", "migrate", "--guards", "all");
    return PlatformDatabase.open(file);
  }

  /// As the platform does it.
  private static void deleteSite(PlatformDatabase platform, String id) throws SQLException {
    platform.inOneTransaction(() ->
        platform
            .run("DELETE FROM sdwan_paths WHERE src_site_id = ? OR dst_site_id = ?", id, id)
            .run("DELETE FROM sdwan_endpoints WHERE site_id = ?", id)
            .run("DELETE FROM sdwan_sites WHERE site_id = ?", id));
  }

  private static void assertSame(
      Map<String, List<String>> expected, Map<String, List<String>> actual, String seed) {
    assertEquals(List.of(), Dump.differences(expected, actual), seed + ": rows are missing");
    assertEquals(List.of(), Dump.differences(actual, expected), seed + ": rows are new");
  }

  @ParameterizedTest
  @EnumSource
  void a_policy_that_the_platform_deletes_comes_back_with_its_counters(Age age) throws Exception {
    Path file = SampleDatabase.make(folder, age);
    try (PlatformDatabase platform = PlatformDatabase.open(file)) {
      cli().out("db", "migrate"); // makes the table of the counters
      platform.policy(-9, "voice calls", 7, "{}");
      platform.stat(-9, 60, 1, 100, 1).stat(-9, 120, 2, 200, 2);
      cli().out("db", "migrate", "--guards", "all");
      Map<String, List<String>> before = Dump.of(platform);
      platform.run("DELETE FROM sdwan_policies WHERE policy_id = ?", -9L);
      assertEquals(
          0, platform.number("SELECT count(*) FROM sdwan_policy_stats WHERE policy_id = -9"));
      assertEquals(
          List.of("18446744073709551607|voice calls|platform|3"),
          platform.rows(
              "SELECT site_id, site_name, deleted_by, row_count FROM patronus_deleted_sites"));
      assertTrue(cli().out("policy", "deleted").contains("voice calls"));
      cli().out("policy", "restore", "voice calls");
      assertSame(before, Dump.of(platform), age.toString());
    }
  }

  @Test
  void what_the_platform_deletes_is_what_we_would_and_comes_back_to_the_bit() throws Exception {
    for (int i = 0; i < MESHES; i++) {
      long seed = SEED + i;
      Random random = new Random(seed);
      Path place = Files.createDirectory(folder.resolve("mesh" + i));
      Age age = List.of(Age.values()).get(i % Age.values().length);
      String words = age + " -Dpatronus.meshes=1 -Dpatronus.seed=" + seed;
      try (PlatformDatabase platform = PlatformDatabase.create(place, age)) {
        platform.run("PRAGMA synchronous = OFF");
        RandomMesh mesh = new RandomMesh(platform, random);
        mesh.fillPlatform();
        try (Database ours = Database.openWritable(platform.file())) {
          List<String> sites = new ArrayList<>(mesh.sites());
          Collections.shuffle(sites, random);
          sites = sites.subList(0, 1 + random.nextInt(Math.min(3, sites.size())));
          deleteBothWays(platform, ours, sites, words);
        }
      }
    }
  }

  private static void deleteBothWays(
      PlatformDatabase platform, Database ours, List<String> sites, String seed)
      throws SQLException {
    new Guards(ours).apply(ACTOR, NOW, GuardLevel.ALL, Duration.ofDays(30));
    Map<String, List<String>> before = Dump.of(platform);
    ItemDeletion.Deleted own =
        new ItemDeletion(ours, ItemKind.SITE)
            .delete(ACTOR, NOW, Duration.ofDays(30), sites, Optional.empty());
    assertEquals(sites.size(), new ArchiveTable(ours).all().size(), seed + ": archived twice");
    Map<String, List<String>> deleted = Dump.of(platform);
    restore(ours, own.archives(), seed);
    assertSame(before, Dump.of(platform), seed + ", by us");
    for (String site : sites) {
      deleteSite(platform, site);
    }
    assertSame(compact(deleted), compact(Dump.of(platform)), seed + ", deleted");
    List<DeletedItem> archives = new ArchiveTable(ours).all();
    assertEquals(sites, archives.reversed().stream().map(DeletedItem::id).toList(), seed);
    restore(ours, archives, seed);
    assertSame(before, Dump.of(platform), seed + ", restored");
    assertEquals(0, platform.number("SELECT count(*) FROM patronus_deleted_rows"), seed);
  }

  /// The rows with lists of backup paths as SQLite writes them: without blanks behind the commas,
  /// which are in hexadecimal here.
  private static Map<String, List<String>> compact(Map<String, List<String>> dump) {
    Map<String, List<String>> compact = new TreeMap<>(dump);
    compact.computeIfPresent(
        "sdwan_failover_policies",
        (_, rows) -> rows.stream().map(row -> row.replace("2C20", "2C")).toList());
    return compact;
  }

  private static void restore(Database ours, List<DeletedItem> archives, String seed) {
    Restoration restored =
        new ItemRestoration(ours, ItemKind.SITE)
            .restore(ACTOR, NOW, archives.stream().map(DeletedItem::archiveId).toList(), Set.of());
    assertEquals(List.of(), restored.conflicts(), seed);
  }

  @ParameterizedTest
  @EnumSource(Age.class)
  void a_site_that_the_dashboard_deletes_is_listed_and_restored_by_name(Age age) throws Exception {
    try (PlatformDatabase platform = sample(age)) {
      Map<String, List<String>> before = Dump.of(platform);
      deleteSite(platform, SampleDatabase.BERLIN);
      assertEquals(
          0,
          platform.number(
              "SELECT count(*) FROM sdwan_paths WHERE src_site_id = '"
                  + SampleDatabase.BERLIN
                  + "'"));
      assertEquals(List.of(), platform.rows("PRAGMA foreign_key_check"));
      assertEquals(
          "site_name,deleted_by\r\nberlin,platform\r\n",
          cli().out("site", "deleted", "-ocsv", "--columns", "site_name,deleted_by"));
      cli().out("site", "restore", "berlin");
      assertSame(before, Dump.of(platform), age.toString());
    }
  }

  @Test
  void it_can_be_restored_as_long_as_a_deletion_of_ours() throws Exception {
    Path file = SampleDatabase.make(folder, Age.SPRINT_30);
    cli().env("PATRONUS_DELETED_SITES_KEEP", "2d").out("db", "migrate", "--guards", "all");
    try (PlatformDatabase platform = PlatformDatabase.open(file)) {
      deleteSite(platform, SampleDatabase.BERLIN);
      assertEquals(
          2 * 86_400,
          platform.number("SELECT expires_at - deleted_at FROM patronus_deleted_sites"));
    }
  }

  @Test
  void a_deletion_that_the_platform_takes_back_leaves_no_archive() throws Exception {
    try (PlatformDatabase platform = sample(Age.NEWEST)) {
      platform.run("BEGIN").run("DELETE FROM sdwan_paths WHERE path_id = 1").run("ROLLBACK");
      assertEquals(0, platform.number("SELECT count(*) FROM patronus_deleted_sites"));
      assertEquals(0, platform.number("SELECT count(*) FROM patronus_deleted_rows"));
    }
  }

  @Test
  void a_path_that_goes_alone_comes_back_alone() throws Exception {
    try (PlatformDatabase platform = sample(Age.NEWEST)) {
      Map<String, List<String>> before = Dump.of(platform);
      platform.run("DELETE FROM sdwan_paths WHERE path_id = 1");
      platform.run("UPDATE patronus_guard_archive SET opened_at = opened_at - 61");
      Map<String, List<String>> without = Dump.of(platform);
      deleteSite(platform, SampleDatabase.BERLIN);
      assertEquals(
          List.of("berlin (paths)", "berlin"),
          platform.rows("SELECT site_name FROM patronus_deleted_sites ORDER BY archive_id"));
      cli().out("site", "restore", "2");
      assertSame(without, Dump.of(platform), "site");
      cli().out("site", "restore", "1");
      assertSame(before, Dump.of(platform), "path");
    }
  }

  @Test
  void a_path_that_went_within_a_minute_before_its_site_comes_back_with_it() throws Exception {
    try (PlatformDatabase platform = sample(Age.NEWEST)) {
      Map<String, List<String>> before = Dump.of(platform);
      platform.run("DELETE FROM sdwan_paths WHERE path_id = 1");
      deleteSite(platform, SampleDatabase.BERLIN);
      assertEquals(
          List.of("berlin|platform"),
          platform.rows("SELECT site_name, deleted_by FROM patronus_deleted_sites"));
      cli().out("site", "restore", "berlin");
      assertSame(before, Dump.of(platform), "path and site");
    }
  }

  @Test
  void a_deletion_by_the_platform_leaves_no_audit_row_of_ours() throws Exception {
    try (PlatformDatabase platform = sample(Age.NEWEST)) {
      long audited = platform.number("SELECT count(*) FROM audit_logs");
      deleteSite(platform, SampleDatabase.BERLIN);
      assertEquals(audited, platform.number("SELECT count(*) FROM audit_logs"));
    }
  }

  @Test
  void the_only_path_of_a_site_that_went_long_before_it_is_no_part_of_its_deletion()
      throws Exception {
    try (PlatformDatabase platform = sample(Age.NEWEST)) {
      platform.run("DELETE FROM sdwan_paths WHERE path_id = 4");
      platform.run("UPDATE patronus_guard_archive SET opened_at = opened_at - 61");
      deleteSite(platform, SampleDatabase.LYON);
      assertEquals(
          List.of("lyon (paths)|3", "lyon|1"),
          platform.rows(
              "SELECT site_name, row_count FROM patronus_deleted_sites ORDER BY archive_id"));
    }
  }

  @Test
  void an_endpoint_that_the_platform_replaces_is_not_kept() throws Exception {
    try (PlatformDatabase platform = sample(Age.NEWEST)) {
      platform.run("DELETE FROM sdwan_endpoints WHERE site_id = ?", SampleDatabase.BERLIN);
      platform.endpoint(SampleDatabase.BERLIN, "192.0.2.9:51820");
      assertEquals(0, platform.number("SELECT count(*) FROM patronus_deleted_sites"));
      platform.run("UPDATE patronus_guard_archive SET waiting_since = waiting_since - 61");
      Map<String, List<String>> before = Dump.of(platform);
      deleteSite(platform, SampleDatabase.BERLIN);
      assertEquals(
          0, platform.number("SELECT count(*) FROM patronus_deleted_rows WHERE archive_id = 0"));
      cli().out("site", "restore", "berlin");
      assertSame(before, Dump.of(platform), "site");
    }
  }

  @Test
  void the_platforms_purge_archives_nothing() throws Exception {
    try (PlatformDatabase platform = sample(Age.NEWEST)) {
      platform.run("DELETE FROM sdwan_path_metrics WHERE timestamp < 9999999999");
      assertEquals(0, platform.number("SELECT count(*) FROM patronus_deleted_rows"));
    }
  }

  @Test
  void a_column_that_the_platform_adds_is_archived_once_the_guards_are_made_again()
      throws Exception {
    try (PlatformDatabase platform = sample(Age.NEWEST)) {
      platform.run("ALTER TABLE sdwan_sites ADD COLUMN region TEXT DEFAULT 'eu'");
      assertTrue(cli().run("db", "check").out().contains("patronus_site_delete is missing or"));
      cli().out("db", "migrate");
      platform.run("UPDATE sdwan_sites SET region = 'us'");
      Map<String, List<String>> before = Dump.of(platform);
      deleteSite(platform, SampleDatabase.PORTO);
      cli().out("site", "restore", "porto");
      assertSame(before, Dump.of(platform), "region");
    }
  }
}
