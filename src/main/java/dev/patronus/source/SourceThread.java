package dev.patronus.source;

import java.io.IOException;

/// The thread of a source, and what became of it.
///
/// Safe from any thread: one lock around thread and health. A thread that is closed ends as
/// [Health.Idle], one whose work returns by itself as [Health.Ended] (also one that throws
/// [EndedEarly]), one that throws [UnreadableInput] as [Health.Unreadable], one whose work throws
/// anything else as [Health.Failed].
public final class SourceThread {
  /// What the thread does. It returns soon after it was told to stop, in whatever way it is told.
  @FunctionalInterface
  public interface Work {
    void run() throws IOException, InterruptedException;
  }

  private final String name;
  private Health health = new Health.Idle();
  private Thread thread;
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
    remark = "";
    thread = Thread.ofPlatform().name(name).daemon().start(() -> run(work));
  }

  private void run(Work work) {
    try {
      work.run();
      end(new Health.Ended(remark));
    } catch (InterruptedException _) {
      end(new Health.Idle());
    } catch (EndedEarly e) {
      end(new Health.Ended(e.getMessage()));
    } catch (UnreadableInput e) {
      end(new Health.Unreadable(e.getMessage()));
    } catch (IOException | RuntimeException e) {
      end(new Health.Failed(reason(e)));
    }
  }

  /// Says what a person should know about the end when the work returns by itself. To be called by
  /// the work.
  public void remark(String text) {
    remark = text;
  }

  private static String reason(Exception e) {
    String message = e.getMessage();
    return message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
  }

  private synchronized void end(Health how) {
    health = how;
    notifyAll();
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

  /// Tells the work to stop, waits until it has returned, and is [Health.Idle] from then on.
  ///
  /// @param stop makes the work return: closes what it reads from, wakes or interrupts it
  public void stop(Runnable stop) {
    Thread running;
    synchronized (this) {
      running = thread;
      thread = null;
    }
    if (running != null) {
      stop.run();
      join(running);
    }
    end(new Health.Idle());
  }

  private static void join(Thread running) {
    boolean interrupted = false;
    while (running.isAlive()) {
      try {
        running.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
