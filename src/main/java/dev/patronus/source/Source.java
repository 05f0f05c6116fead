package dev.patronus.source;

import dev.patronus.flow.FlowSink;
import java.io.IOException;

/// One place that records come from: a UDP port, a capture, the kernel's own table.
///
/// A source runs on threads of its own, named for it. It never retries by itself: when its
/// [#health] turns to [Health.Failed], its supervisor closes it and may start it again. What it has
/// learned (templates, baselines) outlives that.
///
/// ```java
/// source.start(sink);
/// Health health = source.awaitEnd(); // Ended: nothing more will come. Failed: close, wait, start.
/// ```
///
/// Safe from any thread.
public interface Source extends AutoCloseable {
  /// What messages and metrics call it: its URI without options, `netflow://127.0.0.1:2055`.
  String name();

  /// Opens the input and begins to hand records to `sink`; returns as soon as nothing that arrives
  /// from now on can be missed.
  ///
  /// @throws IOException that says what could not be opened and what to do about it; the source is
  ///   then as if it had not been started
  /// @throws IllegalStateException if it is running
  void start(FlowSink sink) throws IOException;

  /// What it is doing at this moment.
  Health health();

  /// When its thread last turned, by [System#nanoTime]; `now` for a source that may rightly wait
  /// for its input as long as that takes, and for one that has just been started.
  default long tickNanos(long now) {
    return now;
  }

  /// Waits while it is running, and says how that ended; at once if it is not running.
  Health awaitEnd() throws InterruptedException;

  /// Brings to the disk what it has written about records that were counted, before a snapshot that
  /// has them is saved. A source that writes nothing does nothing.
  ///
  /// @throws IOException if that fails; a power cut then costs what it could have told
  default void sync() throws IOException {}

  /// Stops the input, hands on what has already been received, and releases what was opened. After
  /// it no record comes. Closing what is closed, or was never started, does nothing.
  @Override
  void close();
}
