package dev.patronus.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A daemon whose disk fails, is full, slow, not to be written, or gone for a while.
@Timeout(value = 60, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DaemonDiskTortureIT {
  private static final int EROFS = 30;

  @TempDir private Path place;

  @Test
  void a_daemon_whose_disk_fails_counts_on_and_saves_all_when_it_works_again() throws Exception {
    Torture torture = Torture.of("DaemonDiskTortureIT", "fails");
    Random random = torture.random();
    Path folder = Files.createDirectory(place.resolve("disk"));
    Shim shim = Shim.over(folder);
    Path database = Traffic.database(folder, random.nextBoolean() ? "wal" : "delete");
    int port = DaemonUnderTest.freePort();
    Program program = shim.under(DaemonUnderTest.program(folder, port, "--snapshot-every", "1s"));
    try (DaemonUnderTest daemon = DaemonUnderTest.start(program, folder, port);
        Traffic traffic = new Traffic(port, random, Bounds.START, _ -> {})) {
      for (int round = 0; round < Torture.times(4, 16); round++) {
        int error = List.of(Shim.EIO, Shim.ENOSPC, EROFS).get(random.nextInt(3));
        int operations = 1 + random.nextInt(Shim.CHANGES);
        String part = List.of("", "sdwan.db-", ".counters").get(random.nextInt(3));
        String when =
            "errno %d of calls %d on '%s' (%s)".formatted(error, operations, part, torture);
        shim.fail(error, operations, part, random.nextInt(10), random.nextInt(20) - 1);
        traffic.send(10 + random.nextInt(40));
        traffic.settle(daemon);
        Thread.sleep(random.nextInt(2500)); // snapshots meet the fault
        traffic.send(10);
        shim.heal();
        traffic.requireExact(daemon, database, when);
      }
      shim.slow(Shim.SYNC, Duration.ofMillis(300));
      traffic.send(50);
      traffic.requireExact(daemon, database, "slow (" + torture + ")");
      String log = daemon.program().stderrSoFar();
      assertFalse(log.contains("Exception"), log);
    }
  }

  @Test
  void a_daemon_whose_disk_is_unmounted_or_full_saves_all_when_it_is_back() throws Exception {
    Tools.requireRoot();
    Torture torture = Torture.of("DaemonDiskTortureIT", "gone");
    Random random = torture.random();
    Path state = Files.createDirectory(place.resolve("state"));
    Path real = Files.createDirectory(place.resolve("real"));
    Path mounted = Files.createDirectory(state.resolve("disk"));
    run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", real);
    try {
      run("mount", "--bind", real, mounted);
      Path database = Traffic.database(mounted, "wal");
      int port = DaemonUnderTest.freePort();
      Program program =
          Program.patronus(
                  "daemon",
                  "--db",
                  database,
                  "--source",
                  "netflow://127.0.0.1:" + port,
                  "--state-dir",
                  state,
                  "--socket",
                  state.resolve("patronus.sock"),
                  "--snapshot-every",
                  "1s")
              .env("PATRONUS_METRICS_LISTEN", "off");
      try (DaemonUnderTest daemon = DaemonUnderTest.start(program, state, port);
          Traffic traffic = new Traffic(port, random, Bounds.START, _ -> {})) {
        for (int round = 0; round < Torture.times(1, 3); round++) {
          traffic.send(20);
          traffic.requireExact(daemon, database, "before (" + torture + ")");
          run("umount", "-l", mounted);
          traffic.send(20);
          traffic.settle(daemon);
          Thread.sleep(1500); // a snapshot meets the missing disk
          run("mount", "--bind", real, mounted);
          traffic.requireExact(daemon, database, "mounted again (" + torture + ")");
          Path ballast = mounted.resolve("ballast");
          Program.of("dd", "if=/dev/zero", "of=" + ballast, "bs=4k").run();
          traffic.send(20);
          traffic.settle(daemon);
          ProgramOutcome export =
              Program.patronus(
                      "export", "stats", "--file", mounted.resolve("rows.csv"), "--db", database)
                  .run();
          assertEquals(1, export.exitCode(), export::toString);
          Files.delete(ballast);
          traffic.requireExact(daemon, database, "room again (" + torture + ")");
          assertTrue(
              Recording.files(mounted).stream()
                  .allMatch(file -> file.getFileName().toString().startsWith("sdwan.db")),
              () -> "left over: " + export);
        }
      }
    } finally {
      Program.of("umount", "-l", mounted).run();
      Program.of("umount", "-l", real).run();
    }
  }

  private static void run(Object command, Object... words) {
    ProgramOutcome outcome = Program.of(command, words).run();
    assertEquals(0, outcome.exitCode(), outcome::toString);
  }
}
