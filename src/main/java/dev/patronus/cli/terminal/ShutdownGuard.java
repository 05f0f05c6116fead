package dev.patronus.cli.terminal;

import dev.patronus.store.Database;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/// The end of a process by a signal, held back while a change is being made: before the change is
/// committed, or the file gets its name, none is made any more; from then on the end waits until
/// the command has said what it did and ends by itself, with its own exit code.
public final class ShutdownGuard {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofMillis(5);

  private ShutdownGuard() {}

  /// Watches over the changes that this thread makes.
  public static void about(Database database) {
    about(database::blockCommits);
  }

  /// Watches over what this thread does.
  ///
  /// @param mayEnd whether nothing has been done; nothing may be done any more once it has said so.
  ///   Called from another thread.
  public static void about(BooleanSupplier mayEnd) {
    Thread command = Thread.currentThread();
    Thread hook = new Thread(() -> await(command, mayEnd), "patronus-last-word");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException _) {
      // the process is ending already, and waits for what is under way
    }
  }

  /// The command ends the process by itself when it has said all.
  private static void await(Thread command, BooleanSupplier mayEnd) {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    try {
      while (!mayEnd.getAsBoolean() && command.isAlive() && System.nanoTime() - deadline < 0) {
        Thread.sleep(LOOK);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
