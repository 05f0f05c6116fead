package dev.patronus.fleet.read;

import dev.patronus.history.Buckets;
import dev.patronus.history.SampledSeries;
import dev.patronus.history.SampledSum;
import dev.patronus.history.Series;
import dev.patronus.history.SeriesSum;
import dev.patronus.history.plan.HistoryPlan;
import dev.patronus.history.plan.HistorySource;
import dev.patronus.history.plan.HistorySummary;
import dev.patronus.history.plan.HistorySums;
import dev.patronus.history.plan.HistorySums.Others;
import dev.patronus.history.plan.TierPlanner;
import dev.patronus.history.plan.TierPoints;
import dev.patronus.history.tier.Tier;
import dev.patronus.store.history.PolicyHistory;
import dev.patronus.store.scan.RowScan;
import dev.patronus.time.TimeRange;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/// The history of the policies of gateways, from the roll-ups and the rows that they have sent: the
/// same numbers as on each gateway.
///
/// The number of a policy is its place among all, by gateway and id. A policy may have been rolled
/// up by several databases, one after the other; what they have adds up. Memory: the steps of a few
/// hundred policies at a time.
///
/// Confined to one thread.
public final class HubHistory implements HistorySource {
  /// So many points are held at a time, and those of one policy whatever they are.
  private static final long POINTS_HELD = 400_000;

  private static final int POLICIES_AT_ONCE = 500;

  /// So many cells of 5 minutes are read for percentiles; where there are more, because many
  /// gateways are read, percentiles are computed from the steps that are shown.
  private static final long SAMPLES_MOST = 5_000_000;

  private static final String THERE =
      "SELECT gateway_id, policy_id, name FROM fleet.policies"
          + " WHERE gateway_id = ANY (?) AND deleted_at IS NULL";

  private final FleetReader reader;
  private final TierCells cells;
  private final HubRows rows;
  private final List<HubPolicy> policies;
  private final List<List<HubSeries>> series = new ArrayList<>();
  private final List<List<HubSeries>> unmatched = new ArrayList<>();
  private final Map<Long, String> names = new HashMap<>();
  private final Set<Long> there = new HashSet<>();

  public HubHistory(FleetReader reader) {
    this.reader = reader;
    this.cells = new TierCells(reader);
    Map<HubPolicy, List<HubSeries>> ofPolicies = new TreeMap<>();
    Map<Integer, List<HubSeries>> ofNone = new TreeMap<>();
    for (HubSeries each : HubSeries.all(reader)) {
      if (each.isUnmatched()) {
        ofNone.computeIfAbsent(each.gatewayId(), _ -> new ArrayList<>()).add(each);
      } else {
        HubPolicy policy = new HubPolicy(reader.gateway(each.gatewayId()).name(), each.policyId());
        ofPolicies.computeIfAbsent(policy, _ -> new ArrayList<>()).add(each);
      }
    }
    unmatched.addAll(ofNone.values());
    Map<HubPolicy, String> namesNow = new HashMap<>();
    reader.each(
        THERE,
        row ->
            namesNow.put(
                new HubPolicy(reader.gateway(row.getInt(1)).name(), row.getLong(2)),
                row.getString(3)),
        reader.ids());
    Set<HubPolicy> all = new TreeSet<>(ofPolicies.keySet());
    all.addAll(namesNow.keySet());
    this.policies = List.copyOf(all);
    for (int i = 0; i < policies.size(); i++) {
      HubPolicy policy = policies.get(i);
      List<HubSeries> of = ofPolicies.getOrDefault(policy, List.of());
      series.add(of);
      String name = namesNow.get(policy);
      if (name != null) {
        there.add((long) i);
      }
      names.put((long) i, name == null ? of.getLast().name() : name);
    }
    this.rows = new HubRows(reader, policies);
  }

  /// The gateway and the id of a policy.
  public HubPolicy policy(long number) {
    return policies.get((int) number);
  }

  /// The names of all policies by their numbers: of those that are there, and the last ones of
  /// those that are deleted.
  public Map<Long, String> names() {
    return Map.copyOf(names);
  }

  /// The numbers of the policies that are deleted.
  public Set<Long> deleted() {
    Set<Long> deleted = new HashSet<>(names.keySet());
    deleted.removeAll(there);
    return deleted;
  }

  @Override
  public List<Long> policies() {
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < policies.size(); i++) {
      if (!series.get(i).isEmpty()) {
        all.add((long) i);
      }
    }
    return all;
  }

  private List<HubSeries> of(long policy) {
    return series.get((int) policy);
  }

  /// The last of the databases that have rolled a policy up tells how far its rows are apart.
  @Override
  public long secondsApart(List<Long> wanted) {
    for (long policy : wanted) {
      if (there.contains(policy) && !of(policy).isEmpty()) {
        long apart = rows.secondsApart(policy, of(policy).getLast());
        if (apart > 0) {
          return apart;
        }
      }
    }
    return 0;
  }

  @Override
  public OptionalLong firstSecond(List<Long> wanted) {
    return min(cells.firsts(wanted.stream().flatMap(policy -> of(policy).stream()).toList()));
  }

  private static OptionalLong min(long[] firsts) {
    return Arrays.stream(firsts).filter(first -> first != Long.MAX_VALUE).min();
  }

  @Override
  public HistoryPlan plan(
      TimeRange range, Buckets buckets, List<Long> wanted, boolean withUnmatched) {
    List<HubSeries> read = new ArrayList<>();
    wanted.forEach(policy -> read.addAll(of(policy)));
    if (withUnmatched) {
      unmatched.forEach(read::addAll);
    }
    return new TierPlanner(tier -> kept(read, tier))
        .plan(range, buckets, () -> min(cells.firsts(read)))
        .map(plan -> affordable(plan, read))
        .orElseGet(() -> {
          refuseGone(range, buckets, wanted);
          return new HistoryPlan(range, buckets, Optional.empty(), false);
        });
  }

  /// The plan without samples of 5 minutes where they would be too many.
  private static HistoryPlan affordable(HistoryPlan plan, List<HubSeries> read) {
    if (!plan.separateSamples()) {
      return plan;
    }
    long newest = read.stream().mapToLong(HubSeries::newest).max().orElse(plan.cellsFrom());
    long seconds = Math.min(plan.cellsUntil(), Tier.clamp(newest)) - plan.cellsFrom();
    return Math.max(0, seconds) / Tier.FIVE_MINUTES.seconds() * read.size() > SAMPLES_MOST
            && plan.range().since().isPresent()
        ? plan.withoutSamples()
        : plan;
  }

  /// From where on all of these have all cells of a tier.
  private static long kept(List<HubSeries> read, Tier tier) {
    return read.stream()
        .mapToLong(each ->
            switch (tier) {
              case FIVE_MINUTES -> each.fiveMinutesFrom();
              case HOUR -> each.hoursFrom();
              case DAY -> Tier.FIRST_SECOND;
            })
        .max()
        .orElse(Tier.FIRST_SECOND);
  }

  private void refuseGone(TimeRange range, Buckets buckets, List<Long> wanted) {
    List<HubSeries> read = new ArrayList<>();
    List<Long> numbers = new ArrayList<>();
    for (long policy : wanted) {
      of(policy)
          .forEach(each -> {
            read.add(each);
            numbers.add(policy);
          });
    }
    long[] rolledUp = cells.firsts(read);
    Map<Long, Long> firstRows = rows.firstSeconds(wanted.stream().filter(there::contains).toList());
    long left = Long.MIN_VALUE;
    boolean anyRolledUp = false;
    for (int i = 0; i < rolledUp.length; i++) {
      anyRolledUp |= rolledUp[i] != Long.MAX_VALUE;
      Long row = firstRows.get(numbers.get(i));
      if (row != null && rolledUp[i] != Long.MAX_VALUE) {
        long first = Tier.FIVE_MINUTES.floor(Tier.clamp(row));
        left = rolledUp[i] < first ? Math.max(left, row) : left;
      }
    }
    PolicyHistory.refuseGone(range, buckets.step(), anyRolledUp && firstRows.isEmpty(), left);
  }

  @Override
  public long read(List<Long> wanted, HistoryPlan plan, Consumer<SampledSeries> found) {
    if (plan.tier().isEmpty()) {
      return rows.read(
          wanted.stream().filter(there::contains).toList(), this::disordered, plan, found);
    }
    long implausible = 0;
    int atOnce = atOnce(plan);
    for (int from = 0; from < wanted.size(); from += atOnce) {
      List<Long> chunk = wanted.subList(from, Math.min(wanted.size(), from + atOnce));
      List<TierPoints> points = read(chunk.stream().map(this::of).toList(), plan);
      for (int i = 0; i < chunk.size(); i++) {
        points.get(i).series(chunk.get(i)).ifPresent(found);
        implausible += points.get(i).implausible();
      }
    }
    return implausible;
  }

  /// Sums up on the hub, and reads the steps of the largest policies only.
  @Override
  public HistorySums sums(List<Long> wanted, HistoryPlan plan, boolean withUnmatched, int largest) {
    if (wanted.size() <= largest || !HubSums.fits(plan)) {
      return HistorySource.super.sums(wanted, plan, withUnmatched, largest);
    }
    List<List<HubSeries>> of = wanted.stream().map(this::of).toList();
    List<List<HubSeries>> none = withUnmatched ? unmatched : List.of();
    boolean all = wanted.equals(policies());
    HubSums steps = new HubSums(reader, plan.withoutSamples(), plan.gapAfterSeconds());
    steps.read(of, none, all);
    HubSums samples = steps;
    if (plan.separateSamples()) {
      Buckets buckets = new Buckets(plan.sampleStep(), ZoneOffset.UTC);
      samples =
          new HubSums(
              reader,
              new HistoryPlan(plan.range(), buckets, Optional.of(Tier.FIVE_MINUTES), false),
              Long.MAX_VALUE);
      samples.read(of, none, all);
    }
    HubSums.Largest found =
        largest == 0 ? new HubSums.Largest(List.of(), Others.NONE) : steps.largest(of, largest);
    List<SampledSeries> read = new ArrayList<>();
    long _ = read(found.places().stream().map(wanted::get).toList(), plan, read::add);
    SampledSeries ofNone = new SampledSeries(steps.unmatched(), samples.unmatched());
    return new HistorySums(
        new SampledSeries(steps.matched(), samples.matched()),
        ofNone.steps().points().isEmpty() ? Optional.empty() : Optional.of(ofNone),
        read,
        found.others(),
        steps.implausible());
  }

  /// Summarises on the hub, and reads the steps of the largest policies only.
  @Override
  public HistorySummary summary(
      List<Long> wanted, HistoryPlan plan, boolean withUnmatched, int largest) {
    if (wanted.size() <= largest || !HubSums.fits(plan)) {
      return HistorySource.super.summary(wanted, plan, withUnmatched, largest);
    }
    return new HistorySummary(
        sums(wanted, plan, withUnmatched, largest),
        new HubSummaries(reader, wanted, wanted.stream().map(this::of).toList()).read(plan));
  }

  @Override
  public HistorySummary summaryAndSteps(
      List<Long> wanted, HistoryPlan plan, boolean withUnmatched, Consumer<Series> steps) {
    if (!plan.separateSamples() || !HubSums.fits(plan)) {
      return HistorySource.super.summaryAndSteps(wanted, plan, withUnmatched, steps);
    }
    long _ = read(wanted, plan.withoutSamples(), series -> steps.accept(series.steps()));
    return summary(wanted, plan, withUnmatched, 0);
  }

  private boolean disordered(long policy) {
    return of(policy).stream().anyMatch(HubSeries::disordered);
  }

  /// The rows of policies as `sdwan_policy_stats` has them, policy by policy in order of time. The
  /// policy is its number.
  ///
  /// @param predecessors whether the last row before the range comes before each policy's
  /// @param arrivals whether rows that did not come in order of time are all of them, as they
  ///   arrived
  public RowScan readings(
      List<Long> wanted, TimeRange range, boolean predecessors, boolean arrivals) {
    return rows.readings(wanted, policy -> arrivals && disordered(policy), range, predecessors);
  }

  @Override
  public int policiesAtOnce(HistoryPlan plan) {
    return plan.tier().isPresent() ? atOnce(plan) : 1;
  }

  /// How many policies are read at once.
  private static int atOnce(HistoryPlan plan) {
    boolean known = plan.range().since().isPresent() && plan.range().until().isPresent();
    long seconds =
        known
            ? Duration.between(plan.range().since().get(), plan.range().until().get()).toSeconds()
            : Duration.ofDays(62).toSeconds();
    long step =
        plan.separateSamples()
            ? Tier.FIVE_MINUTES.seconds()
            : plan.buckets().step().shortest().toSeconds();
    return Math.clamp(POINTS_HELD / (seconds / step + 1), 1, POLICIES_AT_ONCE);
  }

  /// Reads the cells of several policies at once, those of each policy in order of the databases
  /// that had it.
  private List<TierPoints> read(List<List<HubSeries>> of, HistoryPlan plan) {
    List<TierPoints> points = of.stream().map(_ -> new TierPoints(plan)).toList();
    int databases = of.stream().mapToInt(List::size).max().orElse(0);
    for (int i = 0; i < databases; i++) {
      List<HubSeries> read = new ArrayList<>();
      List<TierPoints> into = new ArrayList<>();
      for (int j = 0; j < of.size(); j++) {
        if (i < of.get(j).size()) {
          read.add(of.get(j).get(i));
          into.add(points.get(j));
        }
      }
      cells.read(
          read,
          TierPoints.tier(plan),
          plan.cellsFrom(),
          plan.cellsUntil(),
          (place, cell) -> into.get(place).add(cell));
    }
    return points;
  }

  @Override
  public Optional<SampledSeries> readUnmatched(HistoryPlan plan) {
    List<SampledSeries> all = new ArrayList<>();
    if (plan.tier().isEmpty()) {
      reader.gateways().forEach(gateway -> rows.readUnmatched(gateway, plan).ifPresent(all::add));
    } else {
      int atOnce = atOnce(plan);
      for (int from = 0; from < unmatched.size(); from += atOnce) {
        read(unmatched.subList(from, Math.min(unmatched.size(), from + atOnce)), plan)
            .forEach(points -> points.series(SeriesSum.NO_POLICY).ifPresent(all::add));
      }
    }
    if (all.size() < 2) {
      return all.stream().findFirst();
    }
    SampledSum sum = new SampledSum();
    all.forEach(sum::add);
    return Optional.of(sum.series());
  }
}
