package dev.patronus.flow;

import java.util.Objects;

/// One observation of a flow: so much of it went by in this span of time.
///
/// Immutable. A flow may be observed many times; volumes are what is new since the observation
/// before it, never running totals. Times are epoch milliseconds by the collector's clock, already
/// made plausible by the source (`startMillis <= endMillis`, not in the future).
///
/// @param estimated whether the volume was scaled up from a sample
/// @param ended whether the source says that the flow is over
public record FlowRecord(
    FlowKey key,
    long packets,
    long bytes,
    long startMillis,
    long endMillis,
    boolean estimated,
    boolean ended) {

  public FlowRecord {
    Objects.requireNonNull(key, "key");
    if (packets < 0 || bytes < 0) {
      throw new IllegalArgumentException(
          "volume must not be negative, was " + packets + " packets, " + bytes + " bytes");
    }
    if (startMillis > endMillis) {
      throw new IllegalArgumentException(
          "a flow must not end before it starts: " + startMillis + " > " + endMillis);
    }
  }

  /// An exact observation of traffic at one instant.
  public static FlowRecord at(long millis, FlowKey key, long packets, long bytes) {
    return new FlowRecord(key, packets, bytes, millis, millis, false, false);
  }

  public Volume volume() {
    return new Volume(packets, bytes);
  }
}
