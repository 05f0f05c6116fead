package dev.patronus.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Exports, deletions and restores in random order, each of them killed at a random call or not.
@Timeout(value = 60, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ExactlyOnceTortureIT {
  private static final int SITES = 3;

  /// More than the calls of one command that change the disk.
  private static final int CALLS = 80;

  @TempDir private Path place;
  private final Torture torture = Torture.of("ExactlyOnceTortureIT", "export");
  private final Random random = torture.random();
  private final List<String> history = new ArrayList<>();
  private Path folder;
  private Shim shim;
  private long rows;

  @Test
  void each_row_is_exported_once_over_kills_deletions_and_restores() throws Exception {
    folder = Files.createDirectory(place.resolve("disk"));
    shim = Shim.over(folder);
    try (PlatformDatabase database = PlatformDatabase.create(folder, Age.NEWEST)) {
      database.run("PRAGMA journal_mode = WAL");
      for (int site = 0; site < SITES; site++) {
        database.site("site-" + site, "site-" + site).endpoint("site-" + site, "192.0.2.1:51820");
      }
      for (int path = 0; path < SITES; path++) {
        database.path(path, "site-" + path, "site-" + (path + 1) % SITES);
      }
      for (int step = 0; step < Torture.times(16, 120); step++) {
        step(database, step);
      }
      restoreAll(database);
      assertEquals(0, export("last").run().exitCode(), this::told);
      assertEquals(LongStream.rangeClosed(1, rows).boxed().toList(), exported(), this::told);
    }
  }

  private String told() {
    return torture + "\n" + String.join("\n", history);
  }

  private void step(PlatformDatabase database, int step) throws Exception {
    String site = "site-" + random.nextInt(SITES);
    switch (random.nextInt(4)) {
      case 0 -> add(database);
      case 1 -> disturb(patronus("site", "delete", site, "--yes"));
      case 2 -> disturb(patronus("site", "restore", site));
      default -> disturb(export(Integer.toString(step)));
    }
  }

  /// Adds rows to the paths that are there; their ids are numbered from 1.
  private void add(PlatformDatabase database) throws SQLException {
    for (int path = 0; path < SITES; path++) {
      if (database.number("SELECT count(*) FROM sdwan_paths WHERE path_id = " + path) == 1) {
        for (int left = 1 + random.nextInt(20); left > 0; left--) {
          database.metric(path, ++rows, 1);
        }
      }
    }
  }

  private Program patronus(String... words) {
    return Program.patronus((Object[]) words).env("PATRONUS_DB_PATH", folder.resolve("sdwan.db"));
  }

  private Program export(String name) {
    return patronus(
        "export",
        "path-metrics",
        "--columns",
        "metric_id",
        "--no-headers",
        "--since-last",
        folder.resolve("state").toString(),
        "--file",
        folder.resolve("out-" + name + ".csv").toString());
  }

  private void disturb(Program program) {
    boolean kill = random.nextInt(3) > 0;
    if (kill) {
      shim.killAt(random.nextInt(CALLS));
    }
    ProgramOutcome outcome = shim.under(program).run();
    shim.heal();
    history.add(program + (kill ? ", killed: " : ": ") + outcome.exitCode());
    assertTrue(kill || outcome.exitCode() != 1, () -> told() + "\n" + outcome);
  }

  /// A path needs both of its sites: the site that was deleted last comes back first.
  private void restoreAll(PlatformDatabase database) throws SQLException {
    for (int round = 0; round < SITES; round++) {
      for (int site = 0; site < SITES; site++) {
        patronus("site", "restore", "site-" + site).run();
      }
    }
    assertEquals(SITES, database.number("SELECT count(*) FROM sdwan_sites"), this::told);
    assertEquals(SITES, database.number("SELECT count(*) FROM sdwan_paths"), this::told);
  }

  private List<Long> exported() throws IOException {
    List<Long> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".csv")).toList()) {
        Files.readAllLines(file).forEach(line -> all.add(Long.parseLong(line)));
      }
    }
    all.sort(null);
    return all;
  }
}
