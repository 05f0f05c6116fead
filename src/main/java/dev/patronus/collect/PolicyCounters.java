package dev.patronus.collect;

import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.metrics.Counter;
import dev.patronus.metrics.Metrics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntPredicate;

/// The cumulative volume of each policy, of what no policy takes, and of the tunnels, kept in a
/// [CounterFile].
///
/// Volumes are added in memory; [#commit()] makes all that were added since the last one outlive
/// the process, all at once. A policy has a slot for as long as its numbers are kept: that of a
/// deleted policy keeps them until another policy needs it. What the file has no room for is
/// counted in memory until it has. Some slots count the records of a source ([Progress]); they are
/// no policies, and no reset concerns them.
///
/// Confined to the collector's thread. The owner closes it. Totals end at 2^63 - 1.
public final class PolicyCounters implements AutoCloseable {
  /// The most policies at a time.
  public static final int POLICIES_MAX = CounterFile.CAPACITY_MAX - 2 - PolicyCounters.SOURCES_MAX;

  /// The most sources whose progress is kept; at the limit that which was heard of longest ago
  /// goes.
  static final int SOURCES_MAX = 64;

  /// The slot of what no policy takes.
  static final int UNMATCHED = 0;

  /// The slot of the platform's own tunnels.
  static final int TUNNEL = 1;

  private static final int FIRST_POLICY = 2;

  private static final int WORDS = 8;
  private static final int ID = 0;
  private static final int FLAGS = 1;
  private static final int PACKETS = 2;
  private static final int BYTES = 3;
  private static final int LAST_SEEN = 4;

  /// How many snapshots there had been when the slot was reset.
  private static final int RESET_AFTER = 5;

  /// 1 if the slot has changed since the last commit.
  private static final int TOUCHED = 6;

  /// So many slots of deleted policies are kept before one of them is reused.
  private static final int RETIRED_MAX = 1024;

  private final CounterFile file;
  private final Map<Long, PolicyTotal> saved = new HashMap<>();
  private final Map<Long, Integer> slots = new HashMap<>();
  private final Map<Long, Integer> sources = new HashMap<>();
  private final Counter growthFailed;
  private final Counter behindSnapshot;

  /// The slots one behind the other, each in a cache line of [#WORDS] words.
  private long[] words;

  private int used;
  private final int[] touched = new int[CounterFile.COMMIT_MAX];
  private int touchedCount;
  private long snapshots;
  private long sourcesOpened;

  private PolicyCounters(CounterFile file, Metrics metrics) {
    this.file = file;
    growthFailed = metrics.counter("counter_file_growth_failed");
    behindSnapshot = metrics.counter("counter_file_behind_snapshot");
    metrics.counter("counter_file_quarantined").add(file.complaint().isPresent() ? 1 : 0);
    metrics.counter("counter_file_slots_damaged").add(file.damaged());
    words = new long[file.capacity() * WORDS];
  }

  /// Goes on where the counters of this file stopped; where the file has none for a policy, or
  /// fewer than were saved, at the last snapshot.
  ///
  /// @param identity names the database that the counters belong to; a file of another one is put
  ///   aside
  public static PolicyCounters open(
      Path path, String identity, Optional<Snapshot> last, Metrics metrics) throws IOException {
    PolicyCounters counters = new PolicyCounters(CounterFile.open(path, identity), metrics);
    counters.restore();
    last.ifPresent(counters::catchUp);
    counters.commit();
    return counters;
  }

  private void restore() {
    used = FIRST_POLICY;
    for (int slot = 0; slot < file.capacity(); slot++) {
      CounterSlot kept = file.read(slot);
      if (kept.isUsed()) {
        used = Math.max(used, slot + 1);
        set(slot, kept);
        if (kept.isSource()) {
          sources.put(kept.id(), slot);
          sourcesOpened = Math.max(sourcesOpened, kept.lastSeenMillis());
        } else if (slot >= FIRST_POLICY) {
          slots.put(kept.id(), slot);
        }
      }
    }
    raise(UNMATCHED, CounterSlot.USED);
    raise(TUNNEL, CounterSlot.USED);
  }

  private void set(int slot, CounterSlot kept) {
    put(slot, ID, kept.id());
    put(slot, FLAGS, kept.flags());
    put(slot, PACKETS, kept.packets());
    put(slot, BYTES, kept.bytes());
    put(slot, LAST_SEEN, kept.lastSeenMillis());
  }

  private void catchUp(Snapshot last) {
    catchUp(UNMATCHED, last.unmatched());
    for (PolicyTotal total : last.policies()) {
      Integer slot = slots.get(total.policyId());
      if (slot == null) {
        saved.put(total.policyId(), total);
      } else {
        catchUp(slot, total);
      }
    }
  }

  /// A file that has less than was saved, and was not reset, is an older one.
  private void catchUp(int slot, PolicyTotal total) {
    boolean less = word(slot, PACKETS) < total.packets() || word(slot, BYTES) < total.bytes();
    if (less && !isRaised(slot, CounterSlot.RESET)) {
      behindSnapshot.increment();
      startAt(slot, total);
    }
  }

  private void startAt(int slot, PolicyTotal total) {
    put(slot, PACKETS, total.packets());
    put(slot, BYTES, total.bytes());
    put(slot, LAST_SEEN, total.lastSeen() == null ? 0 : total.lastSeen().toEpochMilli());
    touch(slot);
  }

  /// Why an older file was put aside; empty if none was.
  public Optional<String> complaint() {
    return file.complaint();
  }

  /// Finds out how far a source had come; does nothing the second time. What a slot of a source has
  /// as the time of its last packet tells in which order they were opened.
  void open(Progress progress) {
    if (progress.isOpen()) {
      return;
    }
    Integer known = sources.get(progress.id());
    int slot = known == null ? beginSource(progress.id()) : known;
    put(slot, LAST_SEEN, ++sourcesOpened);
    touch(slot);
    commit();
    progress.open(slot, word(slot, PACKETS));
  }

  private int beginSource(long id) {
    int slot = sources.size() < SOURCES_MAX ? nextSlot() : oldestSource();
    set(slot, new CounterSlot(id, CounterSlot.USED | CounterSlot.SOURCE, 0, 0, 0));
    sources.put(id, slot);
    makeRoom();
    return slot;
  }

  private int oldestSource() {
    int oldest =
        sources.values().stream()
            .min(Comparator.comparingLong(slot -> word(slot, LAST_SEEN)))
            .orElseThrow();
    sources.remove(word(oldest, ID));
    return oldest;
  }

  /// Notes that so many records of a source were counted; not if its slot was given to another one.
  void advance(Progress progress, int records) {
    int slot = progress.slot();
    if (word(slot, ID) == progress.id()) {
      put(slot, PACKETS, sum(word(slot, PACKETS), records));
      touch(slot);
    }
  }

  /// Sees to it that each of these policies has a slot.
  ///
  /// @param isIdle whether no live flow belongs to a slot, so that it may be reused
  /// @throws IllegalArgumentException if there are more than [#POLICIES_MAX]
  void assign(Set<Long> policyIds, IntPredicate isIdle) {
    if (policyIds.size() > POLICIES_MAX) {
      throw new IllegalArgumentException(
          "there can be at most " + POLICIES_MAX + " policies, were " + policyIds.size());
    }
    for (long id : policyIds) {
      if (!slots.containsKey(id)) {
        begin(freeSlot(policyIds, isIdle), id);
      }
    }
    makeRoom();
    commit();
  }

  private void begin(int slot, long id) {
    set(slot, new CounterSlot(id, CounterSlot.USED, 0, 0, 0));
    slots.put(id, slot);
    PolicyTotal known = saved.remove(id);
    if (known != null) {
      startAt(slot, known);
    }
    touch(slot);
  }

  private int freeSlot(Set<Long> current, IntPredicate isIdle) {
    boolean full = used == CounterFile.CAPACITY_MAX;
    if (full || slots.size() - current.size() >= RETIRED_MAX) {
      OptionalInt retired = oldestRetired(current, isIdle);
      if (retired.isPresent()) {
        slots.remove(word(retired.getAsInt(), ID));
        return retired.getAsInt();
      }
    }
    if (full) {
      throw new IllegalStateException("all slots have live flows; try again when they are over");
    }
    return nextSlot();
  }

  private int nextSlot() {
    ensureLength(used + 1);
    return used++;
  }

  private OptionalInt oldestRetired(Set<Long> current, IntPredicate isIdle) {
    int oldest = -1;
    for (int slot = FIRST_POLICY; slot < used; slot++) {
      boolean retired =
          !isRaised(slot, CounterSlot.SOURCE)
              && !current.contains(word(slot, ID))
              && isIdle.test(slot);
      if (retired && (oldest < 0 || word(slot, LAST_SEEN) < word(oldest, LAST_SEEN))) {
        oldest = slot;
      }
    }
    return oldest < 0 ? OptionalInt.empty() : OptionalInt.of(oldest);
  }

  private void ensureLength(int length) {
    if (length * WORDS > words.length) {
      words = Arrays.copyOf(words, 2 * words.length);
    }
  }

  /// Lets the file grow to hold all slots; what cannot be held now is tried again with the next
  /// snapshot.
  private void makeRoom() {
    int before = file.capacity();
    try {
      while (file.capacity() < used) {
        file.grow();
      }
    } catch (IOException _) {
      growthFailed.increment();
    }
    for (int slot = before; slot < Math.min(used, file.capacity()); slot++) {
      touch(slot);
    }
  }

  /// The slot of a policy that was assigned one; [#UNMATCHED] otherwise.
  int slotOf(long policyId) {
    return slots.getOrDefault(policyId, UNMATCHED);
  }

  /// Counts a volume to a slot.
  void add(int slot, long addedPackets, long addedBytes, long millis, boolean estimated) {
    int at = slot * WORDS;
    words[at + PACKETS] = sum(words[at + PACKETS], addedPackets);
    words[at + BYTES] = sum(words[at + BYTES], addedBytes);
    words[at + LAST_SEEN] = Math.max(words[at + LAST_SEEN], millis);
    words[at + FLAGS] |= estimated ? CounterSlot.ESTIMATED : 0;
    touch(slot);
  }

  /// A sum that ends at 2^63 - 1.
  static long sum(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }

  private void touch(int slot) {
    if (word(slot, TOUCHED) == 0) {
      put(slot, TOUCHED, 1);
      touched[touchedCount++] = slot;
      if (touchedCount == touched.length) {
        commit();
      }
    }
  }

  /// Makes all that was counted since the last commit outlive the process.
  void commit() {
    for (int i = 0; i < touchedCount; i++) {
      int slot = touched[i];
      put(slot, TOUCHED, 0);
      if (slot < file.capacity()) {
        stage(slot);
      }
    }
    touchedCount = 0;
    file.commit();
  }

  private void stage(int slot) {
    file.stage(
        slot,
        word(slot, ID),
        word(slot, FLAGS),
        word(slot, PACKETS),
        word(slot, BYTES),
        word(slot, LAST_SEEN));
  }

  /// Sets a slot to zero.
  Erased reset(int slot) {
    Erased erased = new Erased(Map.of(slot, slot(slot)), Map.of());
    erase(slot);
    return erased;
  }

  /// Sets all slots to zero, those of deleted policies too.
  Erased resetAll() {
    Map<Integer, CounterSlot> all = new HashMap<>();
    for (int slot = 0; slot < used; slot++) {
      if (!isRaised(slot, CounterSlot.SOURCE)) {
        all.put(slot, slot(slot));
      }
    }
    Erased erased = new Erased(all, saved);
    saved.clear();
    all.keySet().forEach(this::erase);
    return erased;
  }

  private void erase(int slot) {
    put(slot, PACKETS, 0);
    put(slot, BYTES, 0);
    lower(slot, CounterSlot.ESTIMATED);
    raise(slot, CounterSlot.RESET);
    put(slot, RESET_AFTER, snapshots);
    touch(slot);
  }

  /// Undoes a reset: what it took is added to what was counted since. A slot that was given to
  /// another policy in between keeps what that one has.
  void giveBack(Erased erased) {
    erased.slots().forEach(this::giveBack);
    erased.saved().forEach(saved::putIfAbsent);
  }

  private void giveBack(int slot, CounterSlot before) {
    if (word(slot, ID) == before.id()) {
      put(slot, PACKETS, sum(word(slot, PACKETS), before.packets()));
      put(slot, BYTES, sum(word(slot, BYTES), before.bytes()));
      lower(slot, CounterSlot.RESET);
      raise(slot, before.flags());
      touch(slot);
    }
  }

  private CounterSlot slot(int slot) {
    return new CounterSlot(
        word(slot, ID),
        word(slot, FLAGS),
        word(slot, PACKETS),
        word(slot, BYTES),
        word(slot, LAST_SEEN));
  }

  /// What a slot has now.
  ///
  /// @param activeFlows how many live flows belong to it
  PolicyTotal total(int slot, long activeFlows) {
    long id = slot < FIRST_POLICY ? Snapshot.UNMATCHED : word(slot, ID);
    long seen = word(slot, LAST_SEEN);
    Instant lastSeen = seen == 0 ? null : Instant.ofEpochMilli(seen);
    return new PolicyTotal(id, word(slot, PACKETS), word(slot, BYTES), activeFlows, lastSeen);
  }

  boolean isEstimated(int slot) {
    return isRaised(slot, CounterSlot.ESTIMATED);
  }

  /// Notes that a snapshot was taken, and gives the number by which [#saved(long)] knows it.
  long snapshotTaken() {
    makeRoom();
    commit();
    return ++snapshots;
  }

  /// Notes that a snapshot is in the database: resets before it need not be remembered.
  void saved(long snapshot) {
    for (int slot = 0; slot < used; slot++) {
      if (isRaised(slot, CounterSlot.RESET) && word(slot, RESET_AFTER) < snapshot) {
        lower(slot, CounterSlot.RESET);
        touch(slot);
      }
    }
    commit();
  }

  /// Waits until the disk has all that was committed. Safe from any thread.
  void force() throws IOException {
    file.force();
  }

  private long word(int slot, int word) {
    return words[slot * WORDS + word];
  }

  private void put(int slot, int word, long value) {
    words[slot * WORDS + word] = value;
  }

  private boolean isRaised(int slot, long flag) {
    return (word(slot, FLAGS) & flag) != 0;
  }

  private void raise(int slot, long flag) {
    put(slot, FLAGS, word(slot, FLAGS) | flag);
  }

  private void lower(int slot, long flag) {
    put(slot, FLAGS, word(slot, FLAGS) & ~flag);
  }

  @Override
  public void close() throws IOException {
    commit();
    file.close();
  }
}
