package dev.patronus.daemon.source;

import dev.patronus.daemon.process.Log;
import dev.patronus.flow.FlowSink;
import dev.patronus.metrics.Counter;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.Health;
import dev.patronus.source.Source;
import dev.patronus.source.UnreadableInput;
import dev.patronus.thread.SupervisedThread;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Supervises one source: starts it, and restarts it with back-off when it fails, independent of
/// the others.
///
/// Safe from any thread. Its own thread waits for the end of the source; it owns the source and
/// closes it.
public final class SourceSupervisor implements AutoCloseable {
  static final Duration FIRST_WAIT = Duration.ofSeconds(1);
  static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

  private final Source source;
  private final FlowSink sink;
  private final Metrics metrics;
  private final Log log;
  private final Runnable onEnd;
  private volatile Health health = new Health.Idle();
  private volatile boolean closing;
  private volatile boolean closeFailed;
  private volatile long startedNanos;
  private @Nullable SupervisedThread thread;

  /// @param onEnd is called once when the source has ended
  SourceSupervisor(Source source, FlowSink sink, Metrics metrics, Log log, Runnable onEnd) {
    this.source = source;
    this.sink = sink;
    this.metrics = metrics;
    this.log = log;
    this.onEnd = onEnd;
    var _ = failures();
    var _ = metrics.counter("source_sync_failed", "source", source.name());
  }

  private Counter failures() {
    return metrics.counter("source_failures", "source", source.name());
  }

  public String name() {
    return source.name();
  }

  public Source source() {
    return source;
  }

  public Health health() {
    return health;
  }

  /// Starts the source; one that cannot start is retried on its own thread.
  void start() {
    tryStart();
    thread = SupervisedThread.startVirtual("supervisor " + source.name(), metrics, this::watch);
  }

  private boolean tryStart() {
    try {
      startedNanos = System.nanoTime();
      source.start(sink);
      health = source.health();
      log.info("source " + source.name() + " is open");
      log.over(trouble(), "source " + source.name() + " works again");
      return true;
    } catch (UnreadableInput e) {
      health = new Health.Unreadable(e.getMessage());
      return false;
    } catch (IOException | RuntimeException e) {
      failed(String.valueOf(e.getMessage()));
      return false;
    }
  }

  private String trouble() {
    return "source " + source.name();
  }

  private void failed(String reason) {
    health = new Health.Failed(reason);
    failures().increment();
    log.trouble(trouble(), "source " + source.name() + " failed: " + reason + "; it is retried");
  }

  private void watch() throws InterruptedException {
    Duration wait = FIRST_WAIT;
    while (!closing) {
      boolean running = !(health instanceof Health.Failed);
      Health end = running && !isOver(health) ? source.awaitEnd() : health;
      if (closing || isOver(end)) {
        finish(end);
        return;
      }
      if (running && end instanceof Health.Failed(String reason)) {
        failed(reason);
        wait = hasRunFor(LONGEST_WAIT) ? FIRST_WAIT : wait;
      }
      closeSource();
      Thread.sleep(wait);
      wait = wait.multipliedBy(2).compareTo(LONGEST_WAIT) < 0 ? wait.multipliedBy(2) : LONGEST_WAIT;
      if (!closing) {
        tryStart();
      }
    }
  }

  private static boolean isOver(Health health) {
    return switch (health) {
      case Health.Ended _, Health.Unreadable _, Health.Idle _ -> true;
      case Health.Running _, Health.Failed _ -> false;
    };
  }

  /// A source that fails right after opening is retried with back-off, too.
  private boolean hasRunFor(Duration time) {
    return System.nanoTime() - startedNanos >= time.toNanos();
  }

  private void finish(Health end) {
    health = end;
    if (closing) {
      return;
    }
    switch (end) {
      case Health.Ended(String remark) ->
          over("source " + source.name() + " has ended" + (remark.isEmpty() ? "" : ": " + remark));
      case Health.Unreadable(String reason) -> {
        failures().increment();
        log.error("source " + source.name() + " cannot be read: " + reason);
        onEnd.run();
      }
      case Health.Idle _, Health.Running _, Health.Failed _ -> {}
    }
  }

  private void over(String message) {
    log.info(message);
    onEnd.run();
  }

  /// Stops the source, and delivers what it has received.
  @Override
  public void close() {
    closing = true;
    closeSource();
    if (thread != null) {
      thread.stop();
    }
  }

  /// Closes the source; a failure is logged and must not affect anything else.
  private void closeSource() {
    try {
      source.close();
    } catch (RuntimeException e) {
      closeFailed = true;
      log.warn("source " + source.name() + " could not be closed: " + e);
    }
  }

  /// Whether something failed when the source was closed.
  boolean closeFailed() {
    return closeFailed;
  }
}
