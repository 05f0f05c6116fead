package dev.patronus.daemon;

import dev.patronus.daemon.snapshot.DatabaseWorker;
import dev.patronus.daemon.source.SourceSet;
import dev.patronus.daemon.source.SourceSupervisor;
import dev.patronus.source.Health;
import dev.patronus.time.DurationText;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Checks whether the daemon works: the last tick of each thread, the age of the last snapshot, the
/// state of each source. Used by `status`, `doctor`, `/health`, `/ready` and the watchdog.
///
/// Safe from any thread; never waits for another thread. All nanoseconds are from the monotonic
/// clock.
final class Readiness {
  /// The time limit of one tick; it covers several waits for a locked database.
  static final Duration TICK_LIMIT = Duration.ofSeconds(60);

  /// The tolerance, beyond two periods, for a late snapshot.
  static final Duration SNAPSHOT_GRACE = Duration.ofSeconds(15);

  /// A thread that ticks regularly.
  ///
  /// @param tickNanos the time of its last tick
  record Worker(String name, LongSupplier tickNanos) {}

  private final List<Worker> workers;
  private final SourceSet sources;
  private final DatabaseWorker worker;

  Readiness(List<Worker> workers, SourceSet sources, DatabaseWorker worker) {
    this.workers = List.copyOf(workers);
    this.sources = sources;
    this.worker = worker;
  }

  /// The thread that has stopped ticking, which only a restart repairs; empty if all tick.
  Optional<String> stalled(long nowNanos) {
    for (Worker worker : workers) {
      long silent = nowNanos - worker.tickNanos().getAsLong();
      if (silent > TICK_LIMIT.toNanos()) {
        return Optional.of(
            "the thread '" + worker.name() + "' has done nothing for " + seconds(silent));
      }
    }
    for (SourceSupervisor source : sources.all()) {
      long silent = nowNanos - source.source().tickNanos(nowNanos);
      if (source.health() instanceof Health.Running && silent > TICK_LIMIT.toNanos()) {
        return Optional.of(
            "the thread of source " + source.name() + " has done nothing for " + seconds(silent));
      }
    }
    return Optional.empty();
  }

  /// The reason why no snapshots are saved; empty if they are.
  Optional<String> unsaved(long nowNanos) {
    return worker.trouble().or(() -> overdue(nowNanos));
  }

  private Optional<String> overdue(long nowNanos) {
    Duration every = worker.snapshotEvery();
    long age = nowNanos - worker.savedNanos();
    return age > every.multipliedBy(2).plus(SNAPSHOT_GRACE).toNanos()
        ? Optional.of(
            "none was saved for "
                + seconds(age)
                + ", one is due every "
                + DurationText.format(every))
        : Optional.empty();
  }

  /// The reason why the daemon is not ready; empty if all threads tick, snapshots are saved, and
  /// all sources work.
  Optional<String> notReadyReason(long nowNanos) {
    return stalled(nowNanos)
        .or(() -> unsaved(nowNanos).map(text -> "snapshots cannot be saved: " + text))
        .or(sources::notReadyReason);
  }

  private static String seconds(long nanos) {
    return Duration.ofNanos(nanos).toSeconds() + " s";
  }
}
