package dev.patronus.collect;

import dev.patronus.collect.ActiveFlow.Order;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Volume;
import dev.patronus.flow.filter.FlowFilter;
import dev.patronus.flow.filter.GroupKey;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/// Groups all live flows by some of their parts, in steps, so that the collector can count in
/// between however large its table is.
///
/// At most a number of groups is kept; a flow of a further one is added to the volume that is left
/// out, so that each group that is kept is complete.
///
/// Confined to the collector's thread until the last step; then to the calling thread.
public final class FlowGroups {
  /// The maximum heap bytes of one group.
  public static final int BYTES_OF_GROUP_MAX = 224;

  /// The number of entries that one step visits.
  private static final int LOOK = 8192;

  /// The parts of a flow that make its group; what does not count is 0 or empty.
  private record Id(FlowKey key, long policyId, OptionalLong pathId, IpAddress exporter) {}

  /// A sum over flows.
  private static final class Sum {
    private long flows;
    private long packets;
    private long bytes;
    private long firstMillis = Long.MAX_VALUE;
    private long lastMillis = Long.MIN_VALUE;

    void add(FlowCursor flow) {
      flows++;
      packets = Volume.saturatedSum(packets, flow.packets());
      bytes = Volume.saturatedSum(bytes, flow.bytes());
      firstMillis = Math.min(firstMillis, flow.firstSeen());
      lastMillis = Math.max(lastMillis, flow.lastSeen());
    }
  }

  /// Flows that have the same values.
  ///
  /// @param key addresses, ports and protocol; 0 where flows are not grouped by them
  /// @param policyId [Snapshot#UNMATCHED] if they have none, or are not grouped by it
  /// @param pathId empty if they have none, or are not grouped by it
  /// @param exporter likewise
  public record Group(
      FlowKey key,
      long policyId,
      OptionalLong pathId,
      Optional<IpAddress> exporter,
      long flows,
      Volume volume,
      Instant firstSeen,
      Instant lastSeen) {

    private static Group of(Id id, Sum sum) {
      return new Group(
          id.key(),
          id.policyId(),
          id.pathId(),
          Optional.ofNullable(id.exporter()),
          sum.flows,
          new Volume(sum.packets, sum.bytes),
          Instant.ofEpochMilli(sum.firstMillis),
          Instant.ofEpochMilli(sum.lastMillis));
    }
  }

  private final Set<GroupKey> by;
  private final FlowFilter filter;
  private final int most;
  private final Map<Id, Sum> groups = new HashMap<>();
  private final Sum leftOut = new Sum();
  private long matching;
  private int next;

  /// @param by at least one
  /// @param most the number of groups to keep
  public FlowGroups(Set<GroupKey> by, FlowFilter filter, int most) {
    if (by.isEmpty() || most < 1) {
      throw new IllegalArgumentException("nothing to group by, or no room: " + by + ", " + most);
    }
    this.by = EnumSet.copyOf(by);
    this.filter = Objects.requireNonNull(filter, "filter");
    this.most = most;
  }

  /// Visits the next part of the table.
  ///
  /// @return whether more is left to do
  public boolean step(TrafficAccounting accounting, long nowNanos) {
    next = accounting.look(next, LOOK, filter, nowNanos, this::add);
    return next >= 0;
  }

  private void add(FlowCursor flow) {
    matching++;
    Id id = id(flow);
    Sum sum = groups.get(id);
    if (sum == null && groups.size() < most) {
      sum = new Sum();
      groups.put(id, sum);
    }
    (sum == null ? leftOut : sum).add(flow);
  }

  private Id id(FlowCursor flow) {
    boolean src = by.contains(GroupKey.SRC);
    boolean dst = by.contains(GroupKey.DST);
    FlowKey key =
        new FlowKey(
            src ? flow.srcHigh() : 0,
            src ? flow.srcLow() : 0,
            dst ? flow.dstHigh() : 0,
            dst ? flow.dstLow() : 0,
            by.contains(GroupKey.SPORT) ? flow.srcPort() : 0,
            by.contains(GroupKey.DPORT) ? flow.dstPort() : 0,
            by.contains(GroupKey.PROTO) ? flow.protocol() : 0);
    return new Id(
        key,
        by.contains(GroupKey.POLICY) ? flow.policyId() : Snapshot.UNMATCHED,
        by.contains(GroupKey.PATH) ? flow.pathId() : OptionalLong.empty(),
        by.contains(GroupKey.EXPORTER) ? flow.exporter() : null);
  }

  /// The number of flows that match, left out or not.
  public long matching() {
    return matching;
  }

  /// The number of groups.
  public int count() {
    return groups.size();
  }

  /// The number of flows for whose groups there was no room.
  public long flowsLeftOut() {
    return leftOut.flows;
  }

  /// The volume of the flows for whose groups there was no room.
  public Volume volumeLeftOut() {
    return new Volume(leftOut.packets, leftOut.bytes);
  }

  /// The first groups in an order.
  public List<Group> first(int limit, Order order) {
    ToDoubleFunction<Sum> weight =
        switch (order) {
          case BYTES -> sum -> sum.bytes;
          case PACKETS -> sum -> sum.packets;
          case AGE -> sum -> -sum.firstMillis;
          case RATE -> sum -> Volume.perSecond(sum.bytes, sum.firstMillis, sum.lastMillis);
          case FLOWS -> sum -> sum.flows;
        };
    Comparator<Map.Entry<Id, Sum>> descending =
        Comparator.comparingDouble(
                (Map.Entry<Id, Sum> each) -> weight.applyAsDouble(each.getValue()))
            .reversed();
    return groups.entrySet().stream()
        .sorted(descending)
        .limit(limit)
        .map(each -> Group.of(each.getKey(), each.getValue()))
        .toList();
  }
}
