package dev.patronus.source.netflow.exporter;

import dev.patronus.source.netflow.wire.Drop;
import dev.patronus.source.netflow.wire.Header;
import dev.patronus.source.netflow.wire.Timestamps;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Data sets whose template has not arrived yet, kept for a short time.
///
/// An exporter sends its templates periodically; data that arrives before them is not lost if they
/// arrive soon. Bounded in time, number and bytes, separately for admitted exporters and others, so
/// that a flood from unknown addresses displaces nothing of an admitted exporter. Each exporter has
/// its own sets by the template that they wait for ([Exporter#pending]): a definition does not
/// examine the sets of others, and a set is examined for at most [#MOST_LOOKS] definitions.
/// Confined to the decoder's thread.
public final class PendingSets {
  static final long TIMEOUT_MILLIS = 60_000;
  static final int MOST_SETS = 4096;
  static final int MOST_BYTES = 4 << 20;

  /// The part of these limits that exporters which are not admitted have for themselves.
  static final int CANDIDATES_SHARE = 4;

  /// The maximum number of definitions for which a set is examined.
  static final int MOST_LOOKS = 8;

  /// What a set takes beside its bytes.
  private static final int OVERHEAD_BYTES = 256;

  /// A pending set: its sender, header and template, and the drop reason if the template does not
  /// arrive.
  public static final class PendingSet {
    private final Exporter exporter;
    private final Stream stream;
    private final Header header;
    private final int template;
    private final byte[] bytes;
    private final Drop dropReason;
    private final Queue queue;
    private int looks;

    private PendingSet(
        Exporter exporter,
        Stream stream,
        Header header,
        int template,
        byte[] bytes,
        Drop dropReason,
        Queue queue) {
      this.exporter = exporter;
      this.stream = stream;
      this.header = header;
      this.template = template;
      this.bytes = bytes;
      this.dropReason = dropReason;
      this.queue = queue;
    }

    public Exporter exporter() {
      return exporter;
    }

    public Stream stream() {
      return stream;
    }

    public Header header() {
      return header;
    }

    public byte[] bytes() {
      return bytes;
    }

    public Drop dropReason() {
      return dropReason;
    }

    /// The id of the template that it waits for.
    public int template() {
      return template;
    }

    private int size() {
      return bytes.length + OVERHEAD_BYTES;
    }
  }

  /// Sets in the order in which they came, and their bytes.
  private static final class Queue {
    private final Set<PendingSet> sets = new LinkedHashSet<>();
    private final int mostSets;
    private final int mostBytes;
    private int bytes;

    Queue(int mostSets, int mostBytes) {
      this.mostSets = mostSets;
      this.mostBytes = mostBytes;
    }

    boolean isTooFull() {
      return sets.size() > mostSets || bytes > mostBytes;
    }

    PendingSet first() {
      return sets.iterator().next();
    }
  }

  private final Queue admitted;
  private final Queue candidates;
  private long looked;

  /// @param parts how many decoders share the limits
  public PendingSets(int parts) {
    admitted = new Queue(MOST_SETS / parts, MOST_BYTES / parts);
    candidates =
        new Queue(MOST_SETS / CANDIDATES_SHARE / parts, MOST_BYTES / CANDIDATES_SHARE / parts);
  }

  /// Adds a set; the oldest ones are passed to `refused` when a limit is exceeded.
  ///
  /// @param template the id of what it waits for
  /// @param bytes the records, without the header of the set; kept as they are
  /// @param dropReason the reason that is counted if the template does not arrive
  public void add(
      Exporter exporter,
      Stream stream,
      Header header,
      int template,
      byte[] bytes,
      Drop dropReason,
      Consumer<PendingSet> refused) {
    Queue queue = exporter.isAdmitted() ? admitted : candidates;
    PendingSet set = new PendingSet(exporter, stream, header, template, bytes, dropReason, queue);
    queue.sets.add(set);
    queue.bytes += set.size();
    exporter.pending().computeIfAbsent(template, _ -> new LinkedHashSet<>()).add(set);
    exporter.waits(stream, template, 1);
    while (queue.isTooFull()) {
      PendingSet oldest = queue.first();
      remove(oldest);
      refused.accept(oldest);
    }
  }

  private void remove(PendingSet set) {
    set.queue.sets.remove(set);
    set.queue.bytes -= set.size();
    set.exporter.waits(set.stream, set.template, -1);
    set.exporter
        .pending()
        .computeIfPresent(
            set.template,
            (_, same) -> {
              same.remove(set);
              return same.isEmpty() ? null : same;
            });
  }

  /// Removes and returns, in order of arrival, the sets of an exporter that wait for a template and
  /// can now be read. Those that cannot, and were examined often enough, are passed to `refused`.
  public List<PendingSet> take(
      Exporter exporter,
      int template,
      Predicate<PendingSet> readable,
      Consumer<PendingSet> refused) {
    Set<PendingSet> same = exporter.pending().get(template);
    if (same == null) {
      return List.of();
    }
    List<PendingSet> taken = new ArrayList<>();
    for (PendingSet set : List.copyOf(same)) {
      looked++;
      if (readable.test(set)) {
        remove(set);
        taken.add(set);
      } else if (++set.looks >= MOST_LOOKS) {
        remove(set);
        refused.accept(set);
      }
    }
    return taken;
  }

  /// Passes the sets that have timed out to `refused`.
  public void expire(Timestamps now, Consumer<PendingSet> refused) {
    expire(admitted, now, refused);
    expire(candidates, now, refused);
  }

  private void expire(Queue queue, Timestamps now, Consumer<PendingSet> refused) {
    while (!queue.sets.isEmpty()) {
      PendingSet first = queue.first();
      if (now.steadyMillis() - first.header.arrival().steadyMillis() <= TIMEOUT_MILLIS) {
        return;
      }
      remove(first);
      refused.accept(first);
    }
  }

  /// Passes all sets of a removed exporter to `refused`.
  public void forget(Exporter exporter, Consumer<PendingSet> refused) {
    for (Iterator<Set<PendingSet>> each = exporter.pending().values().iterator();
        each.hasNext(); ) {
      for (PendingSet set : each.next()) {
        set.queue.sets.remove(set);
        set.queue.bytes -= set.size();
        exporter.waits(set.stream, set.template, -1);
        refused.accept(set);
      }
      each.remove();
    }
  }

  /// How many sets were looked at for a definition until now.
  public long looked() {
    return looked;
  }
}
