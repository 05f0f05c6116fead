package dev.patronus.source.pcap;

import dev.patronus.flow.FlowKey;

/// The result of decoding a captured packet.
///
/// Immutable.
public sealed interface Decoded permits Decoded.IpPacket, Skipped {
  /// Where the number of bytes comes from.
  enum Length {
    /// The packet's own header, as always.
    HEADER,
    /// The wire: the header says 0, as it does when the network card will cut the packet later
    /// (TSO) or when the packet has more than 65,535 bytes.
    WIRE,
    /// The header, although it claims more than was on the wire: the packet is broken, or the
    /// program that cut it also changed the length on the wire.
    BEYOND_WIRE
  }

  /// Where the ports come from.
  enum Ports {
    /// The transport header.
    HEADER,
    /// There are none, so they are 0: a later fragment, a protocol without ports.
    NONE,
    /// The transport header was not captured, or lies outside the packet, so they are 0.
    CUT
  }

  /// A packet that counts.
  ///
  /// @param bytes IP bytes on the wire: IP header and all after it
  record IpPacket(FlowKey key, long bytes, Length length, Ports ports) implements Decoded {}
}
