package dev.patronus.cli.command;

import dev.patronus.output.text.HumanFormat;
import java.io.PrintStream;
import java.util.function.LongSupplier;

/// How far a long command is, as one line that is overwritten, for a person at a terminal.
///
/// Confined to one thread. Shows nothing before [#DELAY_NANOS] have gone by, and takes itself away
/// in the end.
public final class ProgressLine implements AutoCloseable {
  private static final long DELAY_NANOS = 700_000_000;
  private static final long EVERY_NANOS = 200_000_000;
  private static final double NANOS = 1e9;

  private final PrintStream err;
  private final boolean shown;
  private final LongSupplier nanos;
  private final String things;
  private final long started;
  private long last;
  private boolean drawn;

  /// @param shown whether a person is there to see it
  public ProgressLine(PrintStream err, boolean shown, LongSupplier nanos) {
    this(err, shown, nanos, "rows");
  }

  /// @param things what is counted: `rows`
  private ProgressLine(PrintStream err, boolean shown, LongSupplier nanos, String things) {
    this.err = err;
    this.shown = shown;
    this.nanos = nanos;
    this.things = things;
    this.started = nanos.getAsLong();
    this.last = started + DELAY_NANOS - EVERY_NANOS;
  }

  /// For the person who made this call, if there is one.
  ///
  /// @param things what is counted: `pages`
  public static ProgressLine of(Invocation call, String things) {
    return new ProgressLine(
        call.session().err(), call.terminal().err() && !call.quiet(), System::nanoTime, things);
  }

  /// Says how far it is.
  ///
  /// @param done from 0 to 1
  public void at(long count, double done) {
    if (!shown) {
      return;
    }
    long now = nanos.getAsLong();
    if (now - last < EVERY_NANOS) {
      return;
    }
    last = now;
    drawn = true;
    err.print("\r" + text(count, done, (now - started) / NANOS) + "\u001b[K");
    err.flush();
  }

  private String text(long count, double done, double seconds) {
    String rate = HumanFormat.grouped(Math.round(count / seconds)) + " " + things + "/s";
    String text = HumanFormat.grouped(count) + " " + things + ", " + rate;
    if (done <= 0) {
      return text;
    }
    long left = Math.round(seconds / done - seconds);
    return text + ", " + (int) (done * 100) + " %, " + HumanFormat.seconds(left) + " left";
  }

  @Override
  public void close() {
    if (drawn) {
      err.print("\r\u001b[K");
      err.flush();
    }
  }
}
