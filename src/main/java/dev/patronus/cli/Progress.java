package dev.patronus.cli;

import dev.patronus.export.Humane;
import java.io.PrintStream;
import java.util.function.LongSupplier;

/// How far a long command is, as one line that is overwritten, for a person at a terminal.
///
/// Confined to one thread. Shows nothing before [#PATIENCE_NANOS] have gone by, and takes itself
/// away in the end.
final class Progress implements AutoCloseable {
  private static final long PATIENCE_NANOS = 700_000_000;
  private static final long EVERY_NANOS = 200_000_000;
  private static final double NANOS = 1e9;

  private final PrintStream err;
  private final boolean shown;
  private final LongSupplier nanos;
  private final long started;
  private long last;
  private boolean drawn;

  /// @param shown whether a person is there to see it
  Progress(PrintStream err, boolean shown, LongSupplier nanos) {
    this.err = err;
    this.shown = shown;
    this.nanos = nanos;
    this.started = nanos.getAsLong();
    this.last = started + PATIENCE_NANOS - EVERY_NANOS;
  }

  /// Says how far it is.
  ///
  /// @param done from 0 to 1
  void at(long rows, double done) {
    if (!shown) {
      return;
    }
    long now = nanos.getAsLong();
    if (now - last < EVERY_NANOS) {
      return;
    }
    last = now;
    drawn = true;
    err.print("\r" + text(rows, done, (now - started) / NANOS) + "\u001b[K");
    err.flush();
  }

  private static String text(long rows, double done, double seconds) {
    String text =
        Humane.grouped(rows) + " rows, " + Humane.grouped(Math.round(rows / seconds)) + " rows/s";
    if (done <= 0) {
      return text;
    }
    long left = Math.round(seconds / done - seconds);
    return text + ", " + (int) (done * 100) + " %, " + Humane.seconds(left) + " left";
  }

  @Override
  public void close() {
    if (drawn) {
      err.print("\r\u001b[K");
      err.flush();
    }
  }
}
