package dev.patronus.output.file;

import dev.patronus.output.row.Batch;
import dev.patronus.output.row.RowWriter;
import dev.patronus.thread.ThreadEnd;
import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/// Encodes batches on a thread of its own, so that the next rows are read while the last ones are
/// written.
///
/// Batches go round: taken empty with [#next()], handed over full with [#put]. [#BATCHES] of them
/// are all there are, so the faster side waits. The writer and its stream belong to the encoder's
/// thread from the start until [#finish()] returns. What fails there is thrown by the call that
/// comes next.
///
/// Confined to the thread that made it, the encoding aside.
public final class Encoder implements AutoCloseable {
  private static final int BATCHES = 4;

  private final RowWriter writer;
  private final int columns;
  private final BlockingQueue<Batch> empty = new ArrayBlockingQueue<>(BATCHES);
  private final BlockingQueue<Batch> full = new ArrayBlockingQueue<>(BATCHES + 1);
  private final Batch end = new Batch(0);
  private final Thread thread = new Thread(this::encodeAll, "patronus-encoder");
  private int made;
  private volatile boolean abandoned;
  private volatile @Nullable Throwable failure;

  public Encoder(RowWriter writer, int columns) {
    this.writer = writer;
    this.columns = columns;
  }

  public void start() {
    thread.setDaemon(true);
    thread.start();
  }

  /// An empty batch.
  ///
  /// @throws IOException if writing failed
  public Batch next() throws IOException {
    if (made < BATCHES && empty.isEmpty()) {
      made++;
      return new Batch(columns);
    }
    Batch batch = take(empty);
    check();
    batch.clear();
    return batch;
  }

  /// Hands over a batch that [#next()] gave.
  ///
  /// @throws IOException if writing failed
  public void put(Batch batch) throws IOException {
    check();
    add(full, batch);
  }

  /// Waits until all is written and the writer has made the output whole.
  ///
  /// @throws IOException if writing failed
  public void finish() throws IOException {
    add(full, end);
    join();
    check();
  }

  private void check() throws IOException {
    switch (failure) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable t -> throw new IllegalStateException(t);
    }
  }

  private void encodeAll() {
    try {
      Batch batch = take(full);
      while (batch != end) {
        batch.writeTo(writer);
        add(empty, batch);
        batch = take(full);
      }
      if (!abandoned) {
        writer.finish();
      }
    } catch (Throwable t) { // whatever it is, it is thrown where somebody can handle it
      failure = t;
      returnAll();
    }
  }

  /// Gives back what is queued, so that a thread that waits for an empty batch wakes up and sees
  /// the failure.
  private void returnAll() {
    full.clear();
    boolean nobodyWaits = !empty.offer(new Batch(0));
    assert !nobodyWaits || empty.remainingCapacity() == 0;
  }

  private static void add(BlockingQueue<Batch> queue, Batch batch) {
    if (!queue.offer(batch)) {
      throw new IllegalStateException("more batches than there are");
    }
  }

  private static Batch take(BlockingQueue<Batch> queue) {
    try {
      return queue.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private void join() {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /// Ends the thread, if [#finish()] has not; then the output stays as unfinished as it is.
  @Override
  public void close() {
    if (thread.isAlive()) {
      abandoned = true;
      full.clear();
      add(full, end);
      ThreadEnd.await(thread); // nothing may be written behind what comes next
    }
  }
}
