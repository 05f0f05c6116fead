package dev.patronus.collect;

import dev.patronus.collect.ActiveFlow.Order;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Volume;
import dev.patronus.flow.filter.FlowFilter;
import dev.patronus.flow.filter.GroupKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Groups all live flows by some of their parts, in steps, so that the collector can count in
/// between however large its table is.
///
/// ```
/// do {
///   while (collector.call(accounting -> groups.step(accounting, nowNanos))) {
///     groups.trim();
///   }
/// } while (groups.again());
/// ```
///
/// At most a number of groups is kept. If there are more, the smaller half of those seen so far
/// goes whenever there is no room, and the table is visited a second time for the ones that are
/// left: each of them is complete, and the flows of all others are added to the volume that is left
/// out. Which ones are left is an approximation (lossy counting): a group goes only if it had no
/// more than the smallest that stayed, so every group that has more than [#bound] is among them.
///
/// Steps run on the collector's thread, everything else on the calling thread, in turns.
public final class FlowGroups {
  /// The maximum heap bytes of one group.
  public static final int BYTES_OF_GROUP_MAX = 224;

  /// The number of entries that one step visits.
  private static final int LOOK = 8192;

  /// The parts of a flow that make its group; what does not count is 0 or empty.
  private record Id(
      FlowKey key, long policyId, OptionalLong pathId, @Nullable IpAddress exporter) {}

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
  private final Order order;
  private final int most;
  private Map<Id, Sum> groups = new HashMap<>();
  private Sum leftOut = new Sum();
  private boolean trimmed;
  private boolean complete;
  private double bound;
  private long matching;
  private int next;

  /// @param by at least one
  /// @param order which groups are the largest
  /// @param most the number of groups to keep
  public FlowGroups(Set<GroupKey> by, FlowFilter filter, Order order, int most) {
    if (by.isEmpty() || most < 1) {
      throw new IllegalArgumentException("nothing to group by, or no room: " + by + ", " + most);
    }
    this.by = EnumSet.copyOf(by);
    this.filter = Objects.requireNonNull(filter, "filter");
    this.order = Objects.requireNonNull(order, "order");
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
    if (sum == null && !complete) {
      sum = new Sum();
      groups.put(id, sum);
    }
    (sum == null ? leftOut : sum).add(flow);
  }

  /// Makes room for the groups of the next step.
  public void trim() {
    if (groups.size() > most) {
      keep(Math.max(1, most / 2));
    }
  }

  private void keep(int count) {
    List<Map.Entry<Id, Sum>> sorted = sorted();
    trimmed = true;
    bound += weight(sorted.get(count).getValue());
    groups = new HashMap<>();
    sorted.subList(0, count).forEach(each -> groups.put(each.getKey(), each.getValue()));
  }

  /// Ends a visit of the whole table.
  ///
  /// @return whether a second one is needed, because groups went
  public boolean again() {
    if (groups.size() > most) {
      keep(most);
    }
    boolean second = trimmed && !complete;
    if (second) {
      complete = true;
      groups.replaceAll((_, _) -> new Sum());
      leftOut = new Sum();
      matching = 0;
      next = 0;
    }
    if (complete && !second) {
      groups.values().removeIf(sum -> sum.flows == 0); // ended meanwhile
    }
    return second;
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

  /// The most that a group can have which is not among the groups: bytes, packets or flows, by the
  /// order; 0 if all are there.
  public long bound() {
    return switch (order) {
      case BYTES, PACKETS, FLOWS -> Math.round(Math.min(bound, Long.MAX_VALUE));
      case AGE, RATE -> 0;
    };
  }

  private double weight(Sum sum) {
    return switch (order) {
      case BYTES -> sum.bytes;
      case PACKETS -> sum.packets;
      case AGE -> -sum.firstMillis;
      case RATE -> Volume.perSecond(sum.bytes, sum.firstMillis, sum.lastMillis);
      case FLOWS -> sum.flows;
    };
  }

  /// All groups, the largest first.
  private List<Map.Entry<Id, Sum>> sorted() {
    List<Map.Entry<Id, Sum>> sorted = new ArrayList<>(groups.entrySet());
    sorted.sort(
        Comparator.comparingDouble((Map.Entry<Id, Sum> each) -> weight(each.getValue()))
            .reversed());
    return sorted;
  }

  /// The first groups in the order.
  public List<Group> first(int limit) {
    return sorted().stream()
        .limit(limit)
        .map(each -> Group.of(each.getKey(), each.getValue()))
        .toList();
  }
}
