package dev.patronus.store;

/// SQL for texts of others' tables that are read into memory: one that is too long is not loaded.
///
/// The number of bytes is taken from the row's header (`octet_length`, SQLite 3.43), without
/// reading the text.
public final class BoundedText {
  /// The most bytes of a name, an id or an address.
  public static final int NAME_MAX = 4096;

  private BoundedText() {}

  /// The column, or an empty text in place of one of more than [#NAME_MAX] bytes.
  public static String name(String column) {
    return upTo(NAME_MAX, column);
  }

  /// The column, or an empty text in place of one of more than `most` bytes.
  public static String upTo(int most, String column) {
    return "CASE WHEN octet_length(%s) > %d THEN '' ELSE %s END".formatted(column, most, column);
  }
}
