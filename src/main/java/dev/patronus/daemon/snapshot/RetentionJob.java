package dev.patronus.daemon.snapshot;

import dev.patronus.audit.Actor;
import dev.patronus.daemon.process.Log;
import dev.patronus.error.Counted;
import dev.patronus.error.ErrorText;
import dev.patronus.error.UserError;
import dev.patronus.history.tier.Retention;
import dev.patronus.metrics.Metrics;
import dev.patronus.store.Database;
import dev.patronus.store.retention.HistoryExpiry;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Deletes the history that is past the configured retention: one round at the start and then every
/// few hours, in small steps with each tick, so that snapshots and other writers are not delayed.
///
/// Confined to the database worker's thread.
final class RetentionJob {
  static final Duration EVERY = Duration.ofHours(6);
  private static final String TROUBLE = "retention";

  private final Actor actor;
  private final Metrics metrics;
  private final Log log;
  private Retention retention;
  private @Nullable HistoryExpiry expiry;
  private boolean underWay;
  private long counted;
  private final RoundTimer timer = new RoundTimer();

  RetentionJob(Retention retention, Actor actor, Metrics metrics, Log log) {
    this.retention = retention;
    this.actor = actor;
    this.metrics = metrics;
    metrics.declare("history_rows_thinned");
    this.log = log;
  }

  /// Sets the retention.
  void use(Retention changed) {
    if (!changed.equals(retention)) {
      retention = changed;
      forget();
    }
  }

  /// Starts a new round with the next tick, because the database was replaced.
  void forget() {
    expiry = null;
    underWay = false;
    timer.restart();
  }

  /// Performs a small part of the work that is due.
  ///
  /// @param now the instant from which ages count
  /// @param nanos of the monotonic clock
  void tick(Database database, Instant now, long nanos) {
    if (retention.equals(Retention.OFF) || !timer.isDue(nanos)) {
      return;
    }
    try {
      if (!underWay) {
        begin(database, now);
      }
      HistoryExpiry current = expiry(database);
      underWay = RoundTimer.someSteps(() -> current.step(actor));
      if (!underWay) {
        finish(current);
        timer.waitFor(EVERY, nanos);
      }
    } catch (UserError e) {
      underWay = false;
      timer.waitFor(RoundTimer.RETRY, nanos);
      log.trouble(
          TROUBLE, "cannot delete old history: " + ErrorText.ofRepeated(e) + "; it is retried");
    }
  }

  private void begin(Database database, Instant now) {
    HistoryExpiry current = expiry(database);
    current.begin(actor, now);
    counted = current.total();
  }

  private HistoryExpiry expiry(Database database) {
    if (expiry == null) {
      expiry = new HistoryExpiry(database, retention);
    }
    return expiry;
  }

  private void finish(HistoryExpiry expiry) {
    long rows = expiry.total() - counted;
    metrics.counter("history_rows_thinned").add(rows);
    log.over(TROUBLE, "old history is deleted again");
    if (rows > 0) {
      log.info(
          Counted.of(rows, "row")
              + " of history past the retention ("
              + retention.text()
              + ") deleted; coarser roll-ups keep the sums");
    }
  }
}
