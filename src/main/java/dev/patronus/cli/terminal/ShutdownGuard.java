package dev.patronus.cli.terminal;

import dev.patronus.store.Database;
import java.time.Duration;

/// A change that is made is told of, even if a signal ends the process just then: before the commit
/// the end lets none be made any more, from the commit on it waits until the command has said what
/// it did.
public final class ShutdownGuard {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofMillis(5);

  private ShutdownGuard() {}

  /// Watches over the changes that this thread makes.
  public static void about(Database database) {
    Thread command = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> await(command, database), "patronus-last-word"));
  }

  /// The command ends the process by itself when it has said all.
  private static void await(Thread command, Database database) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (!database.blockCommits() && command.isAlive() && System.nanoTime() - deadline < 0) {
        Thread.sleep(LOOK);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
