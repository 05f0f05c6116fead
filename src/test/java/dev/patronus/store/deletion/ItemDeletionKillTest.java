package dev.patronus.store.deletion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.audit.Actor;
import dev.patronus.site.DeletedItem;
import dev.patronus.site.ItemKind;
import dev.patronus.store.Database;
import dev.patronus.store.DeletingProcess;
import dev.patronus.store.Dump;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.Program;
import dev.patronus.testing.RunningProgram;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A process is killed at random moments while it deletes a site or brings it back. More of them:
/// `-Dpatronus.kills=…`.
class ItemDeletionKillTest {
  private static final int KILLS = Integer.getInteger("patronus.kills", 5);
  private static final Actor ACTOR = new Actor("tester", null, "test");
  private static final String SITE = "00000000-0000-4000-8000-000000000000";
  private static final int PEERS = 20;
  private static final int METRICS_PER_PATH = 300;
  private static final int LONGEST_MILLIS = 400;

  @TempDir private Path folder;

  private void fill(PlatformDatabase database) throws Exception {
    database.inOneTransaction(() -> {
      database.site(SITE, "berlin").endpoint(SITE, "192.0.2.1:51820");
      for (int i = 1; i <= PEERS; i++) {
        database.site("peer-" + i, "peer " + i).path(2L * i, SITE, "peer-" + i);
        database.path(2L * i + 1, "peer-" + i, SITE);
      }
      for (int i = 0; i < PEERS * 2 * METRICS_PER_PATH; i++) {
        database.metric(2 + i % (PEERS * 2), i, 12.5);
      }
      database.run(
          "INSERT INTO sdwan_failover_policies (policy_id, name, primary_path_id,"
              + " backup_path_ids) VALUES (1, 'wan', '2', '[]'), (2, 'lte', '99', '[\"3\", 9]')");
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"delete", "wal"})
  void a_killed_deletion_leaves_all_or_nothing(String journal) throws Exception {
    Random random = new Random();
    try (PlatformDatabase made = PlatformDatabase.create(folder, Age.NEWEST)) {
      made.run("PRAGMA journal_mode = " + journal);
      fill(made);
    }
    Path file = folder.resolve("sdwan.db");
    Map<String, List<String>> whole = dump(file);
    Map<String, List<String>> gone = deleteAndRestore(file);
    for (int i = 0; i < KILLS; i++) {
      int millis = random.nextInt(LONGEST_MILLIS);
      try (RunningProgram child = deleting(file)) {
        child.awaitStdout("ready");
        Thread.sleep(millis);
        child.signal("KILL");
        assertEquals(128 + 9, child.outcome().exitCode(), child.outcome()::toString);
      }
      List<DeletedItem> archives;
      try (Database reading = Database.openReadOnly(file)) {
        archives = new ArchiveTable(reading).all();
        assertTrue(archives.size() <= 1, archives::toString);
      }
      String when = journal + " journal, killed after " + millis + " ms";
      assertEquals(archives.isEmpty() ? whole : gone, dump(file), when);
    }
  }

  private static Map<String, List<String>> dump(Path file) throws Exception {
    try (PlatformDatabase database = PlatformDatabase.open(file)) {
      assertEquals(List.of("ok"), database.rows("PRAGMA integrity_check"));
      assertEquals(List.of(), database.rows("PRAGMA foreign_key_check"));
      return Dump.of(database);
    }
  }

  private static Map<String, List<String>> deleteAndRestore(Path file) throws Exception {
    try (Database database = Database.openWritable(file)) {
      long archive =
          new ItemDeletion(database, ItemKind.SITE)
              .delete(ACTOR, Instant.now(), Duration.ofDays(1), List.of(SITE), Optional.empty())
              .archives()
              .getFirst()
              .archiveId();
      Map<String, List<String>> gone = dump(file);
      new ItemRestoration(database, ItemKind.SITE)
          .restore(ACTOR, Instant.now(), List.of(archive), Set.of());
      return gone;
    }
  }

  private static RunningProgram deleting(Path file) {
    return Program.of(
            Path.of(System.getProperty("java.home"), "bin", "java"),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
            "-cp",
            System.getProperty("java.class.path"),
            DeletingProcess.class.getName(),
            file,
            SITE)
        .start();
  }
}
