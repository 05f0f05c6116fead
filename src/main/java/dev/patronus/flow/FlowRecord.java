package dev.patronus.flow;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One observation of a flow: so much of it went by in this span of time.
///
/// Immutable. A flow may be observed many times; volumes are what is new since the observation
/// before it, never running totals. Times are epoch milliseconds by the collector's clock, already
/// made plausible by the source (`startMillis <= endMillis`, not in the future).
///
/// @param estimated whether the volume was scaled up from a sample
/// @param ended whether the source says that the flow is over
/// @param exporter who reported it; null if the source has no exporters
public record FlowRecord(
    FlowKey key,
    long packets,
    long bytes,
    long startMillis,
    long endMillis,
    boolean estimated,
    boolean ended,
    @Nullable IpAddress exporter) {

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
    return new FlowRecord(key, packets, bytes, millis, millis, false, false, null);
  }

  private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;

  /// Goes on with a digest over records from that of the records before this one. Times are not in
  /// it: a source makes them plausible by the clock.
  public long digest(long before) {
    long next = mix(before, key.srcHigh());
    next = mix(next, key.srcLow());
    next = mix(next, key.dstHigh());
    next = mix(next, key.dstLow());
    next = mix(next, (long) key.srcPort() << 40 | (long) key.dstPort() << 8 | key.protocol());
    next = mix(next, packets);
    return mix(next, bytes);
  }

  private static long mix(long digest, long word) {
    long mixed = (digest ^ word) * MULTIPLIER;
    return mixed ^ mixed >>> 32;
  }

  public Volume volume() {
    return new Volume(packets, bytes);
  }
}
