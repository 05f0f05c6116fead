package dev.patronus.source.pcap;

import dev.patronus.source.EndedEarly;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// Reader of one capture format: a sequence of packets, each with its time and length.
///
/// Confined to the source's thread.
sealed interface CaptureFormat permits PcapFormat, PcapngFormat {
  /// The time of a packet whose capture has none.
  long NO_TIME = Long.MIN_VALUE;

  /// Receives the packets of a capture. Bytes are valid during the call only.
  interface Packets {
    /// Takes the next packet.
    ///
    /// @param bytes in network order; the packet begins at `at`
    /// @param captured how many of its bytes are there
    /// @param wireBytes how many there were on the wire, link header included
    /// @param millis when, in epoch milliseconds, or [#NO_TIME]
    void packet(
        LinkLayer link, ByteBuffer bytes, int at, int captured, long wireBytes, long millis);

    /// A packet is there but cannot be handed on.
    void unusable(Skipped why);

    /// The capturing program says that it lost so many packets.
    void lost(long packets);
  }

  /// Reads on, as far as the next packet or the next thing that is none.
  ///
  /// @return false at the end of the capture
  /// @throws EndedEarly if the capture is cut off or damaged here
  boolean next(CaptureInput input, Packets packets) throws IOException;

  /// Reads the beginning of a capture, and says how the rest is laid out.
  ///
  /// @throws IOException that says what it is instead, if it is no capture
  static CaptureFormat open(CaptureInput input) throws IOException {
    if (!input.has(4)) {
      throw new IOException(
          input.atHand() == 0
              ? "the capture is empty: not even a file header is there"
              : "this is no capture: it has " + input.atHand() + " bytes");
    }
    input.order(ByteOrder.BIG_ENDIAN);
    int magic = input.int32(0);
    if (magic == PcapngFormat.SECTION) {
      return new PcapngFormat();
    }
    Optional<PcapFormat.Variant> variant = PcapFormat.Variant.of(magic);
    if (variant.isEmpty()) {
      throw new IOException(Foreign.problem(magic));
    }
    return PcapFormat.open(variant.get(), input);
  }

  /// Something that is no capture, but that one could make one of.
  record Foreign(int magic, int mask, String what) {
    private static final List<Foreign> KNOWN =
        List.of(
            new Foreign(0x28b52ffd, -1, "is compressed; try zstd -dc FILE | patronus ... pcap:-"),
            new Foreign(0xfd377a58, -1, "is compressed; try xz -dc FILE | patronus ... pcap:-"),
            new Foreign(
                0x425a6800, ~0xff, "is compressed; try bzip2 -dc FILE | patronus ... pcap:-"),
            new Foreign(0x04224d18, -1, "is compressed; try lz4 -dc FILE | patronus ... pcap:-"),
            new Foreign(0x736e6f6f, -1, "is a snoop file; try editcap -F pcap FILE NEW"),
            new Foreign(0x52545353, -1, "is a Network Monitor file; try editcap -F pcap FILE NEW"));

    static String problem(int magic) {
      return KNOWN.stream()
          .filter(foreign -> (magic & foreign.mask) == foreign.magic)
          .map(foreign -> "this " + foreign.what)
          .findFirst()
          .orElse(
              "this is no capture: it begins with "
                  + HexFormat.of().toHexDigits(magic)
                  + ", neither pcap nor pcapng; tcpdump -w and dumpcap write such files");
    }
  }
}
