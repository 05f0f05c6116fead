package dev.patronus.torture;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A daemon under load that is killed while it counts, saves, resets and starts.
@Timeout(value = 60, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DaemonKillTortureIT {
  /// So many changes of the disk are a start and some snapshots.
  private static final int CHANGES_MAX = 250;

  @TempDir private Path place;

  @Test
  void a_killed_daemon_loses_nothing_that_it_showed_and_counts_nothing_twice() throws Exception {
    Torture torture = Torture.of("DaemonKillTortureIT", "");
    Random random = torture.random();
    Path folder = Files.createDirectory(place.resolve("disk"));
    Shim shim = Shim.over(folder);
    Path database = Traffic.database(folder, random.nextBoolean() ? "wal" : "delete");
    int port = DaemonUnderTest.freePort();
    Program program = DaemonUnderTest.program(folder, port, "--snapshot-every", "1s");
    Bounds bounds = Bounds.START;
    int kills = Torture.times(6, 100);
    for (int round = 0; round <= kills; round++) {
      String when = "round " + round + " (" + torture + ")";
      int change = random.nextInt(CHANGES_MAX);
      if (round < kills) {
        shim.killAt(change);
      } else {
        shim.heal();
      }
      try (DaemonUnderTest daemon = DaemonUnderTest.start(shim.under(program), folder, port)) {
        OptionalLong packets = packets(daemon);
        if (packets.isPresent()) {
          long found = packets.getAsLong();
          DatabaseRows.of(database, when);
          long resets = Traffic.resets(database);
          assertTrue(
              bounds.allow(found, resets),
              when + ": " + found + " packets, " + resets + " resets audited, allowed: " + bounds);
          bounds = bounds.found(found, Math.toIntExact(resets));
          try (Traffic traffic = new Traffic(port, random, bounds, _ -> {})) {
            countUntilKilled(daemon, traffic, round < kills, random);
            bounds = traffic.bounds();
          }
        }
      } catch (IllegalStateException e) {
        // killed while it started
        assertTrue(round < kills && e.getMessage().contains("'ready: '"), when + ": " + e);
      }
    }
  }

  /// What it shows; empty if it was killed before it could.
  private static OptionalLong packets(DaemonUnderTest daemon) {
    try {
      return OptionalLong.of(daemon.packets());
    } catch (IOException | UncheckedIOException | NoSuchElementException _) {
      return OptionalLong.empty();
    }
  }

  private static void countUntilKilled(
      DaemonUnderTest daemon, Traffic traffic, boolean killed, Random random) throws Exception {
    try {
      while (killed && daemon.program().isAlive()) {
        traffic.send(1 + random.nextInt(40));
        traffic.show(daemon);
        if (random.nextInt(20) == 0) {
          traffic.reset(daemon);
        }
      }
    } catch (IOException | UncheckedIOException | NoSuchElementException _) {
      daemon.program().outcome(); // it was killed while it was asked
    }
  }
}
