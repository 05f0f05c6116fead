package dev.patronus.collect;

import dev.patronus.flow.CounterReset;
import dev.patronus.flow.CounterState;
import dev.patronus.flow.CounterState.SourceProgress;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.flow.Volume;
import dev.patronus.metrics.Counter;
import dev.patronus.metrics.Metrics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// The cumulative volume of each policy, of unmatched traffic, and of the tunnels, stored in a
/// [CounterFile].
///
/// Volumes are added in memory; [#commit()] atomically makes all volumes since the last commit
/// survive the process. A policy has a slot while its numbers are kept: the slot of a deleted
/// policy keeps them until another policy needs it. Slots that do not fit into the file are counted
/// in memory until they do. Some slots count the records of a source ([CountingProgress]); resets
/// do not apply to them.
///
/// **The starting point.** The file has each commit at once, the database has the state of each
/// snapshot, with the progress of the sources in the same transaction ([CounterState]). The file is
/// trusted if it has at least what the database has, and cannot be partly written:
///
/// - it was closed properly, or this is still the boot in which it was used (then at most its
///   process was killed, and the kernel has all writes), and
/// - the number of its last snapshot is not lower than that of the last one in the database (lower:
///   it is an older copy), and
/// - none of its slots is damaged.
///
/// Otherwise, as after a power cut, all totals and the progress of the sources are taken from the
/// last snapshot: later traffic may be lost, and nothing is counted twice. This does not require
/// the file to be synced. What must be on disk, and in which order:
///
/// ```text
///   1  totals journals, synced      a growth of a running total that the snapshot has is in them
///   2  database, committed          totals, progress, audit row, number: all or nothing
///   3  acknowledged
/// ```
///
/// A journal that still lacks its end is recognised by its number of records: the first totals that
/// arrive then are a baseline.
///
/// **A reset** is first committed to the database, with the audit row and the amount to subtract
/// from each counter, then subtracted from the counters; each slot has the number of the last reset
/// that was applied to it. A process that is killed before the commit keeps the old counters; one
/// that is killed after it applies the reset at the next start. Traffic counted meanwhile stays.
///
/// Confined to one thread at a time. The owner closes it. Totals saturate at [#LIMIT], 2^63 - 1.
public final class PolicyCounters implements AutoCloseable {
  /// The maximum number of policies.
  public static final int POLICIES_MAX = CounterFile.CAPACITY_MAX - 2 - PolicyCounters.SOURCES_MAX;

  /// The maximum number of sources whose progress is kept; beyond it the least recently opened one
  /// is dropped.
  static final int SOURCES_MAX = 256;

  /// The slot of unmatched traffic.
  static final int UNMATCHED = 0;

  /// The slot of the platform's own tunnels.
  static final int TUNNEL = 1;

  /// What packets and bytes end at: what is added beyond it is lost, and a metric counts such
  /// volumes.
  public static final long LIMIT = Long.MAX_VALUE;

  /// The first slot that a policy can have.
  static final int FIRST_POLICY = 2;

  private static final int WORDS = 8;
  private static final int ID = 0;
  private static final int FLAGS = 1;
  private static final int PACKETS = 2;
  private static final int BYTES = 3;
  private static final int LAST_SEEN = 4;

  /// 1 if the slot has changed since the last commit.
  private static final int TOUCHED = 5;

  /// The number of slots of deleted policies that are kept before one of them is reused.
  private static final int RETIRED_MAX = 1024;

  private final CounterFile file;
  private final Map<Long, PolicyTotal> saved = new HashMap<>();
  private final Map<Long, Integer> slots = new HashMap<>();
  private final Map<Long, Integer> sources = new HashMap<>();
  private final Counter growthFailed;
  private final Counter behindSnapshot;
  private final Counter saturated;

  /// The slots in sequence, each in a cache line of [#WORDS] words.
  private long[] words;

  private int used;
  private final int[] touched = new int[CounterLayout.COMMIT_MAX];
  private int touchedCount;
  private long snapshots;
  private long resets;
  private long sourcesOpened;

  private PolicyCounters(CounterFile file, Metrics metrics) {
    this.file = file;
    growthFailed = metrics.counter("counter_file_growth_failed");
    behindSnapshot = metrics.counter("counter_file_behind_snapshot");
    saturated = metrics.counter("policy_counter_saturated");
    metrics.counter("counter_file_quarantined").add(file.problem().isPresent() ? 1 : 0);
    metrics.counter("counter_file_slots_damaged").add(file.damaged());
    words = new long[file.capacity() * WORDS];
  }

  /// Opens the counters at the state of this file, or at a snapshot that an earlier version of the
  /// program saved.
  ///
  /// @param identity names the database that the counters belong to; a file of another one is
  ///   quarantined
  public static PolicyCounters open(
      Path path, String identity, Optional<Snapshot> last, Metrics metrics) throws IOException {
    return open(path, identity, last.map(CounterState::of), CounterReset.NONE, 1, metrics);
  }

  /// Opens the counters at the state of this file, or at the last snapshot if the file cannot be
  /// trusted.
  ///
  /// @param identity names the database that the counters belong to; a file of another one is
  ///   quarantined
  /// @param last the last snapshot in the database
  /// @param reset the last reset in the database
  /// @param boot a 64-bit identifier of this boot of the machine; not 0
  /// @throws dev.patronus.error.UserError if another process uses the file
  public static PolicyCounters open(
      Path path,
      String identity,
      Optional<CounterState> last,
      CounterReset reset,
      long boot,
      Metrics metrics)
      throws IOException {
    CounterFile file = CounterFile.open(path, identity);
    try {
      PolicyCounters counters = new PolicyCounters(file, metrics);
      counters.goOn(last, reset, boot);
      file.use(boot);
      return counters;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /// The identity of the database that a counter file belongs to; empty if the file is missing, is
  /// no counter file, or has a damaged header. Not for a file that this process has open.
  public static Optional<String> identity(Path path) {
    return CounterFile.identity(path);
  }

  /// Assigns a closed counter file to a database, under another name.
  ///
  /// @throws dev.patronus.error.UserError if another process uses the file
  public static void giveTo(Path from, Path to, String identity) throws IOException {
    CounterFile.giveTo(from, to, identity);
  }

  private void goOn(Optional<CounterState> last, CounterReset reset, long boot) {
    restore();
    long number = last.map(CounterState::number).orElse(0L);
    snapshots = Math.max(number, file.snapshot());
    boolean whole = file.isClosed() || file.boot() == boot || file.boot() == 0;
    if (whole && file.damaged() == 0 && file.snapshot() >= number) {
      apply(reset);
      last.map(CounterState::snapshot).ifPresent(number == 0 ? this::catchUp : this::remember);
    } else {
      behindSnapshot.increment();
      goBackTo(last, reset.number());
    }
    for (int slot = 0; slot < used; slot++) {
      if (isRaised(slot, CounterSlot.RESET)) {
        lower(slot, CounterSlot.RESET);
        touch(slot);
      }
      resets = Math.max(resets, CounterSlot.resets(word(slot, FLAGS)));
    }
    resets = Math.max(resets, reset.number());
    commit();
  }

  /// Sets all totals and the progress of all sources from a snapshot. Missing values are 0, as are
  /// policies without a slot.
  private void goBackTo(Optional<CounterState> last, long resetNumber) {
    for (int slot = 0; slot < used; slot++) {
      put(slot, PACKETS, 0);
      put(slot, BYTES, 0);
      put(slot, FLAGS, CounterSlot.withResets(word(slot, FLAGS), resetNumber));
      touch(slot);
    }
    last.ifPresent(state -> {
      Snapshot snapshot = state.snapshot();
      startAt(UNMATCHED, snapshot.unmatched());
      startAt(TUNNEL, state.tunnels());
      if (snapshot.estimated()) {
        raise(UNMATCHED, CounterSlot.ESTIMATED);
      }
      remember(snapshot);
      for (PolicyTotal total : snapshot.policies()) {
        Integer slot = slots.get(total.policyId());
        if (slot != null) {
          startAt(slot, total);
        }
      }
      state.sources().forEach(this::goBackTo);
    });
  }

  private void goBackTo(SourceProgress progress) {
    Integer known = sources.get(progress.sourceId());
    int slot = known == null ? beginSource(progress.sourceId()) : known;
    put(slot, PACKETS, progress.records());
    put(slot, BYTES, progress.digest());
    put(slot, LAST_SEEN, progress.opened());
    sourcesOpened = Math.max(sourcesOpened, progress.opened());
    touch(slot);
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
      if (slot != null) {
        catchUp(slot, total);
      }
    }
    remember(last);
  }

  /// Stores the totals of policies that have no slot yet.
  private void remember(Snapshot last) {
    for (PolicyTotal total : last.policies()) {
      if (!slots.containsKey(total.policyId())) {
        saved.put(total.policyId(), total);
      }
    }
  }

  /// For snapshots without a number: a file with lower totals than the snapshot, and without a
  /// reset, is an older copy.
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

  /// The reason why an older file was quarantined; empty if none was.
  public Optional<String> problem() {
    return file.problem();
  }

  /// Looks up the progress of a source; does nothing the second time. The last-packet field of a
  /// source's slot holds the order in which the sources were opened.
  void open(CountingProgress progress) {
    if (progress.isOpen()) {
      return;
    }
    Integer known = sources.get(progress.id());
    int slot = known == null ? beginSource(progress.id()) : known;
    put(slot, LAST_SEEN, ++sourcesOpened);
    touch(slot);
    commit();
    progress.open(slot, word(slot, PACKETS), word(slot, BYTES));
  }

  /// Restarts a source from 0.
  void restart(CountingProgress progress) {
    open(progress);
    int slot = progress.slot();
    if (word(slot, ID) == progress.id()) {
      put(slot, PACKETS, 0);
      put(slot, BYTES, 0);
      touch(slot);
      commit();
    }
    progress.open(slot, 0, 0);
  }

  private int beginSource(long id) {
    int slot = sources.size() < SOURCES_MAX ? nextSlot() : oldestSource();
    set(slot, new CounterSlot(id, CounterSlot.USED | CounterSlot.SOURCE, 0, 0, 0));
    sources.put(id, slot);
    ensureCapacity();
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

  /// Adds the pending records of a source to its progress; if its slot was reassigned, to that of
  /// this run only.
  void advance(CountingProgress progress) {
    int slot = progress.slot();
    if (word(slot, ID) == progress.id()) {
      put(slot, PACKETS, Volume.saturatedSum(word(slot, PACKETS), progress.pending()));
      put(slot, BYTES, progress.digest());
      touch(slot);
    }
    progress.committed();
  }

  /// Ensures that each of these new policies has a slot.
  ///
  /// @param policyIds all policies; their slots are not reused
  /// @param isIdle whether no live flow belongs to a slot, so that it may be reused
  /// @throws IllegalArgumentException if there are more than [#POLICIES_MAX]
  /// @throws IllegalStateException if too few slots can be reused; then none is
  void assign(long[] newIds, Set<Long> policyIds, IntPredicate isIdle) {
    if (policyIds.size() > POLICIES_MAX) {
      throw new IllegalArgumentException(
          "there can be at most " + POLICIES_MAX + " policies, were " + policyIds.size());
    }
    long[] ids = LongStream.of(newIds).filter(id -> !slots.containsKey(id)).distinct().toArray();
    int retired = slots.size() - (policyIds.size() - ids.length);
    int unused = CounterFile.CAPACITY_MAX - used - (SOURCES_MAX - sources.size());
    int wanted = Math.min(ids.length, Math.max(retired - RETIRED_MAX, ids.length - unused));
    int[] reused = wanted <= 0 ? new int[0] : oldestRetired(wanted, policyIds, isIdle);
    if (ids.length - reused.length > unused) {
      throw new IllegalStateException("all slots have live flows; try again when they have ended");
    }
    for (int slot : reused) {
      slots.remove(word(slot, ID));
    }
    for (int i = 0; i < ids.length; i++) {
      begin(i < reused.length ? reused[i] : nextSlot(), ids[i]);
    }
    ensureCapacity();
    commit();
  }

  private void begin(int slot, long id) {
    set(slot, new CounterSlot(id, CounterSlot.withResets(CounterSlot.USED, resets), 0, 0, 0));
    slots.put(id, slot);
    PolicyTotal known = saved.remove(id);
    if (known != null) {
      startAt(slot, known);
    }
    touch(slot);
  }

  private int nextSlot() {
    ensureLength(used + 1);
    return used++;
  }

  /// The idle slots of deleted policies that have counted nothing for the longest time; at most so
  /// many.
  private int[] oldestRetired(int most, Set<Long> current, IntPredicate isIdle) {
    return IntStream.range(FIRST_POLICY, used)
        .filter(slot -> !isRaised(slot, CounterSlot.SOURCE))
        .filter(slot -> !current.contains(word(slot, ID)))
        .filter(isIdle)
        .boxed()
        .sorted(Comparator.comparingLong(slot -> word(slot, LAST_SEEN)))
        .limit(most)
        .mapToInt(slot -> slot)
        .toArray();
  }

  private void ensureLength(int length) {
    if (length * WORDS > words.length) {
      words = Arrays.copyOf(words, 2 * words.length);
    }
  }

  /// Grows the file to hold all slots; a failure is retried with the next snapshot.
  private void ensureCapacity() {
    int before = file.capacity();
    try {
      while (file.capacity() < Math.min(used, CounterFile.CAPACITY_MAX)) {
        file.grow();
      }
    } catch (IOException _) {
      growthFailed.increment();
    }
    for (int slot = before; slot < Math.min(used, file.capacity()); slot++) {
      touch(slot);
    }
  }

  /// The number of slots that are or were in use.
  int used() {
    return used;
  }

  /// The slot of a policy that was assigned one; [#UNMATCHED] otherwise.
  int slotOf(long policyId) {
    return slots.getOrDefault(policyId, UNMATCHED);
  }

  /// Counts a volume to a slot.
  void add(int slot, long addedPackets, long addedBytes, long millis, boolean estimated) {
    int at = slot * WORDS;
    words[at + PACKETS] = Volume.saturatedSum(words[at + PACKETS], addedPackets);
    words[at + BYTES] = Volume.saturatedSum(words[at + BYTES], addedBytes);
    if (words[at + PACKETS] == LIMIT || words[at + BYTES] == LIMIT) {
      saturated.increment();
    }
    words[at + LAST_SEEN] = Math.max(words[at + LAST_SEEN], millis);
    words[at + FLAGS] |= estimated ? CounterSlot.ESTIMATED : 0;
    touch(slot);
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

  /// Commits the volumes since the last commit, so that they survive the process.
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

  /// Plans a reset of one policy, without changes; empty if there is no such policy.
  Optional<CounterReset> planReset(long policyId) {
    return Optional.ofNullable(slots.get(policyId))
        .map(slot -> new CounterReset(resets + 1, List.of(part(slot))));
  }

  /// Plans a reset of all counters, including those of deleted policies, without changes.
  CounterReset planResetOfAll() {
    List<CounterReset.Part> parts = new ArrayList<>();
    for (int slot = 0; slot < used; slot++) {
      if (!isRaised(slot, CounterSlot.SOURCE)) {
        parts.add(part(slot));
      }
    }
    return new CounterReset(resets + 1, parts);
  }

  private CounterReset.Part part(int slot) {
    CounterReset.Kind kind =
        switch (slot) {
          case UNMATCHED -> CounterReset.Kind.UNMATCHED;
          case TUNNEL -> CounterReset.Kind.TUNNELS;
          default -> CounterReset.Kind.POLICY;
        };
    long policy = slot < FIRST_POLICY ? Snapshot.UNMATCHED : word(slot, ID);
    return new CounterReset.Part(kind, policy, word(slot, PACKETS), word(slot, BYTES));
  }

  /// Applies a reset that is committed in the database to all counters that have not seen it;
  /// traffic counted since it was planned stays.
  void apply(CounterReset reset) {
    for (CounterReset.Part part : reset.parts()) {
      Integer slot =
          switch (part.kind()) {
            case POLICY -> slots.get(part.policyId());
            case UNMATCHED -> Integer.valueOf(UNMATCHED);
            case TUNNELS -> Integer.valueOf(TUNNEL);
          };
      if (slot == null) {
        if (part.packets() >= 0) {
          saved.remove(part.policyId()); // what a capture adds, the last snapshot has already
        }
      } else if (CounterSlot.resets(word(slot, FLAGS)) < reset.number()) {
        put(slot, PACKETS, without(word(slot, PACKETS), part.packets()));
        put(slot, BYTES, without(word(slot, BYTES), part.bytes()));
        if (part.packets() >= 0) {
          lower(slot, CounterSlot.ESTIMATED);
        }
        put(slot, FLAGS, CounterSlot.withResets(word(slot, FLAGS), reset.number()));
        touch(slot);
      }
    }
    resets = Math.max(resets, reset.number());
    commit();
  }

  private static long without(long total, long taken) {
    return taken < 0 ? Volume.saturatedSum(total, -taken) : Math.max(0, total - taken);
  }

  /// The number of the next change that the database decides.
  long nextReset() {
    return resets + 1;
  }

  /// Moves the counters to a database that has replaced theirs: they continue from its last
  /// snapshot, plus the traffic counted since the last snapshot in the previous database.
  ///
  /// @param identity names it
  /// @param theirs the last snapshot in the new database
  /// @param ours the last snapshot in the previous database
  /// @param reset its last reset
  void giveTo(
      Path path,
      String identity,
      Optional<CounterState> theirs,
      Optional<CounterState> ours,
      CounterReset reset)
      throws IOException {
    Map<Long, PolicyTotal> before = byPolicy(ours);
    Map<Long, PolicyTotal> after = byPolicy(theirs);
    move(
        UNMATCHED,
        ours.map(s -> s.snapshot().unmatched()),
        theirs.map(s -> s.snapshot().unmatched()));
    move(TUNNEL, ours.map(CounterState::tunnels), theirs.map(CounterState::tunnels));
    slots.forEach((id, slot) ->
        move(slot, Optional.ofNullable(before.get(id)), Optional.ofNullable(after.get(id))));
    saved.clear();
    after.forEach((id, total) -> {
      if (!slots.containsKey(id)) {
        saved.put(id, total);
      }
    });
    snapshots = Math.max(snapshots, theirs.map(CounterState::number).orElse(0L));
    file.snapshot(snapshots);
    resets = Math.max(resets, reset.number());
    for (int slot = 0; slot < used; slot++) {
      put(slot, FLAGS, CounterSlot.withResets(word(slot, FLAGS), resets));
      touch(slot);
    }
    commit();
    file.giveTo(path, identity);
  }

  private static Map<Long, PolicyTotal> byPolicy(Optional<CounterState> state) {
    Map<Long, PolicyTotal> totals = new HashMap<>();
    state.ifPresent(
        s -> s.snapshot().policies().forEach(total -> totals.put(total.policyId(), total)));
    return totals;
  }

  private void move(int slot, Optional<PolicyTotal> from, Optional<PolicyTotal> to) {
    long packets = word(slot, PACKETS) - from.map(PolicyTotal::packets).orElse(0L);
    long bytes = word(slot, BYTES) - from.map(PolicyTotal::bytes).orElse(0L);
    put(
        slot,
        PACKETS,
        Volume.saturatedSum(Math.max(0, packets), to.map(PolicyTotal::packets).orElse(0L)));
    put(
        slot,
        BYTES,
        Volume.saturatedSum(Math.max(0, bytes), to.map(PolicyTotal::bytes).orElse(0L)));
    touch(slot);
  }

  /// The current total of a slot.
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

  /// Starts a snapshot, and returns its number. The file stores it before the database can: so a
  /// file with a lower number than the database is an older copy.
  long snapshotTaken() {
    ensureCapacity();
    commit();
    file.snapshot(++snapshots);
    return snapshots;
  }

  /// The number of records of each source that are included in the totals.
  List<SourceProgress> progress() {
    return sources.entrySet().stream()
        .map(source -> progress(source.getKey(), source.getValue()))
        .toList();
  }

  private SourceProgress progress(long id, int slot) {
    return new SourceProgress(id, word(slot, PACKETS), word(slot, BYTES), word(slot, LAST_SEEN));
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
