package dev.patronus.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Another program holds the database as the platform does: foreign keys on, a busy timeout of 5 s,
/// a connection for each statement; and sometimes a transaction for much longer.
@Timeout(value = 60, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LockTortureIT {
  @TempDir private Path place;

  @Test
  void a_lock_costs_no_packet_and_what_was_refused_does_not_happen_later() throws Exception {
    // Side by side, since most of it is waiting.
    try (ExecutorService journals = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (String journal : List.of("wal", "delete")) {
        Path folder = Files.createDirectory(place.resolve(journal));
        all.add(
            journals.submit(() -> {
              holdAll(folder, journal);
              return null;
            }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
  }

  private static void holdAll(Path folder, String journal) throws Exception {
    Torture torture = Torture.of("LockTortureIT", journal);
    Random random = torture.random();
    Path database = Traffic.database(folder, journal);
    int port = DaemonUnderTest.freePort();
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port, "--snapshot-every", "1s");
        Traffic traffic = new Traffic(port, random, Bounds.START, _ -> {})) {
      for (int seconds : Torture.isSmall() ? List.of(1, 10) : List.of(1, 10, 14, 60)) {
        for (String begin : begins(seconds, random)) {
          String when = "%s for %d s (%s)".formatted(begin, seconds, torture);
          traffic.send(20);
          traffic.settle(daemon);
          holdAndAsk(daemon, traffic, database, begin, seconds, when);
          traffic.send(20);
          traffic.requireExact(daemon, database, when);
        }
      }
    }
  }

  /// The kinds of transactions that hold the database for so long; the long ones take minutes.
  private static List<String> begins(int seconds, Random random) {
    List<String> all = List.of("BEGIN IMMEDIATE", "BEGIN", "BEGIN EXCLUSIVE");
    if (seconds == 1 || (seconds == 10 && !Torture.isSmall())) {
      return all;
    }
    return List.of(Torture.isSmall() ? all.getFirst() : all.get(random.nextInt(all.size())));
  }

  /// While the lock is held, statements by others, a site's deletion, and a reset are tried.
  private static void holdAndAsk(
      DaemonUnderTest daemon,
      Traffic traffic,
      Path database,
      String begin,
      int seconds,
      String when)
      throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    try (PlatformDatabase holder = PlatformDatabase.open(database)) {
      holder.run(
          "INSERT OR IGNORE INTO sdwan_sites VALUES ('held', 'held', x'00', 1, 1, 'active')");
      holder.run(begin);
      holder.number("SELECT COUNT(*) FROM sdwan_policies");
      Program delete = Program.patronus("site", "delete", "held", "--yes", "--db", database);
      Thread release = Thread.ofVirtual().start(() -> release(holder, end));
      traffic.send(20);
      traffic.reset(daemon);
      ProgramOutcome outcome = delete.run();
      assertTrue(outcome.exitCode() == 0 || outcome.exitCode() == 4, when + "\n" + outcome);
      release.join();
      awaitFree(database);
      try (PlatformDatabase reading = PlatformDatabase.open(database)) {
        assertEquals(
            outcome.exitCode() == 0 ? 0 : 1,
            reading.number("SELECT COUNT(*) FROM sdwan_sites"),
            when + "\n" + outcome);
      }
    }
  }

  private static void release(PlatformDatabase holder, long end) {
    try {
      while (System.nanoTime() - end < 0) {
        Thread.sleep(20);
      }
      holder.run("COMMIT");
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void awaitFree(Path database) throws Exception {
    DaemonUnderTest.await(
        "the lock is gone",
        () -> {
          try (PlatformDatabase writing = PlatformDatabase.open(database)) {
            writing.run("UPDATE sdwan_sites SET last_seen = 2");
            return true;
          } catch (java.sql.SQLException _) {
            return false;
          }
        });
  }
}
