package dev.patronus.source.pcap;

import java.util.Locale;

/// Why a captured packet does not count.
enum Skipped implements Decoded {
  /// It carries no IP: ARP, spanning tree, LLDP.
  NOT_IP,
  /// Its addresses were not captured.
  CUT,
  /// Its IP header cannot be right.
  MALFORMED,
  /// Its interface has a link layer that is not read.
  LINK_TYPE,
  /// Its interface was never described.
  UNKNOWN_INTERFACE,
  /// The block around it is too short for it.
  DAMAGED_BLOCK;

  /// The reason as metrics name it.
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
