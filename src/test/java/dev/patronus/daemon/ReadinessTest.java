package dev.patronus.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.audit.Actor;
import dev.patronus.config.AlertSettings;
import dev.patronus.config.DaemonSettings;
import dev.patronus.daemon.process.Log;
import dev.patronus.daemon.snapshot.DatabaseWorker;
import dev.patronus.daemon.source.SourceSet;
import dev.patronus.history.tier.Retention;
import dev.patronus.metrics.Metrics;
import dev.patronus.role.Roles;
import dev.patronus.source.ExportCorrections;
import dev.patronus.source.KeptSockets;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReadinessTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final Metrics metrics = new Metrics();
  private final Clock clock = Clock.systemUTC();
  private final Log log =
      new Log(
          new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
          true,
          false,
          clock);
  private final DatabaseWorker worker =
      new DatabaseWorker(settings(), new Actor("test", null, "test"), metrics, log, clock);
  private final SourceSet noSources =
      new SourceSet(null, null, metrics, log, clock, KeptSockets.NONE, () -> {});
  private final long now = worker.savedNanos();

  private static DaemonSettings settings() {
    return new DaemonSettings(
        Path.of("none.db"),
        List.of(),
        List.of(),
        Duration.ofSeconds(60),
        Duration.ofSeconds(300),
        Path.of("."),
        Path.of("none.sock"),
        Optional.empty(),
        false,
        false,
        Retention.DEFAULT,
        Optional.empty(),
        Duration.ofDays(30),
        0,
        true,
        ExportCorrections.NONE,
        AlertSettings.NONE,
        Roles.NONE,
        Optional.empty());
  }

  private Readiness withTick(long tickNanos) {
    return new Readiness(
        List.of(new Readiness.Worker("path-assigner", () -> tickNanos)), noSources, worker);
  }

  @Test
  void it_is_ready_while_threads_tick_and_snapshots_are_young() {
    assertEquals(Optional.empty(), withTick(now - 5 * SECOND).notReadyReason(now));
  }

  @Test
  void a_thread_that_ticks_no_more_is_named() {
    Readiness readiness = withTick(now - 61 * SECOND);
    assertEquals(
        Optional.of("the thread 'path-assigner' has done nothing for 61 s"),
        readiness.stalled(now));
    assertEquals(readiness.stalled(now), readiness.notReadyReason(now));
  }

  @Test
  void
      a_last_snapshot_that_is_older_than_two_periods_is_a_reason_not_to_be_ready_and_no_reason_to_restart_yet() {
    long later = now + 136 * SECOND;
    Readiness readiness = withTick(later);
    assertEquals(Optional.empty(), readiness.stalled(later));
    assertEquals(
        Optional.of("snapshots cannot be saved: none was saved for 136 s, one is due every 1m"),
        readiness.notReadyReason(later));
    assertEquals(Optional.empty(), withTick(now).notReadyReason(now + 50 * SECOND));
  }
}
