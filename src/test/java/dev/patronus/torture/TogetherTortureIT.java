package dev.patronus.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.testing.DaemonUnderTest;
import dev.patronus.testing.PlatformDatabase;
import dev.patronus.testing.Program;
import dev.patronus.testing.ProgramOutcome;
import dev.patronus.testing.RunningProgram;
import dev.patronus.testing.Tools;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Everything at once on one database: a daemon under load, a shell, exports, deletions and
/// restorations, copies, and Debian's `sqlite3`, which opens, reads or writes, and closes.
@Timeout(value = 60, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TogetherTortureIT {
  private static final int BUSY = 4;

  @TempDir private Path folder;

  private long end;

  private boolean isOver() {
    return System.nanoTime() - end > 0;
  }

  @ParameterizedTest
  @ValueSource(strings = {"wal", "delete"})
  void everything_at_once_loses_nothing(String journal) throws Exception {
    Tools.require("sqlite3");
    if (Torture.isSmall() && !journal.equals("wal")) {
      return; // a small run has one of them
    }
    Torture torture = Torture.of("TogetherTortureIT", journal);
    Random random = torture.random();
    Path database = Traffic.database(folder, journal);
    try (PlatformDatabase filling = PlatformDatabase.open(database)) {
      for (int site = 0; site < 4; site++) {
        filling.site("site-" + site, "site-" + site);
      }
      filling.path(1, "site-0", "site-1").path(2, "site-1", "site-2").metric(1, 1, 1);
    }
    int port = DaemonUnderTest.freePort();
    AtomicInteger written = new AtomicInteger();
    try (DaemonUnderTest daemon = DaemonUnderTest.start(folder, port, "--snapshot-every", "1s");
        Traffic traffic = new Traffic(port, random, Bounds.START, _ -> {});
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Torture.times(20, 150));
      List<Future<?>> all = new ArrayList<>();
      all.add(threads.submit(() -> deleteAndRestore(database)));
      all.add(threads.submit(() -> export(database)));
      all.add(threads.submit(() -> copy(database)));
      all.add(threads.submit(() -> shell(database)));
      all.add(threads.submit(() -> openAndClose(database, written)));
      while (!isOver()) {
        traffic.send(1 + random.nextInt(20));
        traffic.show(daemon);
        Thread.sleep(random.nextInt(50)); // a load, not a flood
      }
      for (Future<?> each : all) {
        each.get();
      }
      traffic.requireExact(daemon, database, torture.toString());
      daemon.program().signal("TERM");
      assertEquals(0, daemon.program().outcome().exitCode());
    }
    done(
        Program.patronus(
            "export",
            "stats",
            "--columns",
            "stat_id",
            "--no-headers",
            "--since-last",
            folder.resolve("state"),
            "--file",
            folder.resolve("rows-last.csv"),
            "--db",
            database));
    check(database, written.get(), torture);
  }

  private void check(Path database, int written, Torture torture) throws Exception {
    DatabaseRows rows = DatabaseRows.of(database, torture.toString());
    assertEquals(
        written, rows.table("sdwan_system_metrics").size(), "written by sqlite3, " + torture);
    Set<String> stats = new HashSet<>();
    rows.table("sdwan_policy_stats").forEach(row -> stats.add(row.split("\\|", 2)[0]));
    List<String> exported = new ArrayList<>();
    for (Path file : Recording.files(folder)) {
      String name = file.getFileName().toString();
      if (name.startsWith("rows-")) {
        exported.addAll(Files.readAllLines(file));
      } else if (name.startsWith("copy-")) {
        DatabaseRows.of(file, name + ", " + torture);
      } else {
        assertTrue(
            name.matches("sdwan\\.db.*|state|state\\.lock|.*\\.templates"), "left over: " + name);
      }
    }
    assertEquals(stats, new HashSet<>(exported), "exported, " + torture);
    assertEquals(stats.size(), exported.size(), "exported once, " + torture);
  }

  /// Runs a command that ends with 0, or finds the database busy; then it has done nothing.
  private static boolean done(Program program) {
    ProgramOutcome outcome = program.run();
    assertTrue(outcome.exitCode() == 0 || outcome.exitCode() == BUSY, outcome::toString);
    return outcome.exitCode() == 0;
  }

  private void deleteAndRestore(Path database) {
    while (!isOver()) {
      if (done(Program.patronus("site", "delete", "site-1", "--yes", "--db", database))) {
        while (!done(Program.patronus("site", "restore", "site-1", "--db", database))) {
          Thread.onSpinWait();
        }
      }
    }
  }

  private void export(Path database) {
    for (int run = 0; !isOver(); run++) {
      done(
          Program.patronus(
              "export",
              "stats",
              "--columns",
              "stat_id",
              "--no-headers",
              "--since-last",
              folder.resolve("state"),
              "--file",
              folder.resolve("rows-" + run + ".csv"),
              "--db",
              database));
    }
  }

  private void copy(Path database) {
    for (int run = 0; !isOver(); run++) {
      done(
          Program.patronus(
              "db", "backup", folder.resolve("copy-" + run % 3), "--force", "--db", database));
    }
  }

  /// One shell for all of the time, which reads, writes, and holds its connection open.
  private Void shell(Path database) throws Exception {
    try (RunningProgram shell = Program.patronus("shell", "--db", database).start()) {
      OutputStream typed = shell.stdin();
      while (!isOver() && shell.isAlive()) {
        for (String line :
            List.of(
                "site list",
                "site delete site-3 --yes",
                "site restore site-3",
                "stats",
                "site show site-0")) {
          typed.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        }
        typed.flush();
        Thread.sleep(200); // as somebody types
      }
      typed.close();
      ProgramOutcome outcome = shell.outcome();
      assertTrue(
          outcome.stderr().isEmpty() || !outcome.stderr().contains("Exception"), outcome::toString);
    }
    return null;
  }

  /// As the platform does: a connection for each statement.
  private void openAndClose(Path database, AtomicInteger written) {
    while (!isOver()) {
      ProgramOutcome outcome =
          Program.of(
                  "sqlite3",
                  "-cmd",
                  ".timeout 5000",
                  "-cmd",
                  "PRAGMA foreign_keys = ON",
                  database,
                  "INSERT INTO sdwan_system_metrics (timestamp, throughput_mbps,"
                      + " packets_per_second, active_flows, avg_latency_ms, avg_packet_loss,"
                      + " cpu_usage, memory_usage) VALUES (1, 1, 1, 1, 1, 1, 1, 1)")
              .run();
      if (outcome.exitCode() == 0) {
        written.incrementAndGet();
      } else {
        assertTrue(outcome.stderr().contains("locked"), outcome::toString);
      }
      ProgramOutcome read =
          Program.of(
                  "sqlite3", "-cmd", ".timeout 5000", database, "SELECT COUNT(*) FROM sdwan_sites")
              .run();
      assertTrue(read.exitCode() == 0 || read.stderr().contains("locked"), read::toString);
    }
  }
}
