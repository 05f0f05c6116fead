package dev.patronus.site;

import java.util.Base64;
import java.util.Objects;

/// A site's public key: bytes of any length, shown in Base64 as WireGuard's tools show keys.
///
/// Immutable.
public record PublicKey(String base64) {
  public PublicKey {
    Objects.requireNonNull(base64, "base64");
    if (!Base64.getEncoder().encodeToString(Base64.getDecoder().decode(base64)).equals(base64)) {
      throw new IllegalArgumentException("not a key in padded Base64: '" + base64 + "'");
    }
  }

  /// The key of these bytes.
  public static PublicKey of(byte[] bytes) {
    return new PublicKey(Base64.getEncoder().encodeToString(bytes));
  }

  /// A new copy of the key's bytes.
  public byte[] bytes() {
    return Base64.getDecoder().decode(base64);
  }

  @Override
  public String toString() {
    return base64;
  }
}
