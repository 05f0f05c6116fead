package dev.patronus.daemon;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.metrics.Metrics;
import dev.patronus.policy.Policy;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// The one thread of the [Keeper]: a tick each second, and in between what others ask of it.
///
/// Safe from any thread.
final class KeeperThread {
  private final Keeper keeper;
  private final Pulse thread;

  KeeperThread(Keeper keeper, Metrics metrics) {
    this.keeper = keeper;
    this.thread = new Pulse("keeper", metrics, () -> keeper.tick(System.nanoTime()));
  }

  void start() {
    thread.start();
  }

  /// Its last tick, for [Readiness].
  Readiness.Worker worker() {
    return new Readiness.Worker(thread.name(), thread::tickNanos);
  }

  List<Policy> policies() {
    return keeper.policies();
  }

  /// Runs work on the keeper's thread and waits for it.
  ///
  /// @throws UserError that the work throws, or that says that the database keeps it waiting
  <T> T ask(Function<Keeper, T> work) {
    Callable<T> call = () -> work.apply(keeper);
    try {
      return thread.submit(call).get(Pulse.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof UserError known
          ? known
          : new UserError(ExitCode.FAILED, "the daemon failed: " + e.getCause(), e);
    } catch (RejectedExecutionException e) {
      throw new UserError(ExitCode.FAILED, "the daemon is stopping", e);
    } catch (java.util.concurrent.TimeoutException e) {
      throw new UserError(ExitCode.BUSY, "the daemon waits for its database; try again", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserError(ExitCode.FAILED, "the daemon is stopping", e);
    }
  }

  /// Ends the thread after what it does now; from then on the keeper is the caller's.
  ///
  /// @return whether it has ended; if not, the keeper is still the thread's
  boolean stop() {
    return thread.stop();
  }
}
