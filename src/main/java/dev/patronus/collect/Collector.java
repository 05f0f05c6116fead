package dev.patronus.collect;

import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.FlowSink;
import dev.patronus.metrics.Counter;
import dev.patronus.metrics.Metrics;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Gives threads their turns at the accounting: a source's thread counts its own records, and the
/// collector's thread runs the requests of all other threads, one at a time, while nobody counts.
///
/// ```
/// source thread --> sink (64 records) --> lock of its flow table --------> TrafficAccounting
/// source thread --> sink (64 records) --> lock of its flow table ------/
/// any thread    --> call (1024 requests) --> collector's thread, all locks
/// ```
///
/// Sources that share a flow table wait for each other, and for a request; the locks are fair, so
/// that a source at its limit lets requests in. Requests take at most half of the time while
/// sources wait. No caller can make the collector's thread wait. [#run] is its loop, which also
/// cleans up the tables of sources that are idle; the owner runs it on a separate thread, stops the
/// sources, then calls [#stop].
public final class Collector implements Runnable {
  private static final int REQUESTS_MAX = 1024;

  /// How long the loop waits for requests when there is nothing to clean up.
  private static final long IDLE_MILLIS = 500;

  /// How long it waits where a source came in between the cleaning up.
  private static final long TIDY_PAUSE_MILLIS = 10;

  /// The longest pause between two requests while sources wait, in nanoseconds.
  private static final long PAUSE_MAX = 10_000_000;

  /// How often a source looks whether another one has counted its batch before it sleeps.
  private static final int SPINS = 1000;

  /// The timeout of a request, in seconds; a collector that takes longer is stuck.
  private static final long ANSWER_SECONDS = 30;

  private static final Request<?> NOTHING = new Request<>(_ -> true);

  private final TrafficAccounting accounting;
  private final LongSupplier nanoClock;
  private final ReentrantLock[] locks;
  private final BlockingQueue<Request<?>> requests = new LinkedBlockingQueue<>(REQUESTS_MAX);
  private final Counter sourceWaits;
  private final Counter recordsLost;
  private final Counter requestsRefused;
  private long waitMillis;
  private volatile boolean stopping;
  private volatile boolean ended;
  private volatile @Nullable Thread runner;
  private volatile long stepNanos = System.nanoTime();

  /// @param nanoClock the monotonic clock, read once a batch
  public Collector(TrafficAccounting accounting, LongSupplier nanoClock, Metrics metrics) {
    this.accounting = accounting;
    this.nanoClock = nanoClock;
    locks = new ReentrantLock[accounting.shards()];
    for (int i = 0; i < locks.length; i++) {
      locks[i] = new ReentrantLock(true);
    }
    sourceWaits = metrics.counter("collector_source_waits");
    recordsLost = metrics.counter("records_lost", "reason", "collector_ended");
    requestsRefused = metrics.counter("collector_questions_refused");
  }

  /// Creates the sink for a receiving thread of a source. For one thread at a time; records are
  /// counted in batches of 64, or when the source flushes.
  ///
  /// @param source its name, by which its progress is found in a later run
  /// @param receiver its number, from 0 on; those of the same number share a flow table
  public FlowSink sink(String source, int receiver) {
    return new StagingSink(this, receiver % locks.length, new CountingProgress(source));
  }

  /// Whether the collector has ended and counts nothing more.
  boolean hasEnded() {
    return ended;
  }

  /// Counts a batch on the calling thread; waits for its turn, also if it is interrupted. After the
  /// end the batch is lost, and counted as lost.
  ///
  /// @param commit whether all that was counted into the table so far must survive the process
  void count(
      int shard, FlowRecord[] records, int count, CountingProgress progress, boolean commit) {
    ReentrantLock lock = locks[shard];
    if (!tryLock(lock)) {
      sourceWaits.increment();
      lock.lock();
    }
    try {
      if (ended) {
        recordsLost.add(count);
      } else {
        accounting.count(shard, records, count, progress, nanoClock.getAsLong());
        if (commit) {
          accounting.commit(shard);
        }
      }
    } catch (RuntimeException | Error e) {
      ended = true; // what the accounting has is not known any more
      throw e;
    } finally {
      lock.unlock();
    }
  }

  /// Takes the lock when it becomes free within some microseconds, as long as another source counts
  /// a batch: a thread that sleeps instead takes longer to wake. Passes nobody who waits.
  private static boolean tryLock(ReentrantLock lock) {
    for (int i = 0; i < SPINS && !lock.hasQueuedThreads(); i++) {
      if (lock.tryLock()) {
        return true;
      }
      Thread.onSpinWait();
    }
    return false;
  }

  /// Runs work on the collector's thread while nobody counts, and waits for the result.
  ///
  /// Safe from any thread. Exceptions of the work are thrown here.
  ///
  /// @throws IllegalStateException if the collector has ended or is stuck, or too many requests are
  ///   pending; then the work is cancelled
  public <T> T call(Function<TrafficAccounting, T> work) {
    if (Thread.currentThread() == runner) {
      return work.apply(accounting);
    }
    Request<T> asked = new Request<>(work);
    if (!requests.offer(asked)) {
      requestsRefused.increment();
      throw new IllegalStateException("too many requests are pending for the collector");
    }
    if (ended) {
      refuseRequests();
    }
    return asked.await();
  }

  /// @param begun whether the collector has started it, or the caller has given up
  private record Request<T>(
      Function<TrafficAccounting, T> work, CompletableFuture<T> answer, AtomicBoolean begun) {
    Request(Function<TrafficAccounting, T> work) {
      this(work, new CompletableFuture<>(), new AtomicBoolean());
    }

    void answer(TrafficAccounting accounting) {
      if (!begun.compareAndSet(false, true)) {
        return; // the caller has given up
      }
      try {
        answer.complete(work.apply(accounting));
      } catch (RuntimeException e) {
        answer.completeExceptionally(e);
      } catch (Error e) {
        answer.completeExceptionally(e);
        throw e;
      }
    }

    T await() {
      try {
        return answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        throw rethrowable(e);
      } catch (TimeoutException | InterruptedException e) {
        return giveUp(e);
      }
    }

    /// Waits for work that has started, which ends soon; cancels work that has not.
    private T giveUp(Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      if (begun.compareAndSet(false, true)) {
        throw new IllegalStateException("the collector does not answer", e);
      }
      try {
        return answer.join();
      } catch (CompletionException failed) {
        throw rethrowable(failed);
      }
    }

    private static RuntimeException rethrowable(Exception failed) {
      return switch (failed.getCause()) {
        case RuntimeException known -> known;
        case Error error -> throw error;
        case null, default -> new IllegalStateException(failed);
      };
    }
  }

  /// Runs requests, and cleans up idle tables, until [#stop] is called and all requests are
  /// answered.
  @Override
  public void run() {
    runner = Thread.currentThread();
    try {
      while (!ended && !(stopping && requests.isEmpty())) {
        step();
      }
    } finally {
      end();
    }
  }

  private void end() {
    lockAll();
    ended = true; // and nobody counts after this
    unlockAll();
    runner = null;
    refuseRequests();
  }

  /// When the loop last ran, by [System#nanoTime]; at least twice a second, unless it is stuck.
  /// Safe from any thread.
  public long stepNanos() {
    return stepNanos;
  }

  private void step() {
    stepNanos = System.nanoTime();
    Request<?> asked = nextRequest();
    if (asked == null) {
      waitMillis = tidy() ? IDLE_MILLIS : TIDY_PAUSE_MILLIS;
    } else {
      answer(asked);
      waitMillis = 0;
    }
  }

  private @Nullable Request<?> nextRequest() {
    try {
      return requests.poll(waitMillis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      stopping = true; // an interrupt requests the end
      return null;
    }
  }

  /// Runs a request while nobody counts, then leaves as much time to the sources that have waited.
  private void answer(Request<?> asked) {
    lockAll();
    long began = System.nanoTime();
    boolean sourcesWait = false;
    try {
      accounting.commit();
      asked.answer(accounting);
      for (ReentrantLock lock : locks) {
        sourcesWait |= lock.hasQueuedThreads();
      }
    } finally {
      unlockAll();
    }
    if (sourcesWait) {
      LockSupport.parkNanos(Math.min(System.nanoTime() - began, PAUSE_MAX));
    }
  }

  private void lockAll() {
    for (ReentrantLock lock : locks) {
      lock.lock();
    }
  }

  private void unlockAll() {
    for (ReentrantLock lock : locks) {
      lock.unlock();
    }
  }

  /// Cleans up each table that nobody counts into, until somebody waits; what is counted into
  /// cleans up with each batch.
  ///
  /// @return whether nothing is left to do for the moment
  private boolean tidy() {
    boolean settled = true;
    for (int shard = 0; shard < locks.length; shard++) {
      settled &= tidy(shard);
    }
    return settled;
  }

  private boolean tidy(int shard) {
    ReentrantLock lock = locks[shard];
    if (!lock.tryLock()) {
      return false;
    }
    try {
      boolean settled;
      do {
        settled = accounting.tidy(shard, nanoClock.getAsLong());
      } while (!settled && !lock.hasQueuedThreads() && requests.isEmpty());
      return settled;
    } finally {
      lock.unlock();
    }
  }

  private void refuseRequests() {
    for (Request<?> asked = requests.poll(); asked != null; asked = requests.poll()) {
      asked.answer().completeExceptionally(new IllegalStateException("the collector has ended"));
    }
  }

  /// Requests the end of the loop; records of sources that were not stopped before are lost. Safe
  /// from any thread.
  public void stop() {
    stopping = true;
    requests.offer(NOTHING); // wakes an idle loop, and commits
  }
}
