package dev.patronus.cli.db;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.ProgressLine;
import dev.patronus.error.Counted;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.store.Database;
import dev.patronus.store.rollup.Rollup;
import dev.patronus.store.rollup.RollupCheck;
import java.time.Duration;

/// Rolls up what is not rolled up yet, in pieces between which others write, with progress.
final class RollupBuild {
  /// Between two transactions, so that a waiting writer, which looks every few milliseconds, gets
  /// its turn.
  private static final Duration PAUSE = Duration.ofMillis(25);

  private RollupBuild() {}

  /// Rebuilds the days whose roll-ups differ from the rows that are still there; what has no rows
  /// any more stays.
  ///
  /// @return how many days of policies differed
  static long rebuild(Database database, Invocation call) {
    RollupCheck check = new RollupCheck(database);
    double all = Math.max(1, check.size());
    try (ProgressLine progress = ProgressLine.of(call, "policies")) {
      return check.repair(call.actor(), call.now(), done -> progress.at(done, done / all)).size();
    }
  }

  /// Rolls all rows up, and sums up hours and days that are over.
  ///
  /// @return how many rows were rolled up
  /// @throws UserError if it is interrupted; it goes on from there the next time
  static long run(Database database, Invocation call) {
    Rollup rollup = new Rollup(database);
    if (rollup.current()) {
      return 0;
    }
    double all = Math.max(1, rollup.rowsLeft());
    try (ProgressLine progress = ProgressLine.of(call, "rows")) {
      while (rollup.roll(call.actor(), call.now())) {
        progress.at(rollup.rows(), Math.min(1, rollup.rows() / all));
        Thread.sleep(PAUSE);
      }
      while (rollup.sumUpHours(call.actor(), call.now())) {
        Thread.sleep(PAUSE);
      }
    } catch (UserError e) {
      throw rollup.rows() == 0 ? e : partly(e, rollup.rows());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserError(
          ExitCode.INTERRUPTED,
          "interrupted; "
              + HumanFormat.grouped(rollup.rows())
              + " rows were rolled up, and 'patronus db migrate' goes on from there",
          e);
    }
    return rollup.rows();
  }

  private static UserError partly(UserError e, long rows) {
    return new UserError(
        e.exitCode(),
        e.getMessage() + "; " + Counted.of(rows, "row was", "rows were") + " rolled up before that",
        e);
  }
}
