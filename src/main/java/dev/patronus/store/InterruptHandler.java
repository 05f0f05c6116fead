package dev.patronus.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.BooleanSupplier;
import org.sqlite.ProgressHandler;

/// Ends a statement that runs, with SQLITE_INTERRUPT: when its thread is interrupted, or something
/// else says so (sqlite.org/c3ref/progress_handler.html).
///
/// Asked on the connection's own thread, every [#STEPS] of SQLite's steps: some ten microseconds.
public final class InterruptHandler extends ProgressHandler {
  private static final int STEPS = 1000;

  private final BooleanSupplier ends;

  private InterruptHandler(BooleanSupplier ends) {
    this.ends = ends;
  }

  /// Watches over all statements of a connection from now on.
  public static void watch(Connection connection, BooleanSupplier ends) throws SQLException {
    setHandler(connection, STEPS, new InterruptHandler(ends));
  }

  @Override
  protected int progress() {
    return Thread.currentThread().isInterrupted() || ends.getAsBoolean() ? 1 : 0;
  }
}
