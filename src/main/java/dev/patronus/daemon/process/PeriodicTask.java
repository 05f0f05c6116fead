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

/// A thread that does its work each second, and in between what others hand to it.
///
/// Safe from any thread. Who makes it stops it. Work that throws an exception is done again, as in
/// [SupervisedThread].
public final class PeriodicTask {
  /// How long anybody waits for what the thread does.
  public static final Duration TIMEOUT = Duration.ofSeconds(12);

  private static final long EVERY_NANOS = Duration.ofSeconds(1).toNanos();

  private final String name;
  private final Metrics metrics;
  private final Runnable work;
  private final BlockingQueue<Task<?>> tasks = new LinkedBlockingQueue<>();
  private volatile boolean stopping;
  private volatile long tickNanos = System.nanoTime();
  private SupervisedThread thread;

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

  /// When the work was last done to its end, by the monotonic clock.
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

  /// Ends the thread after what it does now.
  ///
  /// @return whether it has ended; false if it still does something after [#TIMEOUT]
  public boolean stop() {
    stopping = true;
    tasks.add(new Task<>(() -> true)); // wakes it
    if (thread == null || thread.join(TIMEOUT)) {
      return true;
    }
    thread.stop();
    return false;
  }

  /// What somebody waits for. An [Error] reaches both, who waits and the thread.
  private static final class Task<T> extends FutureTask<T> {
    private Error error;

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
