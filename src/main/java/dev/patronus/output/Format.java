package dev.patronus.output;

import java.util.Locale;

/// The formats that every command can answer in.
public enum Format {
  /// Aligned columns for people; its form is not promised.
  TABLE,
  /// One document, with `"schema": 1`.
  JSON,
  /// One JSON object a line.
  NDJSON,
  /// RFC 4180, with a header.
  CSV;

  /// The word on the command line: `ndjson`.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
