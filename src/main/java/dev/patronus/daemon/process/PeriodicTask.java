package dev.patronus.daemon.process;

import dev.patronus.metrics.Metrics;
import dev.patronus.thread.SupervisedThread;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A thread that runs its work each second, and submitted calls in between.
///
/// Safe from any thread. The creator stops it. Work that throws an exception is repeated, as in
/// [SupervisedThread].
public final class PeriodicTask {
  /// The time limit for waiting on the thread.
  public static final Duration TIMEOUT = Duration.ofSeconds(12);

  private static final long EVERY_NANOS = Duration.ofSeconds(1).toNanos();

  private final String name;
  private final Metrics metrics;
  private final Runnable work;
  private final BlockingQueue<Task<?>> tasks = new LinkedBlockingQueue<>();
  private volatile boolean stopping;
  private volatile long tickNanos = System.nanoTime();
  private @Nullable SupervisedThread thread;

  /// @param name the thread's role
  public PeriodicTask(String name, Metrics metrics, Runnable work) {
    this.name = name;
    this.metrics = metrics;
    this.work = work;
  }

  public String name() {
    return name;
  }

  public void start() {
    tickNanos = System.nanoTime();
    thread = SupervisedThread.startPlatform(name, metrics, this::run);
  }

  private void run() throws InterruptedException {
    long nextNanos = System.nanoTime() + EVERY_NANOS;
    while (!stopping) {
      Task<?> task = tasks.poll(nextNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (task != null) {
        task.runHere();
      }
      if (!stopping && System.nanoTime() - nextNanos >= 0) {
        work.run();
        tickNanos = System.nanoTime();
        nextNanos = tickNanos + EVERY_NANOS;
      }
    }
    for (Task<?> task = tasks.poll(); task != null; task = tasks.poll()) {
      task.runHere();
    }
  }

  /// When the work last completed, by the monotonic clock.
  public long tickNanos() {
    return tickNanos;
  }

  /// Runs a call on the thread of the task, between two ticks.
  ///
  /// @throws RejectedExecutionException after [#stop]
  public <T> Future<T> submit(Callable<T> call) {
    if (stopping) {
      throw new RejectedExecutionException(name + " has stopped");
    }
    Task<T> task = new Task<>(call);
    tasks.add(task);
    return task;
  }

  /// Stops the thread after its current work.
  ///
  /// @return whether it has ended; false if it is still working after [#TIMEOUT]
  public boolean stop() {
    stopping = true;
    tasks.add(new Task<>(() -> true)); // wakes it
    if (thread == null || thread.join(TIMEOUT)) {
      return true;
    }
    thread.stop();
    return false;
  }

  /// A submitted call. An [Error] is thrown both to the waiting caller and on the thread.
  private static final class Task<T> extends FutureTask<T> {
    private @Nullable Error error;

    Task(Callable<T> call) {
      super(call);
    }

    @Override
    protected void setException(Throwable thrown) {
      super.setException(thrown);
      if (thrown instanceof Error known) {
        error = known;
      }
    }

    void runHere() {
      run();
      if (error != null) {
        throw error;
      }
    }
  }
}
