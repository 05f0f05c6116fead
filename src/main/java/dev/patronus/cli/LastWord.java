package dev.patronus.cli;

import dev.patronus.store.Database;
import java.time.Duration;

/// A change that is made is told of, even if a signal ends the process just then: from the commit
/// on, and not before, the end waits until the command has said what it did.
final class LastWord {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration LOOK = Duration.ofMillis(5);

  private LastWord() {}

  /// Watches over the changes that this thread makes.
  static void about(Database database) {
    Thread command = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> await(command, database), "patronus-last-word"));
  }

  /// The command ends the process by itself when it has said all.
  private static void await(Thread command, Database database) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (database.hasCommitted() && command.isAlive() && System.nanoTime() < deadline) {
        Thread.sleep(LOOK);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
