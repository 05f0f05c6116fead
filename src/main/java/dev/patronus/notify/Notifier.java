package dev.patronus.notify;

import static java.lang.System.Logger.Level.WARNING;

import dev.patronus.metrics.Metrics;
import dev.patronus.thread.SupervisedThread;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// Delivers notices by one action, one after the other, on a thread of its own.
///
/// A delivery that fails is tried again after each of [#PAUSES]. At most [#WAITING_MAX] notices
/// wait; further ones are dropped and counted. Safe from any thread.
public final class Notifier {
  static final int WAITING_MAX = 1000;

  private static final System.Logger LOG = System.getLogger(Notifier.class.getName());

  /// The pauses before further attempts.
  private static final List<Duration> PAUSES =
      List.of(Duration.ofSeconds(2), Duration.ofSeconds(10), Duration.ofSeconds(60));

  private final Action action;
  private final Metrics metrics;
  private final BlockingQueue<Notice> waiting = new LinkedBlockingQueue<>(WAITING_MAX);
  private final SupervisedThread thread;

  /// Starts the thread.
  public Notifier(Action action, Metrics metrics) {
    this.action = Objects.requireNonNull(action, "action");
    this.metrics = metrics;
    this.thread =
        SupervisedThread.startVirtual("alert " + action.name(), metrics, this::deliverAll);
  }

  /// Queues a notice for delivery.
  public void send(Notice notice) {
    if (!waiting.offer(notice)) {
      count("dropped");
      LOG.log(WARNING, "too many notices wait for " + action.name() + "; one was dropped");
    }
  }

  private void count(String result) {
    metrics.counter("alert_notices", "action", action.name(), "result", result).increment();
  }

  private void deliverAll() throws InterruptedException {
    while (true) {
      deliver(waiting.take());
    }
  }

  private void deliver(Notice notice) throws InterruptedException {
    for (int attempt = 0; ; attempt++) {
      try {
        action.deliver(notice);
        count("delivered");
        return;
      } catch (IOException e) {
        boolean last = attempt == PAUSES.size();
        count(last ? "failed" : "retried");
        LOG.log(
            WARNING,
            "the notice of alert "
                + notice.rule().name()
                + " was not delivered by "
                + action.name()
                + " ("
                + action.target()
                + "): "
                + e.getMessage()
                + (last ? "; it is given up" : "; it is retried"));
        if (last) {
          return;
        }
        Thread.sleep(PAUSES.get(attempt));
      }
    }
  }

  /// Ends the thread; a process or request under way is ended, and what waits is dropped.
  public void stop() {
    thread.stop();
  }
}
