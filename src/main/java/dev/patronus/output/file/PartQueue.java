package dev.patronus.output.file;

import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// Brings bytes that several threads make at once into the order of their slices.
///
/// Each [Producer] has [#BUFFERS] buffers of [#BUFFER_BYTES]: one that is ahead waits until its
/// buffers come back, which they do as soon as all slices before are taken. The producer of the
/// slice that is next waits for no other, so that all of them come to an end.
///
/// Safe from any thread; each producer is confined to its own.
public final class PartQueue {
  /// Two slices of a page each, as NDJSON.
  static final int BUFFERS = 8;

  static final int BUFFER_BYTES = 1 << 17;

  private final PriorityQueue<Part> ready =
      new PriorityQueue<>(Comparator.comparingLong(Part::slice).thenComparingLong(Part::index));
  private int producing;
  private long next;
  private @Nullable Throwable failure;

  /// Bytes of a slice.
  ///
  /// Immutable, until [#release()].
  public static final class Part {
    private final long slice;
    private final long index;
    private final byte[] bytes;
    private final int length;
    private final Producer producer;
    private long rows;
    private double done = Double.NaN;

    private Part(long slice, long index, byte[] bytes, int length, Producer producer) {
      this.slice = slice;
      this.index = index;
      this.bytes = bytes;
      this.length = length;
      this.producer = producer;
    }

    private long slice() {
      return slice;
    }

    private long index() {
      return index;
    }

    /// The bytes, of which the first [#length()] count.
    public byte[] bytes() {
      return bytes;
    }

    public int length() {
      return length;
    }

    /// Whether the slice ends with it.
    public boolean isLast() {
      return !Double.isNaN(done);
    }

    /// The number of rows of the slice, in its last part; 0 in others.
    public long rows() {
      return rows;
    }

    /// The progress, from 0 to 1, in the last part of a slice.
    public double done() {
      return done;
    }

    /// Gives the bytes back to the producer.
    public void release() {
      producer.release(bytes);
    }
  }

  /// A producer; [Producer#close()] ends it.
  public synchronized Producer producer() {
    producing++;
    return new Producer();
  }

  /// Takes the part that comes next; waits for it. Null if there are no more.
  ///
  /// @throws ProducerFailed if a producer failed
  public synchronized @Nullable Part take() throws InterruptedException {
    while (true) {
      if (failure != null) {
        throw new ProducerFailed(failure);
      }
      Part first = ready.peek();
      if (first != null && (first.slice == next || producing == 0)) {
        next = first.isLast() ? first.slice + 1 : first.slice;
        return ready.remove();
      }
      if (first == null && producing == 0) {
        return null;
      }
      wait();
    }
  }

  /// Tells the taker that a producer failed.
  public synchronized void fail(Throwable cause) {
    failure = failure == null ? cause : failure;
    notifyAll();
  }

  private synchronized void add(Part part) {
    ready.add(part);
    notifyAll();
  }

  private synchronized void end() {
    producing--;
    notifyAll();
  }

  /// What a producer failed with.
  public static final class ProducerFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ProducerFailed(Throwable cause) {
      super(cause);
    }
  }

  /// The stream into which one thread writes slices.
  public final class Producer extends OutputStream {
    private final Deque<byte[]> free = new ArrayDeque<>();
    private int made;
    private long slice;
    private long index;
    private byte @Nullable [] buffer;
    private int used;

    /// Begins a slice.
    public void begin(long number) {
      slice = number;
      index = 0;
    }

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      int at = from;
      int left = length;
      while (left > 0) {
        byte[] to = buffer();
        int some = Math.min(left, to.length - used);
        System.arraycopy(bytes, at, to, used, some);
        used += some;
        at += some;
        left -= some;
        if (used == to.length) {
          hand(part(to));
        }
      }
    }

    /// Ends the slice.
    ///
    /// @param rows how many it has
    /// @param done the progress, from 0 to 1
    public void endSlice(long rows, double done) {
      Part last = part(buffer());
      last.rows = rows;
      last.done = done;
      hand(last);
    }

    private Part part(byte[] bytes) {
      return new Part(slice, index++, bytes, used, this);
    }

    private void hand(Part part) {
      buffer = null;
      used = 0;
      add(part);
    }

    private byte[] buffer() {
      if (buffer == null) {
        buffer = taken();
      }
      return buffer;
    }

    private byte[] taken() {
      synchronized (free) {
        while (free.isEmpty() && made == BUFFERS) {
          try {
            free.wait();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
          }
        }
        if (free.isEmpty()) {
          made++;
          return new byte[BUFFER_BYTES];
        }
        return free.remove();
      }
    }

    private void release(byte[] bytes) {
      synchronized (free) {
        free.add(bytes);
        free.notifyAll();
      }
    }

    /// No more slices come of this producer.
    @Override
    public void close() {
      end();
    }
  }
}
