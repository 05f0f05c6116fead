package dev.patronus.source.pcap;

import java.util.Optional;

/// An interface of a pcapng section: its link layer, and what its timestamps mean.
///
/// Confined to the source's thread: it remembers how many drops were already told.
final class CaptureInterface {
  private static final int OPTION_RESOLUTION = 9;
  private static final int OPTION_OFFSET = 14;
  private static final int MICROSECONDS = 6;
  private static final int BINARY = 0x80;

  private final Optional<LinkLayer> link;
  private final long snapLength;
  private final int resolution;
  private final long scale;
  private final long offsetSeconds;
  private long dropsReported;

  /// @param snapLength the most bytes captured of a packet; 0 means that there is no limit
  /// @param resolution `if_tsresol`: digits of a second, or bits if its highest bit is set
  CaptureInterface(Optional<LinkLayer> link, long snapLength, int resolution, long offsetSeconds) {
    this.link = link;
    this.snapLength = snapLength;
    this.resolution = resolution;
    this.scale = power(Math.abs((resolution & ~BINARY) - 3));
    this.offsetSeconds = offsetSeconds;
  }

  /// Reads the interface description block at hand, whose trailer begins at `end`.
  static CaptureInterface read(CaptureInput input, int end) {
    int resolution = PcapngFormat.Options.find(input, 16, end, OPTION_RESOLUTION, 1);
    int offset = PcapngFormat.Options.find(input, 16, end, OPTION_OFFSET, 8);
    return new CaptureInterface(
        LinkLayer.of(input.uint16(8)),
        input.uint32(12),
        resolution < 0 ? MICROSECONDS : input.uint8(resolution),
        offset < 0 ? 0 : input.int64(offset));
  }

  /// The link layer; empty if it is one that is not read.
  Optional<LinkLayer> link() {
    return link;
  }

  long snapLength() {
    return snapLength == 0 ? Long.MAX_VALUE : snapLength;
  }

  /// Epoch milliseconds of an unsigned 64-bit timestamp.
  long millis(long timestamp) {
    int digits = resolution & ~BINARY;
    return offsetSeconds * 1_000
        + ((resolution & BINARY) == 0
            ? decimal(timestamp, digits)
            : binary(timestamp, Math.min(digits, 63)));
  }

  private long decimal(long timestamp, int digits) {
    if (digits > 22) {
      return 0; // a second is longer than all of the 64 bits
    }
    return digits < 3 ? timestamp * scale : Long.divideUnsigned(timestamp, scale);
  }

  private static long power(int digits) {
    long power = 1;
    for (int i = 0; i < digits; i++) {
      power *= 10;
    }
    return power;
  }

  /// The fraction is cut to 32 bits, so that a thousand of it fit.
  private static long binary(long timestamp, int bits) {
    long fraction = timestamp & (1L << bits) - 1;
    int kept = Math.min(bits, 32);
    return (timestamp >>> bits) * 1_000 + (((fraction >>> (bits - kept)) * 1_000) >>> kept);
  }

  /// What `total` drops since the capture began add to those already told.
  long dropsSince(long total) {
    long more = total - dropsReported;
    dropsReported = total;
    return more;
  }
}
