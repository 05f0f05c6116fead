package dev.patronus.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The machine's clock is set while a daemon counts.
@Timeout(value = 60, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClockTortureIT {
  private static final List<Duration> STEPS =
      List.of(Duration.ofMinutes(1), Duration.ofDays(1), Duration.ofDays(366), Duration.ofHours(1));

  @TempDir private Path place;

  @Test
  void a_clock_that_is_set_forth_and_back_changes_no_counter() throws Exception {
    Torture torture = Torture.of("ClockTortureIT", "");
    Random random = torture.random();
    Path folder = Files.createDirectory(place.resolve("disk"));
    Shim shim = Shim.over(folder);
    Path database = Traffic.database(folder, "wal");
    int port = DaemonUnderTest.freePort();
    Program program = shim.under(DaemonUnderTest.program(folder, port, "--snapshot-every", "1s"));
    Bounds bounds = Bounds.START;
    for (int start = 0; start < Torture.times(2, 3); start++) {
      try (DaemonUnderTest daemon = DaemonUnderTest.start(program, folder, port);
          Traffic traffic = new Traffic(port, random, bounds, _ -> {})) {
        assertEquals(bounds.most(), daemon.packets(), "start " + start + " (" + torture + ")");
        for (int step = 0; step < Torture.amount(4, 8); step++) {
          Duration size = STEPS.get(random.nextInt(STEPS.size()));
          Duration ahead = random.nextBoolean() ? size : size.negated();
          shim.clock(ahead);
          String when = "the clock is off by " + ahead + " (" + torture + ")";
          assertClock(daemon, ahead, when);
          traffic.send(10);
          traffic.requireExact(daemon, database, when);
        }
        bounds = traffic.bounds();
        requireGrowing(database, torture);
        if (random.nextBoolean()) {
          daemon.program().signal("TERM");
          assertEquals(0, daemon.program().outcome().exitCode());
        }
      }
    }
  }

  /// The daemon sees the time that was set: without that this test would prove nothing.
  private static void assertClock(DaemonUnderTest daemon, Duration ahead, String when)
      throws Exception {
    Duration seen =
        Duration.between(java.time.Instant.now(), daemon.stats().asOf()).minus(ahead).abs();
    assertTrue(seen.compareTo(Duration.ofSeconds(30)) < 0, when + ", the daemon sees " + seen);
  }

  /// In the order in which they were written the counters of a policy never fall.
  private static void requireGrowing(Path database, Torture torture) throws Exception {
    try (PlatformDatabase reading = PlatformDatabase.open(database)) {
      assertEquals(
          List.of(),
          reading.rows(
              "SELECT * FROM (SELECT stat_id, timestamp, packets_matched, LAG(packets_matched)"
                  + " OVER (PARTITION BY policy_id ORDER BY stat_id) AS before"
                  + " FROM sdwan_policy_stats) WHERE packets_matched < before"),
          torture.toString());
    }
  }
}
