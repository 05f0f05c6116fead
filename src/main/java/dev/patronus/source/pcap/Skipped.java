package dev.patronus.source.pcap;

import java.util.Locale;

/// Why a captured packet does not count.
public enum Skipped implements Decoded {
  /// It carries no IP: ARP, spanning tree, LLDP.
  NOT_IP("were not IP"),
  /// Its addresses were not captured.
  CUT("were cut off before their addresses"),
  /// Its IP header cannot be right.
  MALFORMED("had an IP header that cannot be right"),
  /// Its interface has a link layer that is not read.
  LINK_TYPE("came from an interface whose link type is not read"),
  /// Its interface was never described.
  UNKNOWN_INTERFACE("came from an interface that the capture does not describe"),
  /// The block around it is too short for it.
  DAMAGED_BLOCK("lay in a block that is too short for them");

  private final String words;

  Skipped(String words) {
    this.words = words;
  }

  /// What they were, for people, behind a number of packets.
  String words() {
    return words;
  }

  /// The reason as metrics name it.
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
