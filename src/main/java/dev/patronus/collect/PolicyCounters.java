package dev.patronus.collect;

import dev.patronus.flow.CounterReset;
import dev.patronus.flow.CounterState;
import dev.patronus.flow.CounterState.SourceProgress;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
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
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntPredicate;

/// The cumulative volume of each policy, of what no policy takes, and of the tunnels, kept in a
/// [CounterFile].
///
/// Volumes are added in memory; [#commit()] makes all that were added since the last one outlive
/// the process, all at once. A policy has a slot for as long as its numbers are kept: that of a
/// deleted policy keeps them until another policy needs it. What the file has no room for is
/// counted in memory until it has. Some slots count the records of a source ([CountingProgress]);
/// they are no policies, and no reset concerns them.
///
/// **Where counting goes on from.** The file has each batch at once, the database has the state of
/// each snapshot, with the progress of the sources in the same transaction ([CounterState]). The
/// file is believed if it has at least what the database has, and nothing can be torn in it:
///
/// - it was closed in order, or this is still the boot in which it was used (then its process was
///   killed at most, and the kernel has all that was written), and
/// - the number of the last snapshot that was taken of it is not lower than that of the last one in
///   the database (lower: it is an older copy), and
/// - no slot of it is damaged.
///
/// Otherwise, as after a power cut, all totals and the progress of the sources are those of the
/// last snapshot: what came since then may be lost, and nothing can count twice. Nothing of the
/// file has to be on the disk for that. What has to be, and in which order:
///
/// ```text
///   1  totals journals, synced      a growth of a running total that the snapshot has is in them
///   2  database, committed          totals, progress, audit row, number: all or nothing
///   3  acknowledged
/// ```
///
/// Journals that lack their end all the same say so by the number of records: the first totals that
/// come then are a baseline.
///
/// **A reset** is first committed to the database, with the audit row and what it takes from each
/// counter, then taken from the counters; each slot knows the number of the last reset that it has
/// seen. Whoever is killed before the commit has the old counters, whoever is killed after it takes
/// the reset from them at the next start: what was counted meanwhile stays.
///
/// Confined to the collector's thread. The owner closes it. Totals end at [#LIMIT], 2^63 - 1.
public final class PolicyCounters implements AutoCloseable {
  /// The most policies at a time.
  public static final int POLICIES_MAX = CounterFile.CAPACITY_MAX - 2 - PolicyCounters.SOURCES_MAX;

  /// The most sources whose progress is kept; at the limit that which was heard of longest ago
  /// goes.
  static final int SOURCES_MAX = 256;

  /// The slot of what no policy takes.
  static final int UNMATCHED = 0;

  /// The slot of the platform's own tunnels.
  static final int TUNNEL = 1;

  /// What packets and bytes end at: what is added beyond it is lost, and a metric counts such
  /// volumes.
  public static final long LIMIT = Long.MAX_VALUE;

  private static final int FIRST_POLICY = 2;

  private static final int WORDS = 8;
  private static final int ID = 0;
  private static final int FLAGS = 1;
  private static final int PACKETS = 2;
  private static final int BYTES = 3;
  private static final int LAST_SEEN = 4;

  /// 1 if the slot has changed since the last commit.
  private static final int TOUCHED = 5;

  /// So many slots of deleted policies are kept before one of them is reused.
  private static final int RETIRED_MAX = 1024;

  private final CounterFile file;
  private final Map<Long, PolicyTotal> saved = new HashMap<>();
  private final Map<Long, Integer> slots = new HashMap<>();
  private final Map<Long, Integer> sources = new HashMap<>();
  private final Counter growthFailed;
  private final Counter behindSnapshot;
  private final Counter saturated;

  /// The slots one behind the other, each in a cache line of [#WORDS] words.
  private long[] words;

  private int used;
  private final int[] touched = new int[CounterFile.COMMIT_MAX];
  private int touchedCount;
  private long snapshots;
  private long resets;
  private long sourcesOpened;

  private PolicyCounters(CounterFile file, Metrics metrics) {
    this.file = file;
    growthFailed = metrics.counter("counter_file_growth_failed");
    behindSnapshot = metrics.counter("counter_file_behind_snapshot");
    saturated = metrics.counter("policy_counter_saturated");
    metrics.counter("counter_file_quarantined").add(file.complaint().isPresent() ? 1 : 0);
    metrics.counter("counter_file_slots_damaged").add(file.damaged());
    words = new long[file.capacity() * WORDS];
  }

  /// Goes on where the counters of this file stopped, or at a snapshot that an earlier version of
  /// the program has saved.
  ///
  /// @param identity names the database that the counters belong to; a file of another one is put
  ///   aside
  public static PolicyCounters open(
      Path path, String identity, Optional<Snapshot> last, Metrics metrics) throws IOException {
    return open(path, identity, last.map(CounterState::of), CounterReset.NONE, 1, metrics);
  }

  /// Goes on where the counters of this file stopped, or at the last snapshot where the file cannot
  /// be believed.
  ///
  /// @param identity names the database that the counters belong to; a file of another one is put
  ///   aside
  /// @param last the last snapshot in the database
  /// @param reset the last reset in the database
  /// @param boot 64 bits that stand for this boot of the machine; not 0
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

  /// The text that names the database that a file of counters belongs to; empty if there is no such
  /// file, it is none, or its header is damaged. Not for a file that this process has open.
  public static Optional<String> identity(Path path) {
    return CounterFile.identity(path);
  }

  /// Gives a file of counters that is not open to a database, under another name.
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

  /// Takes all totals and the progress of all sources from a snapshot. What it does not have is 0,
  /// as are policies that no slot was assigned to yet.
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

  /// Keeps the totals of policies that have no slot yet.
  private void remember(Snapshot last) {
    for (PolicyTotal total : last.policies()) {
      if (!slots.containsKey(total.policyId())) {
        saved.put(total.policyId(), total);
      }
    }
  }

  /// Where the snapshots have no number yet: a file that has less than was saved, and was not
  /// reset, is an older one.
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

  /// Begins a source from 0 again.
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
  void advance(CountingProgress progress, int records) {
    int slot = progress.slot();
    if (word(slot, ID) == progress.id()) {
      put(slot, PACKETS, sum(word(slot, PACKETS), records));
      put(slot, BYTES, progress.digest());
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
    set(slot, new CounterSlot(id, CounterSlot.withResets(CounterSlot.USED, resets), 0, 0, 0));
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
    if (words[at + PACKETS] == LIMIT || words[at + BYTES] == LIMIT) {
      saturated.increment();
    }
    words[at + LAST_SEEN] = Math.max(words[at + LAST_SEEN], millis);
    words[at + FLAGS] |= estimated ? CounterSlot.ESTIMATED : 0;
    touch(slot);
  }

  /// A sum that ends at [#LIMIT].
  public static long sum(long a, long b) {
    long sum = a + b;
    return sum < 0 ? LIMIT : sum;
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

  /// A reset of one policy, which changes nothing yet; empty if there is no such policy.
  Optional<CounterReset> planReset(long policyId) {
    return Optional.ofNullable(slots.get(policyId))
        .map(slot -> new CounterReset(resets + 1, List.of(part(slot))));
  }

  /// A reset of all counters, those of deleted policies too, which changes nothing yet.
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

  /// Takes a reset that the database has from all counters that have not seen it; what was counted
  /// since it was planned stays.
  void apply(CounterReset reset) {
    for (CounterReset.Part part : reset.parts()) {
      Integer slot =
          switch (part.kind()) {
            case POLICY -> slots.get(part.policyId());
            case UNMATCHED -> Integer.valueOf(UNMATCHED);
            case TUNNELS -> Integer.valueOf(TUNNEL);
          };
      if (slot == null) {
        saved.remove(part.policyId());
      } else if (CounterSlot.resets(word(slot, FLAGS)) < reset.number()) {
        put(slot, PACKETS, Math.max(0, word(slot, PACKETS) - part.packets()));
        put(slot, BYTES, Math.max(0, word(slot, BYTES) - part.bytes()));
        lower(slot, CounterSlot.ESTIMATED);
        put(slot, FLAGS, CounterSlot.withResets(word(slot, FLAGS), reset.number()));
        touch(slot);
      }
    }
    resets = Math.max(resets, reset.number());
    commit();
  }

  /// Gives the counters to another database, which has come in place of theirs: they go on at its
  /// last snapshot, with what was counted since the last one in the database before.
  ///
  /// @param identity names it
  /// @param theirs its last snapshot
  /// @param ours the last snapshot in the database before
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
    put(slot, PACKETS, sum(Math.max(0, packets), to.map(PolicyTotal::packets).orElse(0L)));
    put(slot, BYTES, sum(Math.max(0, bytes), to.map(PolicyTotal::bytes).orElse(0L)));
    touch(slot);
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

  /// Notes that a snapshot is taken, and gives its number. The file has it before the database can:
  /// so a file with a lower number than the database is an older one.
  long snapshotTaken() {
    makeRoom();
    commit();
    file.snapshot(++snapshots);
    return snapshots;
  }

  /// How many records of each source are in the totals.
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
