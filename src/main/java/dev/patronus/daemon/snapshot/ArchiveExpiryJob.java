package dev.patronus.daemon.snapshot;

import dev.patronus.audit.Actor;
import dev.patronus.daemon.process.Log;
import dev.patronus.error.ErrorText;
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
final class ArchiveExpiryJob {
  static final Duration EVERY = Duration.ofDays(1);
  private static final String TROUBLE = "archives";

  private final Actor actor;
  private final Metrics metrics;
  private final Log log;
  private boolean enabled;
  private boolean underWay;
  private final RoundTimer timer = new RoundTimer();

  ArchiveExpiryJob(boolean enabled, Actor actor, Metrics metrics, Log log) {
    this.enabled = enabled;
    this.actor = actor;
    this.metrics = metrics;
    metrics.declare("archives_expired");
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
    timer.restart();
  }

  /// Performs a small part of the work that is due.
  ///
  /// @param now the instant that decides what has expired
  /// @param nanos of the monotonic clock
  void tick(Database database, Instant now, long nanos) {
    if (!enabled || !timer.isDue(nanos)) {
      return;
    }
    ArchiveTable archives = new ArchiveTable(database);
    try {
      if (!underWay) {
        archives.dropExpired(actor, now).forEach(this::tell);
      }
      underWay = RoundTimer.someSteps(() -> archives.deleteDropped(actor, now));
      log.over(TROUBLE, "expired archives are deleted again");
      if (!underWay) {
        timer.waitFor(EVERY, nanos);
      }
    } catch (UserError e) {
      timer.waitFor(RoundTimer.RETRY, nanos);
      log.trouble(
          TROUBLE,
          "cannot delete expired archives: " + ErrorText.ofRepeated(e) + "; it is retried");
    }
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
}
