package dev.patronus.source.netflow;

/// One field of a template, as the exporter defined it.
///
/// @param element the information element, 15 bits in IPFIX, 16 in NetFlow v9
/// @param enterprise the private enterprise number; 0 for IANA's elements and in NetFlow v9
/// @param length bytes; [#VARIABLE] in IPFIX if each record says its own
record Field(int element, int enterprise, int length) {
  static final int VARIABLE = 65535;

  /// As a field of the scope of a NetFlow v9 options template, where numbers up to 5 are not
  /// elements but scopes (RFC 3954 §6.1): marked so that nobody takes a card for a byte count.
  static Field scopeV9(int type, int length) {
    return new Field(type, type <= 5 ? -1 : 0, length);
  }
}
