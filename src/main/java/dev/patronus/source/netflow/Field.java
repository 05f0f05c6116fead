package dev.patronus.source.netflow;

/// One field of a template, as the exporter defined it.
///
/// @param element the information element, 15 bits in IPFIX, 16 in NetFlow v9
/// @param enterprise the private enterprise number; 0 for IANA's elements and in NetFlow v9
/// @param length bytes; [#VARIABLE] in IPFIX if each record says its own
record Field(int element, int enterprise, int length) {
  static final int VARIABLE = 65535;
}
