package dev.patronus.daemon;

import dev.patronus.daemon.process.PeriodicTask;
import dev.patronus.daemon.snapshot.DatabaseWorker;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.metrics.Metrics;
import dev.patronus.policy.Policy;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/// The thread of the [DatabaseWorker]: runs its tick each second, and calls from other threads in
/// between.
///
/// Safe from any thread.
final class DatabaseWorkerThread {
  /// The additional wait for a call that has started; a client of the control socket waits 15 s.
  private static final long BEGUN_MILLIS = 1_500;

  private final DatabaseWorker worker;
  private final PeriodicTask thread;

  DatabaseWorkerThread(DatabaseWorker worker, Metrics metrics) {
    this.worker = worker;
    this.thread =
        new PeriodicTask("database-worker", metrics, () -> worker.tick(System.nanoTime()));
  }

  void start() {
    thread.start();
  }

  /// The time of its last tick, for [Readiness].
  Readiness.Worker worker() {
    return new Readiness.Worker(thread.name(), thread::tickNanos);
  }

  List<Policy> policies() {
    return worker.policies();
  }

  /// Runs work on the database worker's thread and waits for the result. Work that has not started
  /// in time is cancelled and never runs.
  ///
  /// @throws UserError that the work throws; [ExitCode#BUSY] if it was cancelled; [ExitCode#FAILED]
  ///   if it has started but not finished: then it may still complete
  <T> T call(Function<DatabaseWorker, T> work) {
    AtomicBoolean taken = new AtomicBoolean();
    Future<T> answer =
        thread.submit(() -> taken.compareAndSet(false, true) ? work.apply(worker) : null);
    try {
      return await(answer, taken);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof UserError known
          ? known
          : new UserError(ExitCode.FAILED, "the daemon failed: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new UserError(
          ExitCode.FAILED,
          "the daemon has begun, and still waits for its database: it may still be done; look"
              + " whether it was ('patronus stats', 'patronus status') before you ask again",
          e);
    } catch (RejectedExecutionException e) {
      throw new UserError(ExitCode.FAILED, "the daemon is stopping", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserError(ExitCode.FAILED, "the daemon is stopping", e);
    }
  }

  private static <T> T await(Future<T> answer, AtomicBoolean taken)
      throws ExecutionException, TimeoutException, InterruptedException {
    try {
      return answer.get(PeriodicTask.TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      if (taken.compareAndSet(false, true)) {
        throw new UserError(
            ExitCode.BUSY,
            "the daemon waits for its database; nothing was changed, and nothing will be: try again",
            e);
      }
      return answer.get(BEGUN_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /// Stops the thread after its current work; from then on the worker belongs to the caller.
  ///
  /// @return whether the thread has ended; if not, the worker still belongs to it
  boolean stop() {
    return thread.stop();
  }
}
