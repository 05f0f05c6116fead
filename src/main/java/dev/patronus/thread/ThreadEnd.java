package dev.patronus.thread;

/// Waits for the end of threads.
public final class ThreadEnd {
  private ThreadEnd() {}

  /// Waits until the thread has ended, even if the caller is interrupted meanwhile; the interrupt
  /// is kept for what the caller does next.
  public static void await(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
