package dev.patronus.collect;

import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.FlowSink;
import dev.patronus.metrics.Counter;
import dev.patronus.metrics.Metrics;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The only thread that updates the accounting: processes record batches from the sources and
/// requests from other threads, one at a time.
///
/// ```
/// source thread --> Sink (64 records) --> hand-over (64 batches)  --\
/// source thread --> Sink (64 records) --> hand-over --------------- collector's thread --> TrafficAccounting
/// any thread    --> call (1024 requests) ---------------------------/
/// ```
///
/// A source waits while the hand-over queue is full; a request waits for the requests before it,
/// and for some batches between two of them. No caller can make the collector wait. [#run] is the
/// loop; the owner runs it on a separate thread, stops the sources, then calls [#stop], and the
/// loop ends when all records that were handed over are counted.
public final class Collector implements Runnable {
  /// The number of records of a batch.
  static final int BATCH = 64;

  /// The capacity of the hand-over queue, in batches. Its content must fit into the young
  /// generation's survivor space (0.5 MB of a small heap): more, at full load, is promoted to the
  /// old generation, and the heap grows to its limit. Further records wait in the kernel's buffer.
  private static final int QUEUE_CAPACITY = 64;

  private static final int REQUESTS_MAX = 1024;

  /// The number of batches that are counted between two requests, if available, so that no number
  /// of requests stops the counting.
  private static final int BATCHES_PER_REQUEST = 16;

  private static final long IDLE_MILLIS = 500;

  /// The timeout of a request, in seconds; a collector that takes longer is stuck.
  private static final long ANSWER_SECONDS = 30;

  /// A batch of records of one source: the first `count` of the array.
  private static final class Batch {
    private final FlowRecord[] records;
    private final int count;
    private final CountingProgress progress;

    Batch(FlowRecord[] records, int count, CountingProgress progress) {
      this.records = records;
      this.count = count;
      this.progress = progress;
    }
  }

  private static final Batch NOTHING = new Batch(new FlowRecord[0], 0, new CountingProgress(""));

  private final TrafficAccounting accounting;
  private final LongSupplier nanoClock;
  private final BlockingQueue<Batch> queue = new ArrayBlockingQueue<>(QUEUE_CAPACITY);
  private final Queue<Request<?>> requests = new ConcurrentLinkedQueue<>();
  private final AtomicInteger pendingRequests = new AtomicInteger();
  private final Counter sourceWaits;
  private final Counter recordsLost;
  private final Counter requestsRefused;
  private volatile boolean stopping;
  private volatile boolean ended;
  private volatile @Nullable Thread runner;
  private volatile long stepNanos = System.nanoTime();

  /// @param nanoClock the monotonic clock, read once a batch
  public Collector(TrafficAccounting accounting, LongSupplier nanoClock, Metrics metrics) {
    this.accounting = accounting;
    this.nanoClock = nanoClock;
    sourceWaits = metrics.counter("collector_source_waits");
    recordsLost = metrics.counter("records_lost", "reason", "collector_ended");
    requestsRefused = metrics.counter("collector_questions_refused");
    metrics.gauge("collector_batches_waiting", queue::size);
  }

  /// Creates the sink for one source. For one thread at a time; staged records are handed over in
  /// batches of 64, or when the source flushes.
  ///
  /// @param source its name, by which its progress is found in a later run
  public FlowSink sink(String source) {
    return new StagingSink(this, new CountingProgress(source));
  }

  /// Creates the sink for one input of a source, with its own progress and a digest over its
  /// records.
  FlowSink input(String name) {
    return new StagingSink(this, new CountingProgress(name, true));
  }

  /// Whether the collector has ended and counts nothing more.
  boolean hasEnded() {
    return ended;
  }

  /// Puts a batch into the hand-over queue; waits for space while the collector runs. After its end
  /// the batch is lost, and counted as lost. An interrupt is deferred, because the records of a
  /// source that is being stopped are still wanted.
  void submit(FlowRecord[] records, int count, CountingProgress progress) {
    Batch batch = new Batch(records, count, progress);
    if (!queue.offer(batch)) {
      sourceWaits.increment();
      offerUntilEnded(batch);
    }
    if (ended && queue.remove(batch)) {
      recordsLost.add(count);
    }
  }

  private void offerUntilEnded(Batch batch) {
    boolean interrupted = false;
    boolean taken = false;
    while (!taken && !ended) {
      try {
        taken = queue.offer(batch, IDLE_MILLIS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (!taken) {
      recordsLost.add(batch.count);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /// Runs work on the collector's thread between two batches, and waits for the result.
  ///
  /// Safe from any thread. Exceptions of the work are thrown here.
  ///
  /// @throws IllegalStateException if the collector has ended or is stuck, or too many requests are
  ///   pending; then the work is cancelled
  public <T> T call(Function<TrafficAccounting, T> work) {
    if (Thread.currentThread() == runner) {
      return work.apply(accounting);
    }
    if (pendingRequests.incrementAndGet() > REQUESTS_MAX) {
      pendingRequests.decrementAndGet();
      requestsRefused.increment();
      throw new IllegalStateException("too many requests are pending for the collector");
    }
    Request<T> asked = new Request<>(work);
    requests.add(asked);
    queue.offer(NOTHING); // wakes an idle collector; a full queue needs no wake-up
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

  /// Counts batches and runs requests until [#stop] is called and everything is counted.
  @Override
  public void run() {
    runner = Thread.currentThread();
    try {
      while (!(stopping && queue.isEmpty())) {
        step();
      }
      while (answerRequest()) {}
    } finally {
      ended = true;
      refuseRequests();
    }
    countRest();
    runner = null;
  }

  /// When the loop last ran, by [System#nanoTime]; at least twice a second, unless it is stuck.
  /// Safe from any thread.
  public long stepNanos() {
    return stepNanos;
  }

  private void step() {
    stepNanos = System.nanoTime();
    boolean asked = answerRequest();
    Batch batch = queue.poll();
    if (batch == null && accounting.tidy(nanoClock.getAsLong()) && !asked) {
      batch = awaitBatch();
    }
    for (int i = 1; batch != null && i < BATCHES_PER_REQUEST; i++) {
      count(batch);
      batch = queue.poll();
    }
    count(batch);
  }

  private @Nullable Batch awaitBatch() {
    try {
      return queue.poll(IDLE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      stopping = true; // an interrupt requests the end; no record that was handed over is lost
      return null;
    }
  }

  private void count(@Nullable Batch batch) {
    if (batch != null && batch.count > 0) {
      accounting.count(batch.records, batch.count, batch.progress, nanoClock.getAsLong());
    }
  }

  /// Counts the batches that arrived between the last poll and the end.
  private void countRest() {
    for (Batch batch = queue.poll(); batch != null; batch = queue.poll()) {
      count(batch);
    }
  }

  /// Runs the oldest pending request.
  ///
  /// @return whether there was one
  private boolean answerRequest() {
    Request<?> asked = requests.poll();
    if (asked == null) {
      return false;
    }
    pendingRequests.decrementAndGet();
    asked.answer(accounting);
    return true;
  }

  private void refuseRequests() {
    for (Request<?> asked = requests.poll(); asked != null; asked = requests.poll()) {
      pendingRequests.decrementAndGet();
      asked.answer().completeExceptionally(new IllegalStateException("the collector has ended"));
    }
  }

  /// Requests the end of the loop, once all records that were handed over are counted. Safe from
  /// any thread.
  public void stop() {
    stopping = true;
    queue.offer(NOTHING);
  }
}
