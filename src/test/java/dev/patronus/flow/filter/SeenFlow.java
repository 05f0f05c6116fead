package dev.patronus.flow.filter;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Volume;
import java.util.OptionalLong;

/// A flow with all that a filter can compare.
record SeenFlow(
    FlowKey key,
    long packets,
    long bytes,
    long millis,
    long policyId,
    OptionalLong pathId,
    IpAddress exporter)
    implements FlowView {

  /// One of which only the key is known.
  static SeenFlow of(String src, int srcPort, String dst, int dstPort, int protocol) {
    FlowKey key =
        FlowKey.of(IpAddress.parse(src), srcPort, IpAddress.parse(dst), dstPort, protocol);
    return new SeenFlow(key, 1, 100, 0, Snapshot.UNMATCHED, OptionalLong.empty(), null);
  }

  @Override
  public long srcHigh() {
    return key.srcHigh();
  }

  @Override
  public long srcLow() {
    return key.srcLow();
  }

  @Override
  public long dstHigh() {
    return key.dstHigh();
  }

  @Override
  public long dstLow() {
    return key.dstLow();
  }

  @Override
  public int srcPort() {
    return key.srcPort();
  }

  @Override
  public int dstPort() {
    return key.dstPort();
  }

  @Override
  public int protocol() {
    return key.protocol();
  }

  @Override
  public double bytesPerSecond() {
    return Volume.perSecond(bytes, 0, millis);
  }

  @Override
  public boolean isUnmatched() {
    return policyId == Snapshot.UNMATCHED;
  }
}
