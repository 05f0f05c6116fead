package dev.patronus.source.pcap;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Buffered input of a capture, with as many bytes available as requested.
///
/// ```text
///            from            to
///   |  taken  | at hand, read |  free  |
/// ```
///
/// Before it waits for more input it says so (`beforeWait`): the moment to hand on what was made of
/// the input until now. Confined to the source's thread; does not close the stream.
final class CaptureInput {
  /// The maximum number of buffered bytes: libpcap's own limit for a block of pcapng.
  static final int LIMIT = 16 << 20;

  private static final int CHUNK = 256 << 10;

  private final InputStream in;
  private final Runnable beforeWait;
  private byte[] array = new byte[CHUNK];
  private ByteBuffer bigEndian = ByteBuffer.wrap(array);
  private ByteBuffer ordered = bigEndian;
  private int from;
  private int to;
  private long taken;

  CaptureInput(InputStream in, Runnable beforeWait) {
    this.in = in;
    this.beforeWait = beforeWait;
  }

  /// Sets how the capture's own numbers are stored, for [#int32], [#uint32] and [#uint16].
  void order(ByteOrder order) {
    ordered = ByteBuffer.wrap(array).order(order);
  }

  ByteOrder order() {
    return ordered.order();
  }

  /// Brings the next `count` bytes to hand; false if the input ends before that.
  ///
  /// @param count at most [#LIMIT]
  boolean has(int count) throws IOException {
    return to - from >= count || fill(count);
  }

  private boolean fill(int count) throws IOException {
    ensureCapacity(count);
    beforeWait.run();
    while (to - from < count) {
      int read = read();
      if (read < 0) {
        return false;
      }
      to += read;
    }
    return true;
  }

  /// A compressed stream that is cut off ends where it is cut off.
  private int read() throws IOException {
    try {
      return in.read(array, to, array.length - to);
    } catch (EOFException _) {
      return -1;
    }
  }

  private void ensureCapacity(int count) {
    System.arraycopy(array, from, array, 0, to - from);
    to -= from;
    from = 0;
    if (count > array.length) {
      array = Arrays.copyOf(array, Math.min(LIMIT, Integer.highestOneBit(count) << 1));
      bigEndian = ByteBuffer.wrap(array);
      order(ordered.order());
    }
  }

  /// Skips the next `count` bytes, which are buffered.
  void take(int count) {
    from += count;
    taken += count;
  }

  /// The number of buffered bytes; 0 after the end.
  int atHand() {
    return to - from;
  }

  /// How many bytes were taken since the beginning.
  long taken() {
    return taken;
  }

  int uint16(int at) {
    return ordered.getShort(from + at) & 0xffff;
  }

  int int32(int at) {
    return ordered.getInt(from + at);
  }

  long uint32(int at) {
    return ordered.getInt(from + at) & 0xffff_ffffL;
  }

  long int64(int at) {
    return ordered.getLong(from + at);
  }

  int uint8(int at) {
    return array[from + at] & 0xff;
  }

  /// The buffered bytes in network order, for a decoder; those of `at` lie at [#index].
  ByteBuffer network() {
    return bigEndian;
  }

  int index(int at) {
    return from + at;
  }
}
