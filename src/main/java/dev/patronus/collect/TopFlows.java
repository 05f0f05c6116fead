package dev.patronus.collect;

import dev.patronus.collect.ActiveFlow.Order;
import dev.patronus.flow.Volume;
import dev.patronus.flow.filter.FlowFilter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Queue;

/// Finds the first live flows in an order, in steps, so that the collector can count in between
/// however large its table is.
///
/// ```
/// while (collector.call(accounting -> top.step(accounting, nowNanos))) {}
/// top.flows()
/// ```
///
/// The table changes between two steps: a flow that ended meanwhile is left out, one that was added
/// in a visited part is not seen. Confined to the collector's thread until the last step; then to
/// the calling thread.
public final class TopFlows {
  /// The number of entries that one step visits.
  private static final int LOOK = 16_384;

  /// The number of flows that one step copies.
  private static final int COPY = 512;

  private record Ranked(long weight, int position, int hash) {}

  private final Order order;
  private final FlowFilter filter;
  private final int most;
  private final PriorityQueue<Ranked> best =
      new PriorityQueue<>(Comparator.comparingLong(Ranked::weight));
  private final Queue<Ranked> chosen = new ArrayDeque<>();
  private final List<ActiveFlow> flows = new ArrayList<>();
  private long matching;
  private int next;
  private boolean looked;

  /// @param most the number of flows to find
  public TopFlows(Order order, FlowFilter filter, int most) {
    if (most < 0) {
      throw new IllegalArgumentException("most must not be negative, was " + most);
    }
    this.order = order;
    this.filter = Objects.requireNonNull(filter, "filter");
    this.most = most;
  }

  /// Visits the next part of the table, or copies the next part of the result.
  ///
  /// @return whether more is left to do
  public boolean step(TrafficAccounting accounting, long nowNanos) {
    if (!looked) {
      look(accounting, nowNanos);
      return true;
    }
    for (int i = 0; i < COPY && !chosen.isEmpty(); i++) {
      Ranked ranked = chosen.remove();
      accounting.liveFlow(ranked.position(), ranked.hash(), nowNanos).ifPresent(flows::add);
    }
    return !chosen.isEmpty();
  }

  private void look(TrafficAccounting accounting, long nowNanos) {
    next = accounting.look(next, LOOK, filter, nowNanos, this::offer);
    if (next < 0) {
      looked = true;
      List<Ranked> sorted = new ArrayList<>(best);
      sorted.sort(Collections.reverseOrder(best.comparator()));
      chosen.addAll(sorted);
      best.clear();
    }
  }

  private void offer(FlowCursor flow) {
    matching++;
    long weight = flow.weight(order);
    if (best.size() == most && (most == 0 || best.element().weight() >= weight)) {
      return;
    }
    if (best.size() == most) {
      best.remove();
    }
    best.add(new Ranked(weight, flow.position(), flow.hash()));
  }

  /// The number of flows that match the filter.
  public long matching() {
    return matching;
  }

  /// The flows found, in the requested order.
  public List<ActiveFlow> flows() {
    Comparator<ActiveFlow> first =
        switch (order) {
          case BYTES -> Comparator.comparingLong((ActiveFlow f) -> f.volume().bytes()).reversed();
          case PACKETS ->
              Comparator.comparingLong((ActiveFlow f) -> f.volume().packets()).reversed();
          case AGE -> Comparator.comparing(ActiveFlow::firstSeen);
          case RATE -> Comparator.comparingDouble(TopFlows::rate).reversed();
          case FLOWS -> (_, _) -> 0;
        };
    flows.sort(first); // traffic counted meanwhile may have changed the order
    return Collections.unmodifiableList(flows);
  }

  private static double rate(ActiveFlow flow) {
    return Volume.perSecond(
        flow.volume().bytes(), flow.firstSeen().toEpochMilli(), flow.lastSeen().toEpochMilli());
  }
}
