package dev.patronus.collect;

import dev.patronus.collect.ActiveFlow.Order;
import dev.patronus.flow.CounterReset;
import dev.patronus.flow.CounterState;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.flow.Volume;
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
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/// The books: each record is classified once per flow and counted into the flow table and the
/// policy counters; when policies change, each flow is classified once more.
///
/// Confined to the collector's thread; others ask through [Collector#call]. Time is an argument:
/// nanoseconds of the monotonic clock, for ageing alone.
public final class TrafficAccounting {
  /// So many flows are looked at for one [Stretch].
  private static final int LOOK_MAX = 50_000;

  /// So many flows are looked at for ageing or for a new classification with each batch.
  private static final int STEP = 512;

  /// What an admin may choose.
  ///
  /// @param flowLimit the most flows that are kept
  /// @param countReplies whether a reply is counted to the policy of the flow that it answers,
  ///   instead of being matched on its own
  public record Settings(Duration flowTimeout, int flowLimit, boolean countReplies) {
    public static final Settings DEFAULT = new Settings(Duration.ofMinutes(5), 1_000_000, false);

    private static final int FLOW_LIMIT_MIN = 10_000;

    /// The most flows that are kept in a heap of this size: they get two fifths of it, no more than
    /// the room that is left, and never more than a million.
    public static int flowLimit(long heapBytes, long availableBytes) {
      long flowsThatFit = Math.min(heapBytes / 5 * 2, availableBytes) / FlowTable.BYTES_OF_FLOW_MAX;
      return Math.clamp(flowsThatFit, FLOW_LIMIT_MIN, DEFAULT.flowLimit);
    }

    /// What the fewest flows take.
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
  private List<Policy> policies = List.of();
  private Map<Integer, Policy> bySlot = Map.of();
  private int[] hashes = new int[64];
  private int[] likely = new int[64];
  private int reclassified;
  private long expiredPublished;
  private long evictedPublished;

  /// Opens books on these counters, which stay the caller's to close.
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
    classifier = new Classifier(0, Matcher.compile(List.of()), TunnelFilter.NONE, _ -> 0);
  }

  /// Whether a reply is counted to the policy of the flow that it answers; from the next [#use] on.
  public void countReplies(boolean counted) {
    countReplies = counted;
  }

  /// Counts by these policies from now on. Flows that are live already are classified again when
  /// they are seen, or by and by.
  ///
  /// @param all every policy that there is, also those that take nothing
  /// @throws IllegalArgumentException if there are more than [PolicyCounters#POLICIES_MAX]
  public void use(Collection<Policy> all, TunnelFilter tunnels) {
    use(all, Matcher.compile(all), tunnels);
  }

  /// As [#use(Collection, TunnelFilter)], with the compiled form of the same policies: who has many
  /// of them compiles them on another thread, while the counting goes on.
  public void use(Collection<Policy> all, Matcher matcher, TunnelFilter tunnels) {
    settlePaths();
    counters.assign(
        all.stream().map(Policy::id).collect(Collectors.toSet()), slot -> flows.active(slot) == 0);
    policies = all.stream().sorted(Policy.ORDER).toList();
    bySlot = new HashMap<>();
    policies.forEach(policy -> bySlot.put(counters.slotOf(policy.id()), policy));
    classifier = new Classifier(classifier.generation() + 1, matcher, tunnels, counters::slotOf);
    reclassified = 0;
    paths.keep(policies.stream().map(Policy::id).collect(Collectors.toSet()));
    settlePaths();
  }

  /// Says which path the flows of each policy take from now on: what is counted to the policy is
  /// counted to that path too.
  ///
  /// @param pathByPolicy the id of the path by that of the policy; empty for one without a path
  public void route(Map<Long, Optional<Long>> pathByPolicy) {
    settlePaths();
    paths.route(pathByPolicy);
  }

  private void settlePaths() {
    policyTotals().forEach(paths::settle);
  }

  /// What each path has carried since the books were opened, of all flows; paths that no traffic
  /// was counted to and no policy chooses are left out.
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

  /// Goes on from how far a source had come in earlier runs; does nothing the second time.
  void open(CountingProgress progress) {
    counters.open(progress);
  }

  /// Begins a source from 0 again.
  void restart(CountingProgress progress) {
    counters.restart(progress);
  }

  /// Counts the first `count` records, all of one source. When it returns, they outlive the
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

  /// Counts whichever of two opposite flows is the reply to where the other belongs. Where the
  /// other was not seen yet (exporters tell of the two in any order), a flow that no policy takes
  /// is the reply to one that a policy would take.
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

  /// Whether the flow that was seen before is the question: it began earlier, or both began at once
  /// and it looks more like one.
  private boolean asks(int known, FlowKey key, int other) {
    int earlier = Long.compare(flows.firstSeen(known), flows.firstSeen(other));
    return earlier != 0 ? earlier < 0 : ReplyKey.isLikelyQuestion(key);
  }

  /// Takes out flows that are over and classifies some again, in a small step.
  ///
  /// @return whether nothing is left to do for the moment
  public boolean tidy(long nowNanos) {
    return tidy(tick(nowNanos));
  }

  private boolean tidy(int tick) {
    boolean settled = flows.expire(tick, STEP);
    int end = Math.min(reclassified + STEP, flows.entries());
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

  /// How many flows were seen within the flow timeout.
  public int liveFlows() {
    return flows.size();
  }

  /// The policies that it counts by, in the order in which they are asked.
  public List<Policy> policies() {
    return policies;
  }

  /// The totals of all policies; what they come from outlives the process.
  public Snapshot snapshot(Instant taken) {
    List<PolicyTotal> totals = policyTotals();
    boolean estimated =
        counters.isEstimated(PolicyCounters.UNMATCHED)
            || policies.stream().anyMatch(p -> counters.isEstimated(counters.slotOf(p.id())));
    return new Snapshot(taken, totals, total(PolicyCounters.UNMATCHED), estimated);
  }

  private List<PolicyTotal> policyTotals() {
    return policies.stream().map(policy -> total(counters.slotOf(policy.id()))).toList();
  }

  /// What the platform's own tunnels carried, and is left out of all else.
  public PolicyTotal tunnels() {
    return total(PolicyCounters.TUNNEL);
  }

  private PolicyTotal total(int slot) {
    return counters.total(slot, flows.active(slot));
  }

  /// A reset that is planned: it changes nothing before [#apply].
  ///
  /// @param before the totals when it was planned
  /// @param after those with the reset taken from them
  public record PlannedReset(Snapshot before, CounterState after, CounterReset reset) {}

  /// Plans a reset of one policy's counters, or of all, those of unmatched traffic and tunnels too.
  ///
  /// @param policyId the policy; empty for all
  /// @param before what the totals before are stamped with
  /// @param after what those after it are stamped with
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

  /// Takes a reset that the database has from the counters that have not seen it; what was counted
  /// since it was planned stays.
  public void apply(CounterReset reset) {
    settlePaths();
    counters.apply(reset);
    rebasePaths();
  }

  /// Gives the counters to another database, which has come in place of theirs: they go on at its
  /// last snapshot, with what was counted since the last one in the database before.
  ///
  /// @param file where the counters are kept from now on
  /// @param identity names the database
  /// @param theirs its last snapshot
  /// @param ours the last snapshot in the database before
  /// @param reset its last reset
  /// @throws UncheckedIOException if the file cannot be renamed; it belongs to the database all the
  ///   same, unless it could not be written
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

  /// A reset is no traffic, and what paths have carried is not the policies' to take back.
  private void rebasePaths() {
    policyTotals().forEach(paths::rebase);
  }

  /// Takes an entry of the flow table.
  interface EntryVisitor {
    void visit(int entry, int hash);
  }

  /// Visits the live flows of a part of the table.
  ///
  /// @param from the first entry of the part
  /// @param count how many entries the part has
  /// @param policyId only flows that are counted to it; empty for all
  /// @return where the next part begins; -1 at the end of the table, or if there is no such policy
  int look(int from, int count, Optional<Long> policyId, long nowNanos, EntryVisitor visitor) {
    int tick = tick(nowNanos);
    int slot = policyId.map(counters::slotOf).orElse(PolicyCounters.UNMATCHED);
    if (policyId.isPresent() && slot == PolicyCounters.UNMATCHED) {
      return -1;
    }
    int end = (int) Math.min(flows.entries(), (long) from + count);
    for (int entry = from; entry < end; entry++) {
      if (flows.isLive(entry, tick) && (policyId.isEmpty() || flows.slot(entry) == slot)) {
        visitor.visit(entry, flows.hash(entry));
      }
    }
    return end < flows.entries() ? end : -1;
  }

  /// The flow of an entry; empty if it has ended since.
  Optional<ActiveFlow> liveFlow(int entry, int hash, long nowNanos) {
    return flows.isLive(entry, tick(nowNanos)) && flows.hash(entry) == hash
        ? Optional.of(activeFlow(entry))
        : Optional.empty();
  }

  /// How much an entry is by an order; the largest comes first.
  long weight(Order order, int entry) {
    return switch (order) {
      case BYTES -> flows.bytes(entry);
      case PACKETS -> flows.packets(entry);
      case AGE -> -flows.firstSeen(entry);
    };
  }

  /// A stretch of the flow table.
  ///
  /// @param next where the stretch after it begins; -1 at the end of the table
  public record Stretch(List<ActiveFlow> flows, int next) {
    public Stretch {
      flows = List.copyOf(flows);
    }
  }

  /// The live flows from a place in the table on, not sorted, for who wants all of them by and by.
  /// A flow keeps its place as long as it lives, so one that lives all the while comes once.
  ///
  /// @param from 0, or where the stretch before it ended
  /// @param policyId only flows that are counted to it; empty for all
  /// @param most at least 1; fewer may come although there are more
  public Stretch stretch(int from, Optional<Long> policyId, int most, long nowNanos) {
    int tick = tick(nowNanos);
    int slot = policyId.map(counters::slotOf).orElse(PolicyCounters.UNMATCHED);
    if (policyId.isPresent() && slot == PolicyCounters.UNMATCHED) {
      return new Stretch(List.of(), -1);
    }
    List<ActiveFlow> found = new ArrayList<>();
    int entry = Math.max(0, from);
    int end = (int) Math.min(flows.entries(), (long) entry + LOOK_MAX);
    for (; entry < end && found.size() < most; entry++) {
      boolean wanted = policyId.isEmpty() || flows.slot(entry) == slot;
      if (flows.isLive(entry, tick) && wanted) {
        found.add(activeFlow(entry));
      }
    }
    return new Stretch(found, entry < flows.entries() ? entry : -1);
  }

  private ActiveFlow activeFlow(int entry) {
    int slot = flows.slot(entry);
    return new ActiveFlow(
        flows.key(entry),
        Optional.ofNullable(bySlot.get(slot)),
        slot == PolicyCounters.TUNNEL,
        flows.isReply(entry),
        new Volume(flows.packets(entry), flows.bytes(entry)),
        flows.isEstimated(entry),
        Instant.ofEpochMilli(flows.firstSeen(entry)),
        Instant.ofEpochMilli(flows.lastSeen(entry)));
  }

  /// Takes a numbered snapshot: the totals of all counters and the progress of all sources. The
  /// file of counters knows the number before the database can.
  public CounterState state(Instant taken) {
    long number = counters.snapshotTaken();
    return new CounterState(number, snapshot(taken), tunnels(), counters.progress());
  }
}
