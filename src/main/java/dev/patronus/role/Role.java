package dev.patronus.role;

import java.util.Locale;

/// What a user may do, as in the platform's table `users`; each role may also do what those before
/// it may.
public enum Role {
  /// Reads.
  VIEWER,
  /// Also silences and tests alerts, saves measurements, and removes expired cache entries.
  OPERATOR,
  /// Also deletes, restores, purges, prunes, resets, clears and migrates.
  ADMIN;

  /// Its name in the platform and in the configuration: `admin`.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
