package dev.patronus.daemon.snapshot;

import dev.patronus.audit.Actor;
import dev.patronus.daemon.process.Log;
import dev.patronus.error.UserError;
import dev.patronus.metrics.Metrics;
import dev.patronus.site.DeletedItem;
import dev.patronus.store.Database;
import dev.patronus.store.deletion.ArchiveTable;
import java.time.Duration;
import java.time.Instant;

/// Deletes the archives of deleted sites and policies that have expired: one round at the start and
/// then once a day, in small steps with each tick, so that snapshots and other writers are not
/// delayed.
///
/// Confined to the database worker's thread.
final class ArchiveRounds {
  static final Duration EVERY = Duration.ofDays(1);
  private static final Duration RETRY = Duration.ofSeconds(10);
  private static final Duration A_TICK = Duration.ofMillis(100);
  private static final String TROUBLE = "archives";

  private final Actor actor;
  private final Metrics metrics;
  private final Log log;
  private boolean enabled;
  private boolean underWay;
  private boolean waits;
  private long nextNanos;

  ArchiveRounds(boolean enabled, Actor actor, Metrics metrics, Log log) {
    this.enabled = enabled;
    this.actor = actor;
    this.metrics = metrics;
    this.log = log;
  }

  /// Sets whether expired archives are deleted.
  void use(boolean changed) {
    if (changed != enabled) {
      enabled = changed;
      forget();
    }
  }

  /// Starts a new round with the next tick, because the database was replaced.
  void forget() {
    underWay = false;
    waits = false;
  }

  /// Performs a small part of the work that is due.
  ///
  /// @param now the instant that decides what has expired
  /// @param nanos of the monotonic clock
  void tick(Database database, Instant now, long nanos) {
    if (!enabled || (waits && nanos - nextNanos < 0)) {
      return;
    }
    ArchiveTable archives = new ArchiveTable(database);
    try {
      if (!underWay) {
        archives.dropExpired(actor, now).forEach(this::tell);
      }
      underWay = deleteSome(archives, now);
      log.over(TROUBLE, "expired archives are deleted again");
      if (!underWay) {
        waitFor(EVERY, nanos);
      }
    } catch (UserError e) {
      waitFor(RETRY, nanos);
      log.trouble(TROUBLE, "cannot delete expired archives: " + e.getMessage() + "; it is retried");
    }
  }

  private boolean deleteSome(ArchiveTable archives, Instant now) {
    long began = System.nanoTime();
    boolean more = true;
    while (more && System.nanoTime() - began < A_TICK.toNanos()) {
      more = archives.deleteDropped(actor, now);
    }
    return more;
  }

  private void tell(DeletedItem item) {
    metrics.counter("archives_expired").increment();
    log.info(
        "the archive of "
            + item.kind().word()
            + " '"
            + item.name()
            + "' ("
            + item.id()
            + ") has expired and was deleted");
  }

  private void waitFor(Duration time, long nanos) {
    waits = true;
    nextNanos = nanos + time.toNanos();
  }
}
