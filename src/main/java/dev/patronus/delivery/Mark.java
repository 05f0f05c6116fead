package dev.patronus.delivery;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;

/// How far a table was handed over: the last key that was looked at, and the print of what its row
/// held, by which the same database is known again.
///
/// Immutable.
///
/// @param key 0 before the first row
/// @param print empty if there was no such row
public record Mark(long key, String print) {
  /// Before the first row.
  public static final Mark START = new Mark(0, "");

  private static final int PRINT_BYTES = 16;

  public Mark {
    Objects.requireNonNull(print, "print");
    if (key < 0) {
      throw new IllegalArgumentException("a key must not be negative, was " + key);
    }
  }

  /// The print of what a row holds: the first half of its SHA-256.
  public static String print(String row) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(row.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, PRINT_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
