package dev.patronus.source.netflow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Data sets whose template has not come yet, for a short while.
///
/// An exporter sends its templates now and then; data that comes before them is not lost if they
/// come soon. Bounded in time, number and bytes; what goes unread is counted by whoever is told.
/// Confined to the decoder's thread.
final class WaitingSets {
  static final long PATIENCE_MILLIS = 60_000;
  static final int MOST_SETS = 4096;
  static final int MOST_BYTES = 4 << 20;

  /// A set that waits: who sent it, under which header, and what is said of it if nothing comes.
  static final class Waiting {
    private final Exporter exporter;
    private final Stream stream;
    private final Header header;
    private final int template;
    private final byte[] bytes;
    private final Drop why;

    /// @param template the id of what it waits for
    /// @param bytes the records, without the header of the set; kept as they are
    Waiting(Exporter exporter, Stream stream, Header header, int template, byte[] bytes, Drop why) {
      this.exporter = exporter;
      this.stream = stream;
      this.header = header;
      this.template = template;
      this.bytes = bytes;
      this.why = why;
    }

    Exporter exporter() {
      return exporter;
    }

    Stream stream() {
      return stream;
    }

    Header header() {
      return header;
    }

    int template() {
      return template;
    }

    byte[] bytes() {
      return bytes;
    }

    Drop why() {
      return why;
    }
  }

  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private int bytes;

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /// Keeps a set; the oldest ones are handed to `refused` if there is no room.
  void add(Waiting set, Consumer<Waiting> refused) {
    waiting.addLast(set);
    bytes += set.bytes().length;
    while (waiting.size() > MOST_SETS || bytes > MOST_BYTES) {
      refused.accept(removeFirst());
    }
  }

  /// Takes out, in order of arrival, those that can now be read.
  List<Waiting> take(Predicate<Waiting> readable) {
    List<Waiting> taken = new ArrayList<>();
    for (Iterator<Waiting> each = waiting.iterator(); each.hasNext(); ) {
      Waiting set = each.next();
      if (readable.test(set)) {
        each.remove();
        bytes -= set.bytes().length;
        taken.add(set);
      }
    }
    return taken;
  }

  /// Hands those that have waited too long to `refused`.
  void expire(Moment now, Consumer<Waiting> refused) {
    while (!waiting.isEmpty()
        && isTooLong(now.steadyMillis() - waiting.getFirst().header().arrival().steadyMillis())) {
      refused.accept(removeFirst());
    }
  }

  private static boolean isTooLong(long waitedMillis) {
    return waitedMillis > PATIENCE_MILLIS;
  }

  private Waiting removeFirst() {
    Waiting set = waiting.removeFirst();
    bytes -= set.bytes().length;
    return set;
  }
}
