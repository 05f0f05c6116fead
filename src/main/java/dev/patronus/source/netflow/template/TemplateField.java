package dev.patronus.source.netflow.template;

/// One field of a template, as the exporter defined it.
///
/// @param element the information element, 15 bits in IPFIX, 16 in NetFlow v9
/// @param enterprise the private enterprise number; 0 for IANA's elements and in NetFlow v9
/// @param length bytes; [#VARIABLE] in IPFIX if each record says its own
public record TemplateField(int element, int enterprise, int length) {
  static final int VARIABLE = 65535;

  /// A field of variable length that is not read.
  static final TemplateField SKIPPED_VARIABLE = new TemplateField(0, 0, VARIABLE);

  /// So many bytes that are not read.
  static TemplateField skipped(int length) {
    return new TemplateField(0, 0, length);
  }
}
