package dev.patronus.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.sqlite.BusyHandler;

/// The wait for a lock of another program, which an interrupt of the thread ends; SQLite's own
/// would sleep on (sqlite.org/c3ref/busy_handler.html).
///
/// Called on the connection's own thread.
final class LockWait extends BusyHandler {
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final long timeoutNanos;
  private long began;

  private LockWait(Duration timeout) {
    this.timeoutNanos = timeout.toNanos();
  }

  /// Makes a connection wait so long, in place of SQLite's own wait.
  static void on(Connection connection, Duration timeout) throws SQLException {
    setHandler(connection, new LockWait(timeout));
  }

  /// Asked again and again; 0 gives up.
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
