package dev.patronus.cli.watch;

import dev.patronus.cli.command.Invocation;
import java.io.IOException;
import java.time.Duration;

/// The rhythm of a watch: reads, waits for the rest of the interval, and reads again.
///
/// Readings keep to the interval on a clock that never jumps; those that would come late are left
/// out. It ends after a number of readings, by a signal, a key, or an interrupt of its thread,
/// which is left set. Confined to one thread.
final class WatchLoop {
  /// What is done at each reading.
  interface Body {
    void read() throws IOException;

    /// The window has another size.
    void resized() throws IOException;
  }

  private final Invocation call;
  private final Duration interval;
  private final long readingsMax;

  WatchLoop(Invocation call, Duration interval, long readingsMax) {
    this.call = call;
    this.interval = interval;
    this.readingsMax = readingsMax;
  }

  /// @param screen whether a screen is drawn, at which keys are typed
  void run(boolean screen, Body body) throws IOException {
    try (WatchSignals signals = new WatchSignals(screen);
        WatchKeys keys = WatchKeys.of(call, screen)) {
      long next = System.nanoTime();
      for (long count = 1; !Thread.currentThread().isInterrupted(); count++) {
        body.read();
        if (count == readingsMax || Thread.currentThread().isInterrupted()) {
          return;
        }
        if (count == 1) {
          keys.listen(); // somebody who leaves has seen something
        }
        next = after(next);
        rest(next, body, signals);
      }
    }
  }

  /// The next due time that is not over yet.
  private long after(long due) {
    long every = interval.toNanos();
    long late = Math.max(0, System.nanoTime() - due);
    return due + (late / every + 1) * every;
  }

  /// Waits for the next reading; a window of another size is drawn at once.
  private static void rest(long until, Body body, WatchSignals signals) throws IOException {
    try {
      for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
        if (signals.awaitResize(left)) {
          body.resized();
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
