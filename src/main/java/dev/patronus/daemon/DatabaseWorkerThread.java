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

/// The one thread of the [DatabaseWorker]: a tick each second, and in between what others ask of
/// it.
///
/// Safe from any thread.
final class DatabaseWorkerThread {
  /// How much longer work that has begun is waited for; who asks over the control socket waits 15
  /// s.
  private static final long BEGUN_MILLIS = 1_500;

  private final DatabaseWorker worker;
  private final PeriodicTask thread;

  DatabaseWorkerThread(DatabaseWorker worker, Metrics metrics) {
    this.worker = worker;
    this.thread = new PeriodicTask("database-worker", metrics, () -> worker.tick(System.nanoTime()));
  }

  void start() {
    thread.start();
  }

  /// Its last tick, for [Readiness].
  Readiness.Worker worker() {
    return new Readiness.Worker(thread.name(), thread::tickNanos);
  }

  List<Policy> policies() {
    return worker.policies();
  }

  /// Runs work on the keeper's thread and waits for it. Work that has not begun in time is
  /// withdrawn, and never begins.
  ///
  /// @throws UserError that the work throws; [ExitCode#BUSY] if it was withdrawn; [ExitCode#FAILED]
  ///   if it has begun and is not over: then it may still be done
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

  /// Ends the thread after what it does now; from then on the keeper is the caller's.
  ///
  /// @return whether it has ended; if not, the keeper is still the thread's
  boolean stop() {
    return thread.stop();
  }
}
