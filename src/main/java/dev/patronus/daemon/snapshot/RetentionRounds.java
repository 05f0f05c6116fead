package dev.patronus.daemon.snapshot;

import dev.patronus.audit.Actor;
import dev.patronus.daemon.process.Log;
import dev.patronus.error.Counted;
import dev.patronus.error.UserError;
import dev.patronus.history.tier.Retention;
import dev.patronus.metrics.Metrics;
import dev.patronus.store.Database;
import dev.patronus.store.retention.HistoryExpiry;
import java.time.Duration;
import java.time.Instant;

/// Deletes the history that is past the configured retention: one round at the start and then every
/// few hours, in small steps with each tick, so that snapshots and other writers are not delayed.
///
/// Confined to the database worker's thread.
final class RetentionRounds {
  static final Duration EVERY = Duration.ofHours(6);
  private static final Duration RETRY = Duration.ofSeconds(10);
  private static final Duration A_TICK = Duration.ofMillis(100);
  private static final String TROUBLE = "retention";

  private final Actor actor;
  private final Metrics metrics;
  private final Log log;
  private Retention retention;
  private HistoryExpiry expiry;
  private boolean underWay;
  private long counted;
  private boolean waits;
  private long nextNanos;

  RetentionRounds(Retention retention, Actor actor, Metrics metrics, Log log) {
    this.retention = retention;
    this.actor = actor;
    this.metrics = metrics;
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
    waits = false;
  }

  /// Performs a small part of the work that is due.
  ///
  /// @param now the instant from which ages count
  /// @param nanos of the monotonic clock
  void tick(Database database, Instant now, long nanos) {
    if (retention.equals(Retention.OFF) || (waits && nanos - nextNanos < 0)) {
      return;
    }
    try {
      if (!underWay) {
        begin(database, now);
      }
      underWay = someSteps();
      if (!underWay) {
        finish();
        waitFor(EVERY, nanos);
      }
    } catch (UserError e) {
      underWay = false;
      waitFor(RETRY, nanos);
      log.trouble(TROUBLE, "cannot delete old history: " + e.getMessage() + "; it is retried");
    }
  }

  private void begin(Database database, Instant now) {
    if (expiry == null) {
      expiry = new HistoryExpiry(database, retention);
    }
    expiry.begin(actor, now);
    counted = expiry.total();
  }

  private boolean someSteps() {
    long began = System.nanoTime();
    boolean more = true;
    while (more && System.nanoTime() - began < A_TICK.toNanos()) {
      more = expiry.step(actor);
    }
    return more;
  }

  private void finish() {
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

  private void waitFor(Duration time, long nanos) {
    waits = true;
    nextNanos = nanos + time.toNanos();
  }
}
