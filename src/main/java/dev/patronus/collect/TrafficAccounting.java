package dev.patronus.collect;

import dev.patronus.collect.table.FlowTable;
import dev.patronus.flow.CounterReset;
import dev.patronus.flow.CounterState;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.flow.filter.FlowFilter;
import dev.patronus.metrics.Counter;
import dev.patronus.metrics.Metrics;
import dev.patronus.policy.Policy;
import dev.patronus.policy.match.Matcher;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Counts records into flow tables and the policy counters.
///
/// There is a flow table for each receiving thread of a source ([FlowShard]), and one set of
/// counters for all: records are added to their flows side by side, and to the counters a batch at
/// a time. So the counters, their file and each snapshot are those of one counting thread.
///
/// [#count] is for one thread at a time and shard, and all else for a thread that keeps everybody
/// from counting ([Collector#call]). Time is an argument: nanoseconds of the monotonic clock, used
/// only for expiry.
public final class TrafficAccounting {
  /// The number of flows that are visited for one [Stretch].
  private static final int LOOK_MAX = 50_000;

  /// The comparisons of a filter that a step makes without becoming shorter.
  private static final int TERMS_FREE = 8;

  /// The options that an administrator can set.
  ///
  /// @param flowLimit the maximum number of flows; with several shards, each has its part
  /// @param countReplies whether a reply is counted to the policy of the flow that it answers,
  ///   instead of being matched on its own
  /// @param shards the number of flow tables
  public record Settings(Duration flowTimeout, int flowLimit, boolean countReplies, int shards) {
    public static final Settings DEFAULT = new Settings(Duration.ofMinutes(5), 1_000_000, false, 1);

    private static final int FLOW_LIMIT_MIN = 10_000;

    /// The maximum number of flows for a heap of this size: two fifths of it, at most the available
    /// bytes, and never more than a million flows.
    public static int flowLimit(long heapBytes, long availableBytes) {
      long flowsThatFit = Math.min(heapBytes / 5 * 2, availableBytes) / FlowTable.BYTES_OF_FLOW_MAX;
      return Math.clamp(flowsThatFit, FLOW_LIMIT_MIN, DEFAULT.flowLimit);
    }

    /// The bytes that the minimum number of flows takes.
    public static long leastBytes() {
      return (long) FLOW_LIMIT_MIN * FlowTable.BYTES_OF_FLOW_MAX;
    }
  }

  private final PolicyCounters counters;
  private final PathCounters paths = new PathCounters();
  private final FlowShard[] shards;
  private final long startNanos;
  private final Counter recordsCounted;

  private boolean countReplies;
  private int generation;
  private CompiledPolicies policies = CompiledPolicies.NONE;

  /// Creates the accounting on these counters, which the caller closes.
  ///
  /// @param seed a random number
  public TrafficAccounting(
      Settings settings, PolicyCounters counters, long seed, long nowNanos, Metrics metrics) {
    this.counters = counters;
    countReplies = settings.countReplies();
    startNanos = nowNanos;
    recordsCounted = metrics.counter("records_counted");
    Classifier classifier = policies.classifier(generation, TunnelFilter.NONE);
    shards = new FlowShard[settings.shards()];
    for (int i = 0; i < shards.length; i++) {
      int limit = Math.ceilDiv(settings.flowLimit(), shards.length);
      FlowTable flows = new FlowTable(limit, settings.flowTimeout(), seed);
      shards[i] = new FlowShard(flows, classifier, countReplies, metrics);
    }
    metrics.gauge("flows_active", this::liveFlows);
  }

  /// The number of flow tables.
  int shards() {
    return shards.length;
  }

  /// Whether a reply is counted to the policy of the flow that it answers; from the next [#use] on.
  public void countReplies(boolean counted) {
    countReplies = counted;
  }

  /// Policies as the accounting uses them: sorted, compiled, and with the slots of those that are
  /// in use already. Prepared on any thread, so that counting continues meanwhile.
  ///
  /// Immutable once it is in use. Slots of policies in use change with [#use] only, so prepared
  /// ones are right as long as the same array of slots is in use.
  public static final class CompiledPolicies {
    /// No policies.
    public static final CompiledPolicies NONE = new CompiledPolicies();

    private final List<Policy> sorted;
    private final Set<Long> ids;
    private final Matcher matcher;

    /// The position of each of the matcher's policies.
    private final int[] matched;

    /// The slot of each policy.
    private final int[] slots;

    /// The policy of each slot; null for a slot of no policy that is in use.
    private @Nullable Policy[] bySlot;

    /// The array of slots that these were prepared from.
    private final int[] slotsBefore;

    /// The ids of the policies that were in use then, and are not here.
    private final long[] gone;

    /// The positions of the policies that were not in use then; their slots are not known yet.
    private final int[] came;

    private CompiledPolicies() {
      sorted = List.of();
      ids = Set.of();
      matcher = Matcher.compile(sorted);
      matched = new int[0];
      slots = new int[0];
      bySlot = new Policy[PolicyCounters.FIRST_POLICY];
      slotsBefore = new int[0]; // of no other policies, and of none that are in use
      gone = new long[0];
      came = new int[0];
    }

    private CompiledPolicies(
        List<Policy> sorted, Set<Long> ids, Matcher matcher, CompiledPolicies before) {
      this.sorted = sorted;
      this.ids = ids;
      this.matcher = matcher;
      matched =
          IntStream.range(0, sorted.size()).filter(i -> sorted.get(i).isEffective()).toArray();
      slots = new int[sorted.size()];
      bySlot = new Policy[before.bySlot.length];
      slotsBefore = before.slots;
      gone = before.sorted.stream().mapToLong(Policy::id).filter(id -> !ids.contains(id)).toArray();
      Map<Long, Integer> slotOf = HashMap.newHashMap(slotsBefore.length);
      for (int i = 0; i < slotsBefore.length; i++) {
        slotOf.put(before.sorted.get(i).id(), slotsBefore[i]);
      }
      IntStream.Builder unknown = IntStream.builder();
      for (int i = 0; i < slots.length; i++) {
        Integer slot = slotOf.get(sorted.get(i).id());
        if (slot == null) {
          unknown.add(i);
        } else {
          setSlot(i, slot);
        }
      }
      came = unknown.build().toArray();
    }

    /// Compiles all policies, including those that match nothing.
    ///
    /// @param before the policies in use, as [TrafficAccounting#use] returned them; when others are
    ///   in use by then, the slots are looked up again while counting waits
    public static CompiledPolicies of(Collection<Policy> all, CompiledPolicies before) {
      return new CompiledPolicies(
          all.stream().sorted(Policy.ORDER).toList(),
          all.stream().map(Policy::id).collect(Collectors.toSet()),
          Matcher.compile(all),
          before);
    }

    /// These policies, prepared from the policies that are in use.
    @SuppressWarnings("ReferenceEquality") // equal slots may be of other policies
    private CompiledPolicies after(CompiledPolicies inUse) {
      return slotsBefore == inUse.slots ? this : new CompiledPolicies(sorted, ids, matcher, inUse);
    }

    private void setSlot(int position, int slot) {
      slots[position] = slot;
      bySlot[slot] = sorted.get(position);
    }

    private Classifier classifier(int generation, TunnelFilter tunnels) {
      return new Classifier(generation, matcher, tunnels, matched, slots);
    }
  }

  /// Sets the policies. Live flows are reclassified when they are seen again, or in small steps.
  ///
  /// @param all all policies, including those that match nothing
  /// @throws IllegalArgumentException if there are more than [PolicyCounters#POLICIES_MAX]
  public void use(Collection<Policy> all, TunnelFilter tunnels) {
    use(CompiledPolicies.of(all, policies), tunnels);
  }

  /// As [#use(Collection, TunnelFilter)]. Counting waits for this: only policies that go or come
  /// cost time. Their paths are settled; a policy that stays keeps its path.
  ///
  /// @return the policies that are in use now
  public CompiledPolicies use(CompiledPolicies prepared, TunnelFilter tunnels) {
    CompiledPolicies next = prepared.after(policies);
    for (long id : next.gone) {
      paths.settle(total(counters.slotOf(id))); // before another policy has its slot
    }
    long[] came = IntStream.of(next.came).mapToLong(i -> next.sorted.get(i).id()).toArray();
    counters.assign(came, next.ids, slot -> active(slot) == 0);
    for (long id : next.gone) {
      paths.forget(id);
    }
    next.bySlot = Arrays.copyOf(next.bySlot, counters.used());
    for (int i = 0; i < came.length; i++) {
      int slot = counters.slotOf(came[i]);
      next.setSlot(next.came[i], slot);
      paths.settle(total(slot));
    }
    Classifier classifier = next.classifier(++generation, tunnels);
    for (FlowShard shard : shards) {
      shard.use(classifier, countReplies);
    }
    policies = next;
    return next;
  }

  /// Sets the path of each policy: what is counted to the policy is also counted to that path.
  ///
  /// @param pathByPolicy the id of the path by that of the policy; empty for one without a path
  public void route(Map<Long, Optional<Long>> pathByPolicy) {
    settlePaths();
    paths.route(pathByPolicy);
  }

  private void settlePaths() {
    policyTotals().forEach(paths::settle);
  }

  /// The volume of each path since the start of the accounting, over all flows; paths without
  /// traffic that no policy chooses are left out.
  public List<PathTotal> paths() {
    settlePaths();
    Map<Long, Long> active = new HashMap<>();
    policyTotals()
        .forEach(policy ->
            paths
                .pathOf(policy.policyId())
                .ifPresent(path -> active.merge(path, policy.activeFlows(), Long::sum)));
    return paths.paths().stream()
        .sorted()
        .map(path -> paths.total(path, active.getOrDefault(path, 0L)))
        .toList();
  }

  /// Continues from the progress of a source in earlier runs; does nothing the second time.
  void open(CountingProgress progress) {
    counters.open(progress);
  }

  /// Restarts a source from 0.
  void restart(CountingProgress progress) {
    counters.restart(progress);
  }

  /// Counts the first `count` records, all of one source, into the first flow table. When it
  /// returns, the counts survive the process.
  public void count(FlowRecord[] records, int count, CountingProgress progress, long nowNanos) {
    count(0, records, count, progress, nowNanos);
    commit(0);
  }

  /// Counts the first `count` records, all of one source. The counts survive the process with the
  /// next commit: a later call makes one when so many are pending.
  ///
  /// @param shard the flow table: less than [#shards]
  /// @param count at most [StagingSink#BATCH]
  void count(int shard, FlowRecord[] records, int count, CountingProgress progress, long nowNanos) {
    FlowShard flows = shards[shard];
    int tick = tick(nowNanos);
    if (!progress.isOpen()) {
      synchronized (counters) {
        counters.open(progress);
      }
    }
    if (flows.pending().isFull(count)) {
      commit(shard);
    }
    flows.count(records, count, progress, tick);
    recordsCounted.add(count);
    flows.tidy(tick);
  }

  /// Makes what was counted into a flow table survive the process, and part of all totals.
  void commit(int shard) {
    synchronized (counters) { // threads that count into other tables commit theirs
      shards[shard].pending().commitTo(counters);
    }
  }

  /// As [#commit(int)], of all flow tables.
  void commit() {
    for (int shard = 0; shard < shards.length; shard++) {
      commit(shard);
    }
  }

  private int tick(long nowNanos) {
    return (int) ((nowNanos - startNanos) / 1_000_000_000L);
  }

  /// Removes expired flows and reclassifies some, in a small step.
  ///
  /// @return whether nothing is left to do for the moment
  public boolean tidy(long nowNanos) {
    boolean settled = true;
    for (int shard = 0; shard < shards.length; shard++) {
      settled &= tidy(shard, nowNanos);
    }
    return settled;
  }

  /// As [#tidy(long)], of one flow table.
  boolean tidy(int shard, long nowNanos) {
    return shards[shard].tidy(tick(nowNanos));
  }

  /// The number of flows that were seen within the flow timeout. Safe from any thread.
  public int liveFlows() {
    int live = 0;
    for (FlowShard shard : shards) {
      live += shard.live();
    }
    return live;
  }

  /// How many flows are counted to a slot.
  private long active(int slot) {
    long active = 0;
    for (FlowShard shard : shards) {
      active += shard.flows().active(slot);
    }
    return active;
  }

  /// The policies in the order in which they are evaluated.
  public List<Policy> policies() {
    return policies.sorted;
  }

  /// The totals of all policies; the counters behind them survive the process.
  public Snapshot snapshot(Instant taken) {
    boolean estimated =
        counters.isEstimated(PolicyCounters.UNMATCHED)
            || IntStream.of(policies.slots).anyMatch(counters::isEstimated);
    return new Snapshot(taken, policyTotals(), total(PolicyCounters.UNMATCHED), estimated);
  }

  private List<PolicyTotal> policyTotals() {
    PolicyTotal[] totals = new PolicyTotal[policies.slots.length];
    for (int i = 0; i < totals.length; i++) {
      totals[i] = total(policies.slots[i]);
    }
    return List.of(totals);
  }

  /// The volume of the platform's own tunnels, which is excluded from all other totals.
  public PolicyTotal tunnels() {
    return total(PolicyCounters.TUNNEL);
  }

  private PolicyTotal total(int slot) {
    return counters.total(slot, active(slot));
  }

  /// A planned reset; it takes effect with [#apply].
  ///
  /// @param before the totals when it was planned
  /// @param after the totals after it
  public record PlannedReset(Snapshot before, CounterState after, CounterReset reset) {}

  /// Plans a reset of one policy's counters, or of all, including unmatched traffic and tunnels.
  ///
  /// @param policyId the policy; empty for all
  /// @param before the stamp of the totals before the reset
  /// @param after the stamp of the totals after it
  /// @return empty if there is no such policy
  public Optional<PlannedReset> planReset(Optional<Long> policyId, Instant before, Instant after) {
    Optional<CounterReset> planned =
        policyId.isPresent()
            ? counters.planReset(policyId.get())
            : Optional.of(counters.planResetOfAll());
    return planned.map(
        reset -> new PlannedReset(snapshot(before), without(reset, state(after)), reset));
  }

  private static CounterState without(CounterReset reset, CounterState state) {
    Set<Long> taken =
        reset.parts().stream()
            .filter(part -> part.kind() == CounterReset.Kind.POLICY)
            .map(CounterReset.Part::policyId)
            .collect(Collectors.toSet());
    boolean all = reset.parts().stream().anyMatch(p -> p.kind() == CounterReset.Kind.UNMATCHED);
    Snapshot full = state.snapshot();
    List<PolicyTotal> policies =
        full.policies().stream()
            .map(total -> taken.contains(total.policyId()) ? without(total) : total)
            .toList();
    Snapshot left =
        new Snapshot(
            full.taken(),
            policies,
            all ? without(full.unmatched()) : full.unmatched(),
            full.estimated() && !all);
    PolicyTotal tunnels = all ? without(state.tunnels()) : state.tunnels();
    return new CounterState(state.number(), left, tunnels, state.sources());
  }

  private static PolicyTotal without(PolicyTotal total) {
    return new PolicyTotal(total.policyId(), 0, 0, total.activeFlows(), total.lastSeen());
  }

  /// The number of the next reset, which [#apply] takes.
  public long nextReset() {
    return counters.nextReset();
  }

  /// Applies a reset that is committed in the database to the counters that have not seen it;
  /// traffic counted since it was planned stays.
  public void apply(CounterReset reset) {
    settlePaths();
    counters.apply(reset);
    rebasePaths();
  }

  /// Moves the counters to a database that has replaced theirs: they continue from its last
  /// snapshot, plus the traffic counted since the last snapshot in the previous database.
  ///
  /// @param file the new counter file
  /// @param identity names the database
  /// @param theirs the last snapshot in the new database
  /// @param ours the last snapshot in the previous database
  /// @param reset its last reset
  /// @throws UncheckedIOException if the file cannot be renamed; it still belongs to the database,
  ///   unless it could not be written
  public void giveTo(
      Path file,
      String identity,
      Optional<CounterState> theirs,
      Optional<CounterState> ours,
      CounterReset reset) {
    settlePaths();
    try {
      counters.giveTo(file, identity, theirs, ours, reset);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      rebasePaths();
    }
  }

  /// Excludes a reset from path traffic: a reset of policies does not change the volume of paths.
  private void rebasePaths() {
    policyTotals().forEach(paths::rebase);
  }

  /// Receives an entry of a flow table.
  interface EntryVisitor {
    void visit(FlowCursor flow);
  }

  /// Visits the live flows of a part of the tables.
  ///
  /// @param from the first position of the part ([FlowCursor])
  /// @param count how many positions the part has; fewer with a long filter
  /// @param filter only flows that match it
  /// @return where the next part starts; -1 at the end of the tables
  int look(int from, int count, FlowFilter filter, long nowNanos, EntryVisitor visitor) {
    int tick = tick(nowNanos);
    FlowCursor flow = cursor();
    int end = (int) Math.min(flow.positions(), (long) from + count(count, filter));
    for (int position = from; position < end; position++) {
      if (flow.moveTo(position, tick) && filter.matches(flow)) {
        visitor.visit(flow);
      }
    }
    return end < flow.positions() ? end : -1;
  }

  private FlowCursor cursor() {
    return new FlowCursor(shards, policies.bySlot, paths);
  }

  /// The number of entries that a filter is compared with in a step that may last so long.
  private static int count(int most, FlowFilter filter) {
    return Math.max(1, most / (1 + filter.terms() / TERMS_FREE));
  }

  /// The flow at a position; empty if it has ended since.
  Optional<ActiveFlow> liveFlow(int position, int hash, long nowNanos) {
    FlowCursor flow = cursor();
    return flow.moveTo(position, tick(nowNanos)) && flow.hash() == hash
        ? Optional.of(flow.activeFlow())
        : Optional.empty();
  }

  /// The live flow of a key, of several that which was seen last; empty if there is none.
  public Optional<ActiveFlow> liveFlow(FlowKey key, long nowNanos) {
    FlowCursor flow = cursor();
    int tick = tick(nowNanos);
    List<ActiveFlow> found = new ArrayList<>();
    for (int shard = 0; shard < shards.length; shard++) {
      if (flow.moveTo(shard, key, tick)) {
        found.add(flow.activeFlow());
      }
    }
    return found.stream().max(Comparator.comparing(ActiveFlow::lastSeen));
  }

  /// The path that a policy chooses; empty if it has none.
  public Optional<Long> pathOf(long policyId) {
    return paths.pathOf(policyId);
  }

  /// A part of the flow tables.
  ///
  /// @param next where the next part starts; -1 at the end of the tables
  public record Stretch(List<ActiveFlow> flows, int next) {
    public Stretch {
      flows = List.copyOf(flows);
    }
  }

  /// The live flows from a position in the tables on, not sorted, for reading all of them in parts.
  /// A flow keeps its position while it is live, so a flow that is live throughout appears once.
  ///
  /// @param from 0, or where the previous part ended
  /// @param filter only flows that match it
  /// @param most at least 1; fewer may be returned although there are more
  public Stretch stretch(int from, FlowFilter filter, int most, long nowNanos) {
    int tick = tick(nowNanos);
    FlowCursor flow = cursor();
    List<ActiveFlow> found = new ArrayList<>();
    int position = Math.max(0, from);
    int end = (int) Math.min(flow.positions(), (long) position + count(LOOK_MAX, filter));
    for (; position < end && found.size() < most; position++) {
      if (flow.moveTo(position, tick) && filter.matches(flow)) {
        found.add(flow.activeFlow());
      }
    }
    return new Stretch(found, position < flow.positions() ? position : -1);
  }

  /// Takes a numbered snapshot: the totals of all counters and the progress of all sources. The
  /// counter file stores the number before the database can.
  public CounterState state(Instant taken) {
    long number = counters.snapshotTaken();
    return new CounterState(number, snapshot(taken), tunnels(), counters.progress());
  }
}
