package dev.patronus.source;

import static java.lang.System.Logger.Level.WARNING;

import dev.patronus.error.ErrorText;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The thread of a source, and what became of it.
///
/// Safe from any thread: one lock around thread and health. A thread that is closed ends as
/// [Health.Idle], one whose work returns by itself as [Health.Ended] (also one that throws
/// [EndedEarly]), one that throws [UnreadableInput] as [Health.Unreadable], one whose work throws
/// anything else as [Health.Failed].
public final class SourceThread {
  /// How long a stop waits for the work to return.
  static final Duration STOP_LIMIT = Duration.ofSeconds(5);

  private static final System.Logger LOG = System.getLogger(SourceThread.class.getName());

  /// The work of the thread; it must return soon after a stop request.
  @FunctionalInterface
  public interface Work {
    void run() throws IOException, InterruptedException;
  }

  private final String name;
  private Health health = new Health.Idle();
  private @Nullable Thread thread;
  private volatile long tickNanos;
  private volatile String remark = "";

  public SourceThread(String name) {
    this.name = name;
  }

  /// Begins the work.
  ///
  /// @throws IllegalStateException if it is running
  public synchronized void start(Work work) {
    if (health instanceof Health.Running) {
      throw new IllegalStateException(name + " is running already");
    }
    health = new Health.Running();
    tick();
    remark = "";
    thread = Thread.ofPlatform().name(name).daemon().start(() -> run(work));
  }

  private void run(Work work) {
    try {
      work.run();
      endHere(new Health.Ended(remark));
    } catch (InterruptedException _) {
      endHere(new Health.Idle());
    } catch (EndedEarly e) {
      endHere(new Health.Ended(e.getMessage()));
    } catch (UnreadableInput e) {
      endHere(new Health.Unreadable(e.getMessage()));
    } catch (IOException | RuntimeException e) {
      endHere(new Health.Failed(ErrorText.of(e)));
    } catch (Error e) {
      endHere(new Health.Failed(ErrorText.of(e)));
      throw e; // the process ends
    }
  }

  /// Says what a person should know about the end when the work returns by itself. To be called by
  /// the work.
  public void remark(String text) {
    remark = text;
  }

  /// What the work has said so far; mostly empty.
  public String remark() {
    return remark;
  }

  /// Notes the end of this thread's work, unless it was given up.
  private synchronized void endHere(Health how) {
    if (thread == null || thread == Thread.currentThread()) {
      end(how);
    }
  }

  private synchronized void end(Health how) {
    health = how;
    notifyAll();
  }

  /// Notes that the work goes on; for work that never waits long.
  public void tick() {
    tickNanos = System.nanoTime();
  }

  /// When the work last went on, by [System#nanoTime].
  public long tickNanos() {
    return tickNanos;
  }

  public synchronized Health health() {
    return health;
  }

  /// Waits while the work runs, and says how it ended.
  public synchronized Health awaitEnd() throws InterruptedException {
    while (health instanceof Health.Running) {
      wait();
    }
    return health;
  }

  /// Tells the work to stop, waits until it has returned, but no longer than [#STOP_LIMIT], and is
  /// [Health.Idle] from then on.
  ///
  /// @param stop makes the work return: closes what it reads from, wakes or interrupts it
  public void stop(Runnable stop) {
    @Nullable Thread running;
    synchronized (this) {
      running = thread;
      thread = null;
    }
    if (running != null) {
      try {
        stop.run();
        join(running);
      } finally {
        end(new Health.Idle());
      }
    } else {
      end(new Health.Idle());
    }
  }

  /// Leaves work alone that cannot be told to stop, and is [Health.Idle] from now on. The work's
  /// thread ends with the process, or when the work returns.
  public synchronized void abandon() {
    thread = null;
    end(new Health.Idle());
  }

  private static void join(Thread running) {
    long end = System.nanoTime() + STOP_LIMIT.toNanos();
    boolean interrupted = false;
    for (long left = STOP_LIMIT.toNanos();
        running.isAlive() && left > 0;
        left = end - System.nanoTime()) {
      try {
        running.join(Duration.ofNanos(left));
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (running.isAlive()) {
      LOG.log(
          WARNING,
          running.getName()
              + " does not stop within "
              + STOP_LIMIT.toSeconds()
              + " s and is left alone");
    }
  }
}
