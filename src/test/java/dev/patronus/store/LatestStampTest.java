package dev.patronus.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.store.table.PathTable;
import dev.patronus.store.table.PolicyStatsTable;
import dev.patronus.store.table.SnapshotTable;
import dev.patronus.testing.PlatformDatabase;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LatestStampTest {
  private static final long FUTURE = Instant.parse("2100-01-01T00:00:00Z").getEpochSecond();

  @TempDir private Path folder;

  @Test
  void a_row_of_the_future_is_the_latest_only_where_there_is_no_other() throws Exception {
    try (PlatformDatabase platform = PlatformDatabase.create(folder, PlatformDatabase.Age.NEWEST)) {
      platform.policy(1, "web", 1, "{}").stat(1, FUTURE, 10, 1000, 1);
      platform.site("a", "a").site("b", "b").path(7, "a", "b").metric(7, FUTURE, 9.0);
      assertEquals(10, packets());
      assertEquals(Optional.of(Instant.ofEpochSecond(FUTURE)), latestMetric());
      platform.stat(1, 1_760_000_000, 50, 5000, 1).metric(7, 1_760_000_000, 5.0);
      assertEquals(50, packets());
      assertEquals(Optional.of(Instant.ofEpochSecond(1_760_000_000)), latestMetric());
      platform.run(Migration.text("003-unmatched-stats.sql").replaceFirst("(?m)^--.*\n", ""));
      platform.run("INSERT INTO patronus_unmatched_stats VALUES (1760000000, 5, 6, 0)");
      platform.run("INSERT INTO patronus_unmatched_stats VALUES (" + FUTURE + ", 1, 2, 0)");
      try (Database database = Database.openReadOnly(platform.file())) {
        assertEquals(5, new PolicyStatsTable(database).unmatched().orElseThrow().packets());
        SnapshotTable snapshots = new SnapshotTable(database);
        assertEquals(Optional.of(Instant.ofEpochSecond(FUTURE)), snapshots.newestStamp());
        assertEquals(
            50, snapshots.newest().orElseThrow().snapshot().policies().getFirst().packets());
      }
    }
  }

  private long packets() {
    try (Database database = Database.openReadOnly(folder.resolve("sdwan.db"))) {
      return new PolicyStatsTable(database).latest().getFirst().packets();
    }
  }

  private Optional<Instant> latestMetric() {
    try (Database database = Database.openReadOnly(folder.resolve("sdwan.db"))) {
      return new PathTable(database).all().getFirst().latest().map(m -> m.at());
    }
  }
}
