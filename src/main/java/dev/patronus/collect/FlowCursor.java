package dev.patronus.collect;

import dev.patronus.flow.IpAddress;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Volume;
import dev.patronus.flow.filter.FlowView;
import dev.patronus.policy.Policy;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A view of one entry of the flow table after another.
///
/// Valid until the table, the policies or their paths change. Confined to the collector's thread.
final class FlowCursor implements FlowView {
  private final FlowTable flows;
  private final @Nullable Policy[] bySlot;
  private final PathCounters paths;
  private int entry;

  FlowCursor(FlowTable flows, @Nullable Policy[] bySlot, PathCounters paths) {
    this.flows = flows;
    this.bySlot = bySlot;
    this.paths = paths;
  }

  /// Moves to an entry that is in use.
  void moveTo(int entry) {
    this.entry = entry;
  }

  int entry() {
    return entry;
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
