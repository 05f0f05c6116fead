package dev.patronus.thread;

import static java.lang.System.Logger.Level.ERROR;

import dev.patronus.metrics.Counter;
import dev.patronus.metrics.Metrics;
import java.time.Duration;

/// A thread whose work is begun again when it fails with an exception.
///
/// The first pause before that lasts [#FIRST_PAUSE], each further one twice as long, up to
/// [#LONGEST_PAUSE]; work that ran for longer than that begins with the first pause again. Each
/// failure is counted as `thread_failures`, and logged at most once a minute. An [Error] is not
/// caught: it ends the process ([FatalErrors]). The thread ends when its work returns, when the
/// work throws [InterruptedException], and after [#stop].
///
/// Safe from any thread.
public final class SupervisedThread {
  static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  private static final System.Logger LOG = System.getLogger(SupervisedThread.class.getName());
  private static final long LOG_EVERY_NANOS = Duration.ofMinutes(1).toNanos();

  /// What the thread does.
  @FunctionalInterface
  public interface Work {
    void run() throws InterruptedException;
  }

  private final String name;
  private final Work work;
  private final Counter failures;
  private final Thread thread;
  private volatile boolean stopped;

  private SupervisedThread(Thread.Builder kind, String name, Metrics metrics, Work work) {
    this.name = name;
    this.work = work;
    this.failures = metrics.counter("thread_failures", "thread", name);
    this.thread = kind.name(name).unstarted(this::run);
  }

  /// Starts a virtual thread, for work that mostly waits.
  public static SupervisedThread startVirtual(String name, Metrics metrics, Work work) {
    return started(new SupervisedThread(Thread.ofVirtual(), name, metrics, work));
  }

  /// Starts a platform thread, for work that runs on a disk or in a library.
  public static SupervisedThread startPlatform(String name, Metrics metrics, Work work) {
    return started(new SupervisedThread(Thread.ofPlatform().daemon(), name, metrics, work));
  }

  private static SupervisedThread started(SupervisedThread made) {
    made.thread.start();
    return made;
  }

  private void run() {
    Duration pause = FIRST_PAUSE;
    long saidNanos = System.nanoTime() - LOG_EVERY_NANOS;
    while (!stopped) {
      long beganNanos = System.nanoTime();
      try {
        work.run();
        return;
      } catch (InterruptedException _) {
        return;
      } catch (RuntimeException e) {
        failures.increment();
        long now = System.nanoTime();
        if (now - saidNanos >= LOG_EVERY_NANOS) {
          saidNanos = now;
          LOG.log(
              ERROR, "the work of thread '" + name + "' failed and is begun again: " + cause(e));
        }
        pause = now - beganNanos > LONGEST_PAUSE.toNanos() ? FIRST_PAUSE : pause;
      }
      if (!pause(pause)) {
        return;
      }
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
              ? pause.multipliedBy(2)
              : LONGEST_PAUSE;
    }
  }

  private static String cause(RuntimeException e) {
    StackTraceElement[] frames = e.getStackTrace();
    return e + (frames.length == 0 ? "" : " at " + frames[0]);
  }

  private static boolean pause(Duration pause) {
    try {
      Thread.sleep(pause);
      return true;
    } catch (InterruptedException _) {
      return false;
    }
  }

  /// Interrupts the thread; its work is not begun again.
  public void stop() {
    stopped = true;
    thread.interrupt();
  }

  /// Waits for the thread's end; an interrupt of the caller ends the waiting.
  ///
  /// @return whether it has ended
  public boolean join(Duration limit) {
    try {
      return thread.join(limit);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return !thread.isAlive();
    }
  }
}
