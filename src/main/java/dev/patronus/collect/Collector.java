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

/// The one writer of the books: takes batches of records from the sources and questions from
/// anybody, one after the other.
///
/// ```
/// source thread --> Sink (64 records) --> hand-over (64 batches)  --\
/// source thread --> Sink (64 records) --> hand-over --------------- collector's thread --> Accounting
/// any thread    --> ask (1024 questions) ---------------------------/
/// ```
///
/// A source waits when the hand-over is full; a question waits for those before it, and for some
/// batches between two of them. Nothing that asks can make the collector wait. [#run] is the loop;
/// the owner runs it in a thread of its own, stops the sources, then calls [#stop], and the loop
/// ends when all that was handed over is counted.
public final class Collector implements Runnable {
  /// Records of a batch.
  static final int BATCH = 64;

  /// What waits here has to fit into the young generation's survivor space (0.5 MB of a small heap)
  /// with each collection: more of it, at full blast, is taken for old, and the heap grows to its
  /// limit. Who has to wait longer waits in the kernel's buffer.
  private static final int HAND_OVER = 64;

  private static final int REQUESTS_MAX = 1024;

  /// So many batches are counted between two questions, if they are there: questions in any number
  /// leave the collector counting.
  private static final int BATCHES_PER_REQUEST = 16;

  private static final long IDLE_MILLIS = 500;

  /// How long an answer is waited for. A collector that takes longer hangs.
  private static final long ANSWER_SECONDS = 30;

  /// What a source hands over at once: the first `count` of these.
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

  private static final Batch NOTHING = new Batch(new FlowRecord[0], 0, null);

  private final TrafficAccounting accounting;
  private final LongSupplier nanoClock;
  private final BlockingQueue<Batch> handOver = new ArrayBlockingQueue<>(HAND_OVER);
  private final Queue<Request<?>> requests = new ConcurrentLinkedQueue<>();
  private final AtomicInteger pendingRequests = new AtomicInteger();
  private final Counter sourceWaits;
  private final Counter recordsLost;
  private final Counter requestsRefused;
  private volatile boolean stopping;
  private volatile boolean ended;
  private volatile Thread runner;
  private volatile long stepNanos = System.nanoTime();

  /// @param nanoClock the monotonic clock, read once a batch
  public Collector(TrafficAccounting accounting, LongSupplier nanoClock, Metrics metrics) {
    this.accounting = accounting;
    this.nanoClock = nanoClock;
    sourceWaits = metrics.counter("collector_source_waits");
    recordsLost = metrics.counter("records_lost", "reason", "collector_ended");
    requestsRefused = metrics.counter("collector_questions_refused");
    metrics.gauge("collector_batches_waiting", handOver::size);
  }

  /// A slot for one source. It is for one thread at a time; what it has staged is handed over when
  /// 64 records are, or when the source flushes.
  ///
  /// @param source its name, by which it finds in a later run how far it has come
  public FlowSink sink(String source) {
    return new StagingSink(this, new CountingProgress(source));
  }

  /// The slot of one input of a source, with a progress of its own and a digest over its records.
  FlowSink input(String name) {
    return new StagingSink(this, new CountingProgress(name, true));
  }

  /// Whether nothing more will be counted.
  boolean hasEnded() {
    return ended;
  }

  /// Puts a batch into the hand-over, waiting for room as long as the collector runs; after that it
  /// is lost, and counted so. An interrupt waits, too: whoever stops a source wants what it has.
  void handOver(FlowRecord[] records, int count, CountingProgress progress) {
    Batch batch = new Batch(records, count, progress);
    if (!handOver.offer(batch)) {
      sourceWaits.increment();
      offerUntilEnded(batch);
    }
    if (ended && handOver.remove(batch)) {
      recordsLost.add(count);
    }
  }

  private void offerUntilEnded(Batch batch) {
    boolean interrupted = false;
    boolean taken = false;
    while (!taken && !ended) {
      try {
        taken = handOver.offer(batch, IDLE_MILLIS, TimeUnit.MILLISECONDS);
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

  /// Has the collector answer a question between two batches, and waits for the answer.
  ///
  /// Safe from any thread. What the question throws comes out here.
  ///
  /// @throws IllegalStateException if the collector has ended or hangs, or too many questions are
  ///   waiting; then the question is not asked any more
  public <T> T call(Function<TrafficAccounting, T> work) {
    if (Thread.currentThread() == runner) {
      return work.apply(accounting);
    }
    if (pendingRequests.incrementAndGet() > REQUESTS_MAX) {
      pendingRequests.decrementAndGet();
      requestsRefused.increment();
      throw new IllegalStateException("too many questions are waiting for the collector");
    }
    Request<T> asked = new Request<>(work);
    requests.add(asked);
    handOver.offer(NOTHING); // wakes an idle collector; a full hand-over needs no waking
    if (ended) {
      refuseRequests();
    }
    return asked.await();
  }

  /// @param begun whether the collector has taken it, or nobody waits for it any more
  private record Request<T>(
      Function<TrafficAccounting, T> work, CompletableFuture<T> answer, AtomicBoolean begun) {
    Request(Function<TrafficAccounting, T> work) {
      this(work, new CompletableFuture<>(), new AtomicBoolean());
    }

    void answer(TrafficAccounting accounting) {
      if (!begun.compareAndSet(false, true)) {
        return; // nobody waits for it any more
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
        throw rethrowable(e.getCause());
      } catch (TimeoutException | InterruptedException e) {
        return giveUp(e);
      }
    }

    /// What has begun ends soon; what has not will not begin.
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
        throw rethrowable(failed.getCause());
      }
    }

    private static RuntimeException rethrowable(Throwable cause) {
      return switch (cause) {
        case RuntimeException known -> known;
        case Error error -> throw error;
        default -> new IllegalStateException(cause);
      };
    }
  }

  /// Counts and answers until [#stop] is called and everything is counted.
  @Override
  public void run() {
    runner = Thread.currentThread();
    try {
      while (!(stopping && handOver.isEmpty())) {
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

  /// When the loop last turned, by [System#nanoTime]; twice a second at least, unless it hangs.
  /// Safe from any thread.
  public long stepNanos() {
    return stepNanos;
  }

  private void step() {
    stepNanos = System.nanoTime();
    boolean asked = answerRequest();
    Batch batch = handOver.poll();
    if (batch == null && accounting.tidy(nanoClock.getAsLong()) && !asked) {
      batch = awaitBatch();
    }
    for (int i = 1; batch != null && i < BATCHES_PER_REQUEST; i++) {
      count(batch);
      batch = handOver.poll();
    }
    count(batch);
  }

  private Batch awaitBatch() {
    try {
      return handOver.poll(IDLE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      stopping = true; // an interrupt asks for the end, and nothing handed over is lost
      return null;
    }
  }

  private void count(Batch batch) {
    if (batch != null && batch.count > 0) {
      accounting.count(batch.records, batch.count, batch.progress, nanoClock.getAsLong());
    }
  }

  /// Counts what came in between the last look and the end.
  private void countRest() {
    for (Batch batch = handOver.poll(); batch != null; batch = handOver.poll()) {
      count(batch);
    }
  }

  /// Answers the question that waits longest.
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

  /// Lets the loop end when all that was handed over is counted. Safe from any thread.
  public void stop() {
    stopping = true;
    handOver.offer(NOTHING);
  }
}
