package dev.patronus.source.conntrack;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.Volume;
import dev.patronus.source.TotalsGrowth;
import dev.patronus.source.conntrack.ConntrackEntry.Counted;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/// The last values of the kernel's connection counters; their growth is the traffic since the last
/// reading.
///
/// The rules, and why:
///
/// - What was there before the first dump is a baseline; nobody asked for it then.
/// - A counter smaller than before belongs to another connection with the same id and addresses: it
///   counts from 0.
/// - An entry that ends counts for the last time, also if it was never seen: it was short. If it is
///   unknown while the baseline is taken, it was there before.
/// - The kernel tells of an end while a dump is under way, and that dump may still show the entry.
///   So ends are remembered until the dump is over, and such an entry is passed over; if a new one
///   has taken its place, the next dump shows it.
/// - An entry that two whole dumps in a row did not show is gone without a word (the message was
///   lost, or nobody listened when it began: `nf_conntrack_events` is 2). One dump alone may miss
///   an entry when the kernel's table changes its size.
///
/// Memory: at most [#BYTES_OF_ENTRY_MAX] an entry, and a limit of entries that follows from the
/// heap. Confined to the source's thread.
final class ConntrackTable {
  /// The most that one entry takes of the heap: with a heap of 192 MB for itself the table holds
  /// 1,060,541, which are 190 bytes each, and then has no room to grow.
  static final int BYTES_OF_ENTRY_MAX = 224;

  private static final int LIMIT_MIN = 10_000;
  private static final int LIMIT_MAX = 2_000_000;

  /// What was last seen of an entry.
  private static final class Seen {
    private Counted counted = NOTHING;
    private int dump;
    private boolean hasEvents = true;
  }

  private static final Counted NOTHING = new Counted(Volume.ZERO, Volume.ZERO);

  private final int limit;
  private final Map<Long, Seen> entries = new HashMap<>();
  private final Set<Long> ended = new HashSet<>();
  private int dump;
  private boolean dumping;
  private boolean endsForgotten;
  private boolean baseline;
  private long uncounted;
  private long offloaded;
  private long beyond;
  private long vanished;

  /// @param limit the most entries that are remembered; those beyond are not counted while they
  ///   live, but as a whole when they end
  ConntrackTable(int limit) {
    this.limit = limit;
  }

  /// The most entries that a heap of this size has room for beside all else: they get a quarter of
  /// it.
  static int limit(long heapBytes) {
    return Math.clamp(heapBytes / 4 / BYTES_OF_ENTRY_MAX, LIMIT_MIN, LIMIT_MAX);
  }

  /// Records what an earlier run last saw of a flow, before the first dump: if it is still there,
  /// what it has carried since then counts.
  void restore(long flow, Volume total) {
    long identity = flow & ~ConntrackEntry.REPLY;
    if (entries.size() < limit || entries.containsKey(identity)) {
      Seen seen = entries.computeIfAbsent(identity, _ -> new Seen());
      seen.hasEvents = false;
      seen.counted =
          flow == identity
              ? new Counted(total, seen.counted.reply())
              : new Counted(seen.counted.original(), total);
    }
  }

  /// Begins a dump.
  ///
  /// @param isBaseline whether entries that are not known yet are only taken note of
  void begin(boolean isBaseline) {
    dump++;
    dumping = true;
    baseline = isBaseline;
    uncounted = 0;
    offloaded = 0;
    beyond = 0;
    vanished = 0;
    endsForgotten = false;
    ended.clear();
  }

  /// Takes an entry of the dump that is under way.
  ///
  /// @param sinceMillis when the table was last read
  void present(ConntrackEntry entry, long sinceMillis, long nowMillis, TotalsGrowth to) {
    if (entry.isDying() || ended.contains(entry.identity())) {
      return;
    }
    if (entry.isOffloaded()) {
      offloaded++;
    }
    if (entry.counted().isEmpty()) {
      uncounted++;
      return;
    }
    Counted now = entry.counted().get();
    seen(entry.identity(), now)
        .ifPresent(seen -> {
          emit(entry, seen.counted, now, sinceMillis, nowMillis, false, to);
          seen.counted = now;
          seen.dump = dump;
        });
  }

  /// What was seen of an entry before; empty if there is no room to remember it.
  private Optional<Seen> seen(long identity, Counted now) {
    Seen known = entries.get(identity);
    if (known != null) {
      return Optional.of(known);
    }
    if (endsForgotten) {
      return Optional.empty(); // it may have ended meanwhile; the next dump shows it
    }
    if (entries.size() >= limit) {
      beyond++;
      return Optional.empty();
    }
    Seen seen = new Seen();
    if (baseline) {
      seen.counted = now;
      seen.hasEvents = false;
    }
    entries.put(identity, seen);
    return Optional.of(seen);
  }

  /// Takes the end of an entry.
  void destroyed(ConntrackEntry entry, long sinceMillis, long nowMillis, TotalsGrowth to) {
    long identity = entry.identity();
    if (dumping && ended.size() < limit) {
      ended.add(identity);
    } else if (dumping) {
      endsForgotten = true;
    }
    Seen known = entries.remove(identity);
    if (entry.counted().isPresent() && (known != null || !baseline)) {
      Counted before = known == null ? NOTHING : known.counted;
      emit(entry, before, entry.counted().get(), sinceMillis, nowMillis, true, to);
    }
    forget(identity, to);
  }

  private static void forget(long identity, TotalsGrowth to) {
    to.gone(identity);
    to.gone(identity | ConntrackEntry.REPLY);
  }

  /// Ends a dump that is whole: what it did not show, nor the one before it, is gone.
  void end() {
    baseline = false;
    dumping = false;
    ended.clear();
    entries.values().removeIf(this::isGone);
  }

  private boolean isGone(Seen seen) {
    boolean gone = dump - seen.dump > 1;
    if (gone && seen.hasEvents) {
      vanished++;
    }
    return gone;
  }

  private static void emit(
      ConntrackEntry entry,
      Counted before,
      Counted now,
      long sinceMillis,
      long nowMillis,
      boolean last,
      TotalsGrowth to) {
    boolean reset = isReset(before, now);
    Counted from = reset ? NOTHING : before;
    long flow = entry.identity();
    if (reset) {
      forget(flow, to);
    }
    long start = Math.min(sinceMillis, nowMillis);
    emit(entry.original(), flow, from.original(), now.original(), start, nowMillis, last, to);
    if (!now.reply().equals(from.reply())) {
      flow |= ConntrackEntry.REPLY;
      emit(entry.reply(), flow, from.reply(), now.reply(), start, nowMillis, last, to);
    }
  }

  private static boolean isReset(Counted before, Counted now) {
    return isLess(now.original(), before.original()) || isLess(now.reply(), before.reply());
  }

  private static boolean isLess(Volume a, Volume b) {
    return a.packets() < b.packets() || a.bytes() < b.bytes();
  }

  private static void emit(
      FlowKey key,
      long flow,
      Volume before,
      Volume now,
      long startMillis,
      long endMillis,
      boolean last,
      TotalsGrowth to) {
    long packets = now.packets() - before.packets();
    long bytes = now.bytes() - before.bytes();
    if (packets > 0 || bytes > 0) {
      to.grown(
          flow,
          now,
          new FlowRecord(key, packets, bytes, startMillis, endMillis, false, last, null));
    }
  }

  /// Gives out what was last seen of each flow, for [#restore] in a later run.
  void forEach(BiConsumer<Long, Volume> to) {
    entries.forEach((identity, seen) -> {
      to.accept(identity, seen.counted.original());
      to.accept(identity | ConntrackEntry.REPLY, seen.counted.reply());
    });
  }

  /// How many entries are remembered.
  int size() {
    return entries.size();
  }

  /// How many entries of the last dump the kernel does not count.
  long uncounted() {
    return uncounted;
  }

  /// How many entries of the last dump may go past the kernel's counters.
  long offloaded() {
    return offloaded;
  }

  /// How many entries of the last dump found no room.
  long beyond() {
    return beyond;
  }

  /// How many entries are gone by the last dump without a word, although their end should have been
  /// told.
  long vanished() {
    return vanished;
  }
}
