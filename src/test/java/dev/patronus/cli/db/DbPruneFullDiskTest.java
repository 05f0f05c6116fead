package dev.patronus.cli.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cli.CommandLineRun;
import dev.patronus.error.ExitCode;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.PlatformDatabase.Age;
import dev.patronus.testing.SmallDisk;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `db prune` on a disk that gets full while it rolls rows up, and while it deletes them.
class DbPruneFullDiskTest {
  private static final long NOW = Instant.parse("2026-11-23T14:00:00Z").getEpochSecond();
  private static final int ROWS = 20_000;
  private static final Pattern DELETED = Pattern.compile("; ([0-9,]+) rows were deleted before");
  private static final Pattern ROLLED_UP = Pattern.compile("; ([0-9,]+) rows were rolled up");
  private static final String[] PRUNE = {"db", "prune", "--older-than", "10d", "--yes"};

  @TempDir private Path folder;
  private SmallDisk disk;
  private Path small;

  @BeforeEach
  void smallDisk() throws Exception {
    disk = SmallDisk.in(folder, "12m");
    small = disk.folder();
  }

  @AfterEach
  void unmount() {
    disk.close();
  }

  private CommandLineRun cli() {
    return CommandLineRun.on(small.resolve("sdwan.db"));
  }

  private PlatformDatabase history(String journal) throws SQLException, IOException {
    PlatformDatabase platform = PlatformDatabase.create(small, Age.NEWEST);
    platform.run("PRAGMA journal_mode = " + journal);
    platform.policy(7, "voice", 1, "{}").policy(-7, "web", 2, "{}");
    platform.inOneTransaction(() -> {
      for (int i = 0; i < ROWS / 2; i++) {
        long second = NOW - (ROWS / 2 - i) * 600L;
        platform.stat(7, second, i, i * 100L, 1).stat(-7, second, i, i * 7L, 1);
      }
    });
    return platform;
  }

  /// Leaves this much room on the disk.
  private Path fill(long free) throws IOException {
    FileStore disk = Files.getFileStore(small);
    long ballast = disk.getUsableSpace() - free;
    return Files.write(small.resolve("ballast"), new byte[(int) Math.max(0, ballast)]);
  }

  private static long said(Pattern number, String err) {
    Matcher found = number.matcher(err);
    return found.find() ? Long.parseLong(found.group(1).replace(",", "")) : 0;
  }

  private static void assertNothingLost(PlatformDatabase platform) throws SQLException {
    assertEquals("ok", platform.rows("PRAGMA integrity_check").getFirst());
    assertEquals(
        0,
        platform.number(
            "SELECT "
                + ROWS
                + " - mark - (SELECT count(*) FROM sdwan_policy_stats WHERE stat_id > mark)"
                + " FROM patronus_rollup"),
        "rows that are in no roll-up are all there");
  }

  /// Prunes on a disk with this much room; gives what happened, in a word.
  private String prune(PlatformDatabase platform, long free) throws Exception {
    boolean rolledUp =
        platform.number("SELECT count(*) FROM sqlite_schema WHERE name = 'patronus_rollup'") == 1;
    Path ballast = fill(free);
    CommandLineRun.Outcome outcome = cli().run(PRUNE);
    Files.delete(ballast);
    if (platform.number("SELECT count(*) FROM sqlite_schema WHERE name = 'patronus_rollup'") == 0) {
      assertTrue(outcome.err().endsWith("; no row was deleted\n"), outcome.err());
      return "nothing";
    }
    assertNothingLost(platform);
    long left = platform.number("SELECT count(*) FROM sdwan_policy_stats");
    if (outcome.exitCode() == ExitCode.DONE) {
      return "done";
    }
    assertTrue(outcome.err().contains("the disk that holds "), outcome.err());
    assertEquals(ROWS - left, said(DELETED, outcome.err()), outcome.err());
    if (left < ROWS) {
      return "some deleted";
    }
    assertTrue(outcome.err().endsWith("; no row was deleted\n"), outcome.err());
    if (rolledUp) {
      return "none deleted";
    }
    assertEquals(
        platform.number("SELECT mark FROM patronus_rollup"),
        said(ROLLED_UP, outcome.err()),
        outcome.err());
    return said(ROLLED_UP, outcome.err()) > 0 ? "some rolled up" : "nothing";
  }

  @ParameterizedTest
  @ValueSource(strings = {"WAL", "DELETE"})
  void what_is_not_rolled_up_stays_and_the_error_says_what_happened(String journal)
      throws Exception {
    Set<String> happened = new TreeSet<>();
    for (int free : new int[] {0, 300_000, 900_000, 9_000_000}) {
      try (PlatformDatabase platform = history(journal)) {
        happened.add(prune(platform, free));
      }
      deleteDatabase();
    }
    assertEquals(Set.of("nothing", "some rolled up", "done"), happened);
  }

  @ParameterizedTest
  @ValueSource(strings = {"WAL", "DELETE"})
  void rows_that_went_before_the_disk_was_full_are_counted_and_their_sums_stay(String journal)
      throws Exception {
    Set<String> happened = new TreeSet<>();
    for (int free : new int[] {0, 40_000, 200_000, 300_000, 400_000, 6_000_000}) {
      try (PlatformDatabase platform = history(journal)) {
        cli().out("db", "migrate");
        platform.run("PRAGMA wal_checkpoint(TRUNCATE)");
        String before = sums();
        happened.add(prune(platform, free));
        assertEquals(before, sums());
        cli().out(PRUNE);
        assertNothingLost(platform);
        assertEquals(before, sums());
      }
      deleteDatabase();
    }
    assertTrue(happened.containsAll(Set.of("none deleted", "done")), happened.toString());
    assertTrue(journal.equals("DELETE") || happened.contains("some deleted"), happened.toString());
  }

  private String sums() {
    return cli().out("stats", "history", "--since", "365d", "--step", "1d", "-o", "csv");
  }

  private void deleteDatabase() throws IOException {
    for (String name : new String[] {"sdwan.db", "sdwan.db-wal", "sdwan.db-shm"}) {
      boolean _ = Files.deleteIfExists(small.resolve(name));
    }
  }
}
