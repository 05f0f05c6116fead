package dev.patronus.notify;

import static java.lang.System.Logger.Level.WARNING;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.patronus.metrics.Counter;
import dev.patronus.metrics.Metrics;
import dev.patronus.thread.SupervisedThread;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Delivers notices by one action, one after the other, on a thread of its own.
///
/// A delivery that fails is tried again after each of [#PAUSES]. At most [#WAITING_MAX] notices
/// wait; further ones are dropped and counted. Safe from any thread.
public final class Notifier {
  private static final List<String> RESULTS = List.of("delivered", "retried", "failed", "dropped");

  static final int WAITING_MAX = 1000;

  private static final System.Logger LOG = System.getLogger(Notifier.class.getName());

  /// The pauses before further attempts.
  private static final List<Duration> PAUSES =
      List.of(Duration.ofSeconds(2), Duration.ofSeconds(10), Duration.ofSeconds(60));

  private final Action action;
  private final Metrics metrics;
  private final Deque<Notice> waiting = new ArrayDeque<>();
  private final SupervisedThread thread;
  private final List<Notice> undelivered = new ArrayList<>();
  private @Nullable Notice current;
  private boolean stopping;

  /// Starts the thread.
  public Notifier(Action action, Metrics metrics) {
    this.action = Objects.requireNonNull(action, "action");
    this.metrics = metrics;
    RESULTS.forEach(this::counter);
    this.thread =
        SupervisedThread.startVirtual("alert " + action.name(), metrics, this::deliverAll);
  }

  /// Queues a notice for delivery.
  public void send(Notice notice) {
    if (!isQueued(notice)) {
      count("dropped");
      LOG.log(WARNING, "too many notices wait for " + action.name() + "; one was dropped");
    }
  }

  private synchronized boolean isQueued(Notice notice) {
    if (waiting.size() == WAITING_MAX) {
      return false;
    }
    waiting.add(notice);
    notifyAll();
    return true;
  }

  private void count(String result) {
    counter(result).increment();
  }

  private Counter counter(String result) {
    return metrics.counter("alert_notices", "action", action.name(), "result", result);
  }

  private void deliverAll() throws InterruptedException {
    while (true) {
      if (deliver(next())) {
        end();
      }
    }
  }

  private synchronized Notice next() throws InterruptedException {
    while (waiting.isEmpty()) {
      wait();
    }
    Notice next = waiting.remove();
    current = next;
    return next;
  }

  private synchronized void end() {
    current = null;
    notifyAll();
  }

  /// @return whether it was delivered or given up; else the notifier is being stopped
  private boolean deliver(Notice notice) throws InterruptedException {
    for (int attempt = 0; ; attempt++) {
      try {
        action.deliver(notice);
        count("delivered");
        return true;
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
          return true;
        }
        if (isStoppedWithin(PAUSES.get(attempt))) {
          keep(notice);
          return false;
        }
      }
    }
  }

  /// Waits before a further attempt.
  ///
  /// @return whether the notifier is being stopped, and so there is none
  private synchronized boolean isStoppedWithin(Duration pause) throws InterruptedException {
    long end = System.nanoTime() + pause.toNanos();
    for (long left = pause.toNanos(); !stopping && left > 0; left = end - System.nanoTime()) {
      NANOSECONDS.timedWait(this, left);
    }
    return stopping;
  }

  private synchronized void keep(Notice notice) {
    undelivered.add(notice);
    end();
  }

  /// Delivers what waits, once and within a time, and ends the thread; a process or request that is
  /// under way then is ended.
  ///
  /// @return the notices that were not delivered, oldest first
  public synchronized List<Notice> stop(Duration within) {
    stopping = true;
    notifyAll();
    long end = System.nanoTime() + within.toNanos();
    try {
      long left = within.toNanos();
      for (; !isIdle() && left > 0; left = end - System.nanoTime()) {
        NANOSECONDS.timedWait(this, left);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    thread.stop();
    List<Notice> rest = new ArrayList<>(undelivered);
    if (current != null) {
      rest.add(current);
    }
    rest.addAll(waiting);
    return rest;
  }

  private boolean isIdle() {
    return current == null && waiting.isEmpty();
  }
}
