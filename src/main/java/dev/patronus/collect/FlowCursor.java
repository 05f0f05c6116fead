package dev.patronus.collect;

import dev.patronus.collect.ActiveFlow.Order;
import dev.patronus.collect.table.FlowTable;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Volume;
import dev.patronus.flow.filter.FlowView;
import dev.patronus.policy.Policy;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A view of one flow of the flow tables after another.
///
/// Flows have positions over all tables: those of the entries of all tables in turns. Valid until
/// the tables, the policies or their paths change. For a thread that keeps everybody from counting.
final class FlowCursor implements FlowView {
  private final FlowShard[] shards;
  private final @Nullable Policy[] bySlot;
  private final PathCounters paths;
  private FlowTable flows;
  private int position;
  private int entry;

  FlowCursor(FlowShard[] shards, @Nullable Policy[] bySlot, PathCounters paths) {
    this.shards = shards;
    this.bySlot = bySlot;
    this.paths = paths;
    flows = shards[0].flows();
  }

  /// The exclusive upper bound of positions; not all of them have a flow.
  int positions() {
    int entries = 0;
    for (FlowShard shard : shards) {
      entries = Math.max(entries, shard.flows().entries());
    }
    return entries * shards.length;
  }

  /// Moves to a position.
  ///
  /// @return whether a flow is there that is live
  boolean moveTo(int position, int tick) {
    this.position = position;
    flows = shards[position % shards.length].flows();
    entry = position / shards.length;
    return entry < flows.entries() && flows.isLive(entry, tick);
  }

  /// Moves to the flow of a key in one of the tables.
  ///
  /// @return whether it is there and live
  boolean moveTo(int shard, FlowKey key, int tick) {
    FlowTable table = shards[shard].flows();
    int found = table.find(key, table.hash(key));
    return found != FlowTable.ABSENT && moveTo(found * shards.length + shard, tick);
  }

  int position() {
    return position;
  }

  /// The hash of the flow's key.
  int hash() {
    return flows.hash(entry);
  }

  /// The sort value of the flow in an order; the largest comes first.
  long weight(Order order) {
    return switch (order) {
      case BYTES -> bytes();
      case PACKETS -> packets();
      case AGE -> -firstSeen();
      case RATE ->
          // the bits of doubles that are not negative have the order of their values
          Double.doubleToLongBits(bytesPerSecond());
      case FLOWS -> 1;
    };
  }

  /// A copy of the flow.
  ActiveFlow activeFlow() {
    int slot = flows.slot(entry);
    return new ActiveFlow(
        flows.key(entry),
        Optional.ofNullable(bySlot[slot]),
        slot == PolicyCounters.TUNNEL,
        flows.isReply(entry),
        new Volume(packets(), bytes()),
        flows.isEstimated(entry),
        Optional.ofNullable(flows.exporter(entry)),
        Instant.ofEpochMilli(firstSeen()),
        Instant.ofEpochMilli(lastSeen()));
  }

  @Override
  public long srcHigh() {
    return flows.srcHigh(entry);
  }

  @Override
  public long srcLow() {
    return flows.srcLow(entry);
  }

  @Override
  public long dstHigh() {
    return flows.dstHigh(entry);
  }

  @Override
  public long dstLow() {
    return flows.dstLow(entry);
  }

  @Override
  public int srcPort() {
    return flows.srcPort(entry);
  }

  @Override
  public int dstPort() {
    return flows.dstPort(entry);
  }

  @Override
  public int protocol() {
    return flows.protocol(entry);
  }

  @Override
  public long packets() {
    return flows.packets(entry);
  }

  @Override
  public long bytes() {
    return flows.bytes(entry);
  }

  /// Epoch milliseconds.
  long firstSeen() {
    return flows.firstSeen(entry);
  }

  /// Epoch milliseconds.
  long lastSeen() {
    return flows.lastSeen(entry);
  }

  @Override
  public double bytesPerSecond() {
    return Volume.perSecond(bytes(), firstSeen(), lastSeen());
  }

  @Override
  public long policyId() {
    Policy policy = bySlot[flows.slot(entry)];
    return policy == null ? Snapshot.UNMATCHED : policy.id();
  }

  @Override
  public boolean isUnmatched() {
    return flows.slot(entry) == PolicyCounters.UNMATCHED;
  }

  @Override
  public OptionalLong pathId() {
    long policy = flows.isReply(entry) ? Snapshot.UNMATCHED : policyId();
    Optional<Long> path = policy == Snapshot.UNMATCHED ? Optional.empty() : paths.pathOf(policy);
    return path.isPresent() ? OptionalLong.of(path.get()) : OptionalLong.empty();
  }

  @Override
  public IpAddress exporter() {
    return flows.exporter(entry);
  }
}
