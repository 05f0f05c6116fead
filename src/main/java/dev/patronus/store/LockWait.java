package dev.patronus.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.sqlite.BusyHandler;

/// Busy handler that waits for a lock of another program until the thread is interrupted; SQLite's
/// own continues to sleep (sqlite.org/c3ref/busy_handler.html).
///
/// Called on the connection's own thread.
final class LockWait extends BusyHandler {
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final long timeoutNanos;
  private long began;

  private LockWait(Duration timeout) {
    this.timeoutNanos = timeout.toNanos();
  }

  /// Installs this handler with a timeout on a connection.
  static void on(Connection connection, Duration timeout) throws SQLException {
    setHandler(connection, new LockWait(timeout));
  }

  /// Called repeatedly by SQLite; returns 0 to stop waiting.
  @Override
  protected int callback(int asked) {
    if (asked == 0) {
      began = System.nanoTime();
    }
    return System.nanoTime() - began < timeoutNanos && pause() ? 1 : 0;
  }

  private static boolean pause() {
    try {
      Thread.sleep(PAUSE);
      return true;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
