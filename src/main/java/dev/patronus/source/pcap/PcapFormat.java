package dev.patronus.source.pcap;

import dev.patronus.source.EndedEarly;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/// The classic format of tcpdump: a file header, then records, in the byte order of the writer.
///
/// ```text
/// file    magic u32 | version u16 u16 | reserved u32 u32 | snap length u32 | link type u32
/// record  seconds u32 | fraction u32 | captured u32 | on the wire u32 | (8 more) | packet
/// ```
///
/// Source: draft-ietf-opsawg-pcap. Only the low 16 bits of the link type count; the others tell of
/// frame check sequences.
final class PcapFormat implements CaptureFormat {
  /// The largest packet of a record; libpcap's own limit. More means that the file is damaged.
  static final int PACKET_LIMIT = 256 << 10;

  private static final int FILE_HEADER = 24;

  /// The variants of the format, told apart by their first four bytes.
  enum Variant {
    MICROSECONDS(0xa1b2c3d4, 1_000, 16),
    NANOSECONDS(0xa1b23c4d, 1_000_000, 16),
    /// Alexey Kuznetzov's patch to libpcap of 1999: interface index, protocol and packet type
    /// follow the lengths.
    KUZNETZOV(0xa1b2cd34, 1_000, 24);

    private final int magic;
    private final int fractionsPerMilli;
    private final int recordHeader;

    Variant(int magic, int fractionsPerMilli, int recordHeader) {
      this.magic = magic;
      this.fractionsPerMilli = fractionsPerMilli;
      this.recordHeader = recordHeader;
    }

    /// The variant of a magic number, in either byte order.
    static Optional<Variant> of(int magic) {
      return Arrays.stream(values())
          .filter(v -> v.magic == magic || v.magic == Integer.reverseBytes(magic))
          .findFirst();
    }
  }

  private final Variant variant;
  private final LinkLayer link;
  private long packets;

  private PcapFormat(Variant variant, LinkLayer link) {
    this.variant = variant;
    this.link = link;
  }

  /// Reads the file header, whose magic number is at hand.
  static PcapFormat open(Variant variant, CaptureInput input) throws IOException {
    if (!input.has(FILE_HEADER)) {
      throw new IOException("this capture is truncated in its file header");
    }
    input.order(input.int32(0) == variant.magic ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    int linkType = input.int32(20) & 0xffff;
    LinkLayer link =
        LinkLayer.of(linkType).orElseThrow(() -> new IOException(LinkLayer.problem(linkType)));
    input.take(FILE_HEADER);
    return new PcapFormat(variant, link);
  }

  @Override
  public boolean next(CaptureInput input, Packets to) throws IOException {
    int header = variant.recordHeader;
    if (!input.has(header)) {
      return ended(input);
    }
    long captured = input.uint32(8);
    if (captured > PACKET_LIMIT) {
      throw new EndedEarly(
          "damaged "
              + where(input)
              + ": it claims "
              + captured
              + " captured bytes, the most is "
              + PACKET_LIMIT);
    }
    if (!input.has(header + (int) captured)) {
      throw new EndedEarly("cut off " + where(input));
    }
    long millis = input.uint32(0) * 1_000 + input.uint32(4) / variant.fractionsPerMilli;
    int at = input.index(header);
    to.packet(link, input.network(), at, (int) captured, input.uint32(12), millis);
    input.take(header + (int) captured);
    packets++;
    return true;
  }

  private boolean ended(CaptureInput input) throws EndedEarly {
    if (input.atHand() > 0) {
      throw new EndedEarly("cut off " + where(input));
    }
    return false;
  }

  private String where(CaptureInput input) {
    return "in packet " + (packets + 1) + ", at byte " + input.taken();
  }
}
