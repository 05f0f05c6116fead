package dev.patronus.daemon.snapshot;

import dev.patronus.collect.ActiveFlow;
import dev.patronus.collect.Collector;
import dev.patronus.collect.TopFlows;
import dev.patronus.collect.TrafficAccounting;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.Volume;
import dev.patronus.flow.filter.FlowFilter;
import dev.patronus.policy.Policy;
import dev.patronus.store.table.PlatformFlow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads the flows with the most bytes as the platform's flow page shows them: both directions in
/// one row, under the key of the one that began. A flow that no policy takes, or whose policy has
/// no path, has no row there.
///
/// Confined to the database worker's thread; the collector counts in between.
final class PlatformFlows {
  private PlatformFlows() {}

  /// @param most how many rows are wanted; 0 for none
  static List<PlatformFlow> read(Collector collector, int most) {
    if (most == 0) {
      return List.of();
    }
    FlowFilter taken = new FlowFilter.Not(new FlowFilter.Unmatched());
    TopFlows top = new TopFlows(ActiveFlow.Order.BYTES, taken, 2 * most); // both directions
    boolean more = true;
    while (more) {
      more = collector.call(accounting -> top.step(accounting, System.nanoTime()));
    }
    List<PlatformFlow> rows =
        collector.call(accounting -> rows(accounting, top.flows(), System.nanoTime()));
    return rows.subList(0, Math.min(most, rows.size()));
  }

  static List<PlatformFlow> rows(
      TrafficAccounting accounting, List<ActiveFlow> flows, long nowNanos) {
    Map<FlowKey, PlatformFlow> rows = new LinkedHashMap<>();
    for (ActiveFlow flow : flows) {
      Optional<ActiveFlow> other = accounting.liveFlow(flow.key().reversed(), nowNanos);
      boolean answers = other.filter(begun -> isFirst(begun, flow)).isPresent();
      ActiveFlow first = answers ? other.get() : flow;
      if (!rows.containsKey(first.key())) {
        Optional<ActiveFlow> back = answers ? Optional.of(flow) : other;
        row(accounting, first, back, flow).ifPresent(row -> rows.put(first.key(), row));
      }
    }
    return new ArrayList<>(rows.values());
  }

  /// Whether a flow began before the one that it is the other direction of. Where a source reports
  /// both with one time, the one to the lower port did.
  private static boolean isFirst(ActiveFlow one, ActiveFlow other) {
    int compared = one.firstSeen().compareTo(other.firstSeen());
    return compared < 0 || (compared == 0 && one.key().dstPort() < other.key().dstPort());
  }

  /// @param chosen the direction that is among the largest, whose policy counts if the first one
  ///   has none
  private static Optional<PlatformFlow> row(
      TrafficAccounting accounting,
      ActiveFlow first,
      Optional<ActiveFlow> back,
      ActiveFlow chosen) {
    Optional<Policy> policy = first.policy().or(chosen::policy);
    Optional<Long> path = policy.flatMap(taking -> accounting.pathOf(taking.id()));
    Instant last = back.map(ActiveFlow::lastSeen).orElse(first.lastSeen());
    return path.map(id ->
        new PlatformFlow(
            first.key(),
            id,
            policy.orElseThrow().id(),
            first.firstSeen(),
            last.isAfter(first.lastSeen()) ? last : first.lastSeen(),
            first.volume(),
            back.map(ActiveFlow::volume).orElse(new Volume(0, 0))));
  }
}
