package dev.patronus.daemon.snapshot;

import dev.patronus.audit.Actor;
import dev.patronus.daemon.process.Log;
import dev.patronus.error.ErrorText;
import dev.patronus.error.UserError;
import dev.patronus.store.Database;
import dev.patronus.store.rollup.Rollup;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Rolls up what snapshots do not: rows from before there were roll-ups, and hours and days that
/// are over. In small steps with each tick, so that snapshots and other writers are not delayed.
///
/// Confined to the database worker's thread.
final class RollupJob {
  private static final Duration EVERY = Duration.ofMinutes(1);
  private static final String TROUBLE = "rollups";

  private final Actor actor;
  private final Log log;
  private @Nullable Rollup rollup;
  private boolean current;
  private final RoundTimer timer = new RoundTimer();

  RollupJob(Actor actor, Log log) {
    this.actor = actor;
    this.log = log;
  }

  /// Starts again with the next tick, because the database was replaced.
  void forget() {
    rollup = null;
    current = false;
    timer.restart();
  }

  /// Performs a small part of the work that is due.
  ///
  /// @param trusted the instant from which ages count; empty while the clock is distrusted
  /// @param nanos of the monotonic clock
  /// @return whether all rows are rolled up, so that old ones may go
  boolean tick(Database database, Instant wall, Optional<Instant> trusted, long nanos) {
    if (!timer.isDue(nanos)) {
      return current;
    }
    Rollup of = rollup == null ? new Rollup(database) : rollup;
    rollup = of;
    try {
      if (!RoundTimer.someSteps(() -> step(of, wall, trusted))) {
        timer.waitFor(EVERY, nanos);
      }
      log.over(TROUBLE, "traffic is rolled up again");
    } catch (UserError e) {
      timer.waitFor(EVERY, nanos);
      log.trouble(
          TROUBLE, "cannot roll traffic up: " + ErrorText.ofRepeated(e) + "; it is retried");
    }
    return current;
  }

  private boolean step(Rollup rollup, Instant wall, Optional<Instant> trusted) {
    if (!rollup.current()) {
      current = false;
      boolean _ = rollup.roll(actor, wall);
      return true;
    }
    if (!current && rollup.rows() > 0) { // the last ones may have gone with a snapshot
      log.info("traffic is rolled up: " + rollup.rows() + " rows");
    }
    current = true;
    return trusted.isPresent() && rollup.sumUpHours(actor, trusted.get());
  }
}
