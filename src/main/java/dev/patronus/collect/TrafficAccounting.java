package dev.patronus.collect;

import dev.patronus.collect.ActiveFlow.Order;
import dev.patronus.flow.CounterReset;
import dev.patronus.flow.CounterState;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.flow.Volume;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Counts records into the flow table and the policy counters. Each flow is classified once, and
/// again when policies change.
///
/// Confined to the collector's thread; other threads use [Collector#call]. Time is an argument:
/// nanoseconds of the monotonic clock, used only for expiry.
public final class TrafficAccounting {
  /// The number of flows that are visited for one [Stretch].
  private static final int LOOK_MAX = 50_000;

  /// The comparisons of a filter that a step makes without becoming shorter.
  private static final int TERMS_FREE = 8;

  /// The number of flows that are visited for expiry or reclassification with each batch.
  private static final int STEP = 512;

  /// How many are classified again in such a step: each asks all policies.
  private static final int CLASSIFY_STEP = 64;

  /// The options that an administrator can set.
  ///
  /// @param flowLimit the maximum number of flows
  /// @param countReplies whether a reply is counted to the policy of the flow that it answers,
  ///   instead of being matched on its own
  public record Settings(Duration flowTimeout, int flowLimit, boolean countReplies) {
    public static final Settings DEFAULT = new Settings(Duration.ofMinutes(5), 1_000_000, false);

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
  private final FlowTable flows;
  private final long startNanos;
  private final Counter recordsCounted;
  private final Counter flowsExpired;
  private final Counter flowsEvicted;
  private final AtomicLong flowsLive = new AtomicLong();

  private boolean countReplies;
  private Classifier classifier;
  private CompiledPolicies policies = CompiledPolicies.NONE;
  private int[] hashes = new int[64];
  private int[] likely = new int[64];
  private int reclassified;
  private long expiredPublished;
  private long evictedPublished;

  /// Creates the accounting on these counters, which the caller closes.
  ///
  /// @param seed a random number
  public TrafficAccounting(
      Settings settings, PolicyCounters counters, long seed, long nowNanos, Metrics metrics) {
    this.counters = counters;
    countReplies = settings.countReplies();
    startNanos = nowNanos;
    flows = new FlowTable(settings.flowLimit(), settings.flowTimeout(), seed);
    recordsCounted = metrics.counter("records_counted");
    flowsExpired = metrics.counter("flows_expired");
    flowsEvicted = metrics.counter("flows_evicted");
    metrics.gauge("flows_active", flowsLive::get);
    classifier = policies.classifier(0, TunnelFilter.NONE);
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
    counters.assign(came, next.ids, slot -> flows.active(slot) == 0);
    for (long id : next.gone) {
      paths.forget(id);
    }
    next.bySlot = Arrays.copyOf(next.bySlot, counters.used());
    for (int i = 0; i < came.length; i++) {
      int slot = counters.slotOf(came[i]);
      next.setSlot(next.came[i], slot);
      paths.settle(total(slot));
    }
    classifier = next.classifier(classifier.generation() + 1, tunnels);
    reclassified = 0;
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

  /// Counts the first `count` records, all of one source. When it returns, the counts survive the
  /// process.
  public void count(FlowRecord[] records, int count, CountingProgress progress, long nowNanos) {
    int tick = tick(nowNanos);
    counters.open(progress);
    if (hashes.length < count) {
      hashes = new int[count];
      likely = new int[count];
    }
    for (int i = 0; i < count; i++) {
      hashes[i] = flows.hash(records[i].key());
    }
    flows.lookAhead(hashes, count, likely);
    for (int i = 0; i < count; i++) {
      count(records[i], hashes[i], likely[i], tick);
    }
    progress.digest(records, count);
    counters.advance(progress, count);
    counters.commit();
    progress.advance(count);
    recordsCounted.add(count);
    tidy(tick);
  }

  private int tick(long nowNanos) {
    return (int) ((nowNanos - startNanos) / 1_000_000_000L);
  }

  private void count(FlowRecord seen, int hash, int likelyEntry, int tick) {
    int entry = flows.find(seen.key(), hash, likelyEntry);
    if (entry == FlowTable.ABSENT) {
      entry = flows.add(seen.key(), hash, tick, seen.startMillis());
      classify(entry, seen.key());
    } else if (flows.generation(entry) != classifier.generation()) {
      classify(entry, seen.key());
    }
    flows.observe(entry, seen, tick);
    counters.add(
        flows.slot(entry), seen.packets(), seen.bytes(), seen.endMillis(), seen.estimated());
  }

  private void classify(int entry, FlowKey key) {
    int slot = classifier.slot(key);
    flows.markReply(entry, false);
    flows.assign(entry, slot, classifier.generation());
    if (countReplies && slot != PolicyCounters.TUNNEL) {
      ReplyKey.opposite(key).ifPresent(opposite -> pair(entry, key, opposite));
    }
  }

  /// Counts the reply of two opposite flows to the policy of the request. If the opposite flow was
  /// not seen yet (exporters report the two in any order), an unmatched flow is the reply to one
  /// that a policy would match.
  private void pair(int entry, FlowKey key, FlowKey oppositeKey) {
    int opposite = flows.find(oppositeKey, flows.hash(oppositeKey));
    if (opposite == FlowTable.ABSENT) {
      if (flows.slot(entry) == PolicyCounters.UNMATCHED) {
        answer(entry, oppositeKey);
      }
    } else if (asks(opposite, oppositeKey, entry)) {
      answer(entry, oppositeKey);
    } else {
      answer(opposite, key);
    }
  }

  private void answer(int reply, FlowKey work) {
    int slot = classifier.slot(work);
    if (slot != PolicyCounters.UNMATCHED) {
      flows.markReply(reply, true);
      flows.assign(reply, slot, classifier.generation());
    }
  }

  /// Whether the known flow is the request: it started earlier, or both started at the same time
  /// and it looks more like a request.
  private boolean asks(int known, FlowKey key, int other) {
    int earlier = Long.compare(flows.firstSeen(known), flows.firstSeen(other));
    return earlier != 0 ? earlier < 0 : ReplyKey.isLikelyQuestion(key);
  }

  /// Removes expired flows and reclassifies some, in a small step.
  ///
  /// @return whether nothing is left to do for the moment
  public boolean tidy(long nowNanos) {
    return tidy(tick(nowNanos));
  }

  private boolean tidy(int tick) {
    boolean settled = flows.expire(tick, STEP);
    int end = Math.min(reclassified + CLASSIFY_STEP, flows.entries());
    while (reclassified < end) {
      reclassify(reclassified++);
    }
    publish();
    return settled && reclassified == flows.entries();
  }

  private void reclassify(int entry) {
    if (flows.isUsed(entry) && flows.generation(entry) != classifier.generation()) {
      classify(entry, flows.key(entry));
    }
  }

  private void publish() {
    flowsLive.lazySet(flows.size());
    flowsExpired.add(flows.expired() - expiredPublished);
    flowsEvicted.add(flows.evicted() - evictedPublished);
    expiredPublished = flows.expired();
    evictedPublished = flows.evicted();
  }

  /// The number of flows that were seen within the flow timeout.
  public int liveFlows() {
    return flows.size();
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
    return counters.total(slot, flows.active(slot));
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

  /// Receives an entry of the flow table.
  interface EntryVisitor {
    void visit(FlowCursor flow);
  }

  /// Visits the live flows of a part of the table.
  ///
  /// @param from the first entry of the part
  /// @param count how many entries the part has; fewer with a long filter
  /// @param filter only flows that match it
  /// @return where the next part starts; -1 at the end of the table
  int look(int from, int count, FlowFilter filter, long nowNanos, EntryVisitor visitor) {
    int tick = tick(nowNanos);
    FlowCursor flow = new FlowCursor(flows, policies.bySlot, paths);
    int end = (int) Math.min(flows.entries(), (long) from + count(count, filter));
    for (int entry = from; entry < end; entry++) {
      if (matches(filter, flow, entry, tick)) {
        visitor.visit(flow);
      }
    }
    return end < flows.entries() ? end : -1;
  }

  /// The number of entries that a filter is compared with in a step that may last so long.
  private static int count(int most, FlowFilter filter) {
    return Math.max(1, most / (1 + filter.terms() / TERMS_FREE));
  }

  private boolean matches(FlowFilter filter, FlowCursor flow, int entry, int tick) {
    flow.moveTo(entry);
    return flows.isLive(entry, tick) && filter.matches(flow);
  }

  /// The hash of an entry's flow.
  int hash(int entry) {
    return flows.hash(entry);
  }

  /// The flow of an entry; empty if it has ended since.
  Optional<ActiveFlow> liveFlow(int entry, int hash, long nowNanos) {
    return flows.isLive(entry, tick(nowNanos)) && flows.hash(entry) == hash
        ? Optional.of(activeFlow(entry))
        : Optional.empty();
  }

  /// The live flow of a key; empty if there is none.
  public Optional<ActiveFlow> liveFlow(FlowKey key, long nowNanos) {
    int hash = flows.hash(key);
    int entry = flows.find(key, hash);
    return entry < 0 ? Optional.empty() : liveFlow(entry, hash, nowNanos);
  }

  /// The path that a policy chooses; empty if it has none.
  public Optional<Long> pathOf(long policyId) {
    return paths.pathOf(policyId);
  }

  /// The sort value of an entry in an order; the largest comes first.
  long weight(Order order, int entry) {
    return switch (order) {
      case BYTES -> flows.bytes(entry);
      case PACKETS -> flows.packets(entry);
      case AGE -> -flows.firstSeen(entry);
      case RATE ->
          // the bits of doubles that are not negative have the order of their values
          Double.doubleToLongBits(
              Volume.perSecond(flows.bytes(entry), flows.firstSeen(entry), flows.lastSeen(entry)));
      case FLOWS -> 1;
    };
  }

  /// A part of the flow table.
  ///
  /// @param next where the next part starts; -1 at the end of the table
  public record Stretch(List<ActiveFlow> flows, int next) {
    public Stretch {
      flows = List.copyOf(flows);
    }
  }

  /// The live flows from a position in the table on, not sorted, for reading the whole table in
  /// parts. A flow keeps its position while it is live, so a flow that is live throughout appears
  /// once.
  ///
  /// @param from 0, or where the previous part ended
  /// @param filter only flows that match it
  /// @param most at least 1; fewer may be returned although there are more
  public Stretch stretch(int from, FlowFilter filter, int most, long nowNanos) {
    int tick = tick(nowNanos);
    FlowCursor flow = new FlowCursor(flows, policies.bySlot, paths);
    List<ActiveFlow> found = new ArrayList<>();
    int entry = Math.max(0, from);
    int end = (int) Math.min(flows.entries(), (long) entry + count(LOOK_MAX, filter));
    for (; entry < end && found.size() < most; entry++) {
      if (matches(filter, flow, entry, tick)) {
        found.add(activeFlow(entry));
      }
    }
    return new Stretch(found, entry < flows.entries() ? entry : -1);
  }

  private ActiveFlow activeFlow(int entry) {
    int slot = flows.slot(entry);
    return new ActiveFlow(
        flows.key(entry),
        Optional.ofNullable(policies.bySlot[slot]),
        slot == PolicyCounters.TUNNEL,
        flows.isReply(entry),
        new Volume(flows.packets(entry), flows.bytes(entry)),
        flows.isEstimated(entry),
        Optional.ofNullable(flows.exporter(entry)),
        Instant.ofEpochMilli(flows.firstSeen(entry)),
        Instant.ofEpochMilli(flows.lastSeen(entry)));
  }

  /// Takes a numbered snapshot: the totals of all counters and the progress of all sources. The
  /// counter file stores the number before the database can.
  public CounterState state(Instant taken) {
    long number = counters.snapshotTaken();
    return new CounterState(number, snapshot(taken), tunnels(), counters.progress());
  }
}
