package dev.patronus.cli.export;

import dev.patronus.cli.command.ProgressLine;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.file.PartQueue;
import dev.patronus.output.file.PartQueue.Part;
import dev.patronus.output.file.PartQueue.Producer;
import dev.patronus.output.file.PartQueue.ProducerFailed;
import dev.patronus.output.row.Batch;
import dev.patronus.output.row.JoinableWriter;
import dev.patronus.output.row.RowWriter;
import dev.patronus.store.scan.RowSlices;
import dev.patronus.store.scan.RowSlices.SliceReader;
import dev.patronus.thread.ThreadEnd;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Rows of an export that several threads read and encode, slice by slice, while the caller writes
/// them in order.
///
/// Confined to the thread that made it, the readers' threads aside.
final class SlicedRows implements AutoCloseable {
  /// More readers than these gain little: one thread writes.
  private static final int THREADS_MAX = 4;

  private final JoinableWriter writer;
  private final int columns;
  private final PartQueue queue = new PartQueue();
  private final List<Thread> threads = new ArrayList<>();

  private SlicedRows(JoinableWriter writer, int columns) {
    this.writer = writer;
    this.columns = columns;
  }

  /// Starts reading, where there is more than one processor and a connection for each; else empty.
  ///
  /// @param writer has begun; gets all rows
  static Optional<SlicedRows> start(
      RowSlices slices, JoinableWriter writer, int columns, int processors) {
    int count = Math.min(processors, THREADS_MAX);
    List<SliceReader> readers = new ArrayList<>();
    Optional<SliceReader> reader = count > 1 ? slices.reader() : Optional.empty();
    while (reader.isPresent()) {
      readers.add(reader.get());
      reader = readers.size() < count ? slices.reader() : Optional.empty();
    }
    if (readers.size() < 2) {
      readers.forEach(SliceReader::close);
      return Optional.empty();
    }
    SlicedRows rows = new SlicedRows(writer, columns);
    readers.forEach(rows::start);
    return Optional.of(rows);
  }

  private void start(SliceReader reader) {
    Producer producer = queue.producer();
    Thread thread =
        new Thread(() -> readAll(reader, producer), "patronus-export-" + threads.size());
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  private void readAll(SliceReader reader, Producer producer) {
    try (reader;
        producer) {
      RowWriter part = writer.part(producer);
      Batch batch = new Batch(columns);
      for (long slice = reader.next(); slice >= 0; slice = reader.next()) {
        producer.begin(slice);
        producer.endSlice(read(reader, batch, part), reader.done());
      }
    } catch (Throwable t) { // thrown where somebody can handle it
      queue.fail(t);
    }
  }

  private static long read(SliceReader reader, Batch batch, RowWriter part) throws IOException {
    long rows = 0;
    batch.clear();
    while (reader.fill(batch)) {
      if (Thread.currentThread().isInterrupted()) {
        throw new UserError(ExitCode.INTERRUPTED, "interrupted");
      }
      batch.writeTo(part);
      rows += batch.rows();
      batch.clear();
    }
    part.finish();
    return rows;
  }

  /// Writes all rows and makes the output whole; gives how many rows there were.
  long writeAll(ProgressLine progress) throws IOException {
    long rows = 0;
    for (Part part = take(); part != null; part = take()) {
      writer.append(part.bytes(), part.length());
      part.release();
      rows += part.rows();
      if (part.isLast()) {
        progress.at(rows, part.done());
      }
    }
    writer.finish();
    return rows;
  }

  private @Nullable Part take() throws IOException {
    try {
      return queue.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserError(ExitCode.INTERRUPTED, "interrupted", e);
    } catch (ProducerFailed e) {
      switch (Objects.requireNonNull(e.getCause())) {
        case IOException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case Throwable cause -> throw new IllegalStateException(cause);
      }
    }
  }

  /// Ends the threads, if they have not; waits until their connections are closed.
  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
    threads.forEach(ThreadEnd::await);
  }
}
