package dev.patronus.source.netflow.wire;

import static dev.patronus.source.netflow.wire.Wire.i32;
import static dev.patronus.source.netflow.wire.Wire.u16;
import static dev.patronus.source.netflow.wire.Wire.u32;

/// The header of a datagram, whatever its version, and when it came.
///
/// ```
/// v5     version 2  count 2   uptime 4   seconds 4  nanoseconds 4  sequence 4  engine 2  sampling 2
/// v9     version 2  count 2   uptime 4   seconds 4  sequence 4     source id 4
/// IPFIX  version 2  length 2  seconds 4  sequence 4 domain 4
/// ```
///
/// Immutable. Sources: Cisco "NetFlow Export Datagram Format"; RFC 3954 §5.1; RFC 7011 §3.1.
///
/// @param count v5: records. v9: records of all kinds. IPFIX: bytes of the message
/// @param uptimeMillis the exporter's, modulo 2^32; 0 in IPFIX
/// @param exportMillis epoch milliseconds by the exporter's clock
/// @param domain the engine (v5), source id (v9) or observation domain (IPFIX), 32 bits
/// @param sampling v5's field: mode in 2 bits, interval in 14
/// @param arrival when it came, by our clocks
public record Header(
    int version,
    int count,
    int uptimeMillis,
    long exportMillis,
    int sequence,
    int domain,
    int sampling,
    Timestamps arrival) {
  public static final int V5 = 5;
  public static final int V9 = 9;
  public static final int IPFIX = 10;

  /// The bytes of the header of a version; 0 if we do not know it.
  public static int length(int version) {
    return switch (version) {
      case V5 -> 24;
      case V9 -> 20;
      case IPFIX -> 16;
      default -> 0;
    };
  }

  public static Header read(byte[] b, int version, Timestamps arrival) {
    return switch (version) {
      case V5 ->
          new Header(
              version,
              u16(b, 2),
              i32(b, 4),
              u32(b, 8) * 1000 + u32(b, 12) / 1_000_000,
              i32(b, 16),
              u16(b, 20),
              u16(b, 22),
              arrival);
      case V9 ->
          new Header(
              version, u16(b, 2), i32(b, 4), u32(b, 8) * 1000, i32(b, 12), i32(b, 16), 0, arrival);
      case IPFIX ->
          new Header(version, u16(b, 2), 0, u32(b, 4) * 1000, i32(b, 8), i32(b, 12), 0, arrival);
      default -> throw new IllegalArgumentException("version must be 5, 9 or 10, was " + version);
    };
  }

  public long arrivalMillis() {
    return arrival.epochMillis();
  }

  public boolean isIpfix() {
    return version == IPFIX;
  }
}
