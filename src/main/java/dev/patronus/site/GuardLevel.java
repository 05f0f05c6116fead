package dev.patronus.site;

import java.util.Locale;

/// Which of the platform's own deletions are guarded: triggers in its database remove the rows that
/// would make a foreign key refuse them.
public enum GuardLevel {
  /// None.
  OFF,
  /// The deletion of a policy, which the snapshots of the daemon would make impossible.
  POLICIES,
  /// Those of policies, paths, endpoints and sites: what hangs on them is archived and removed.
  ALL;

  private final String word = name().toLowerCase(Locale.ROOT);

  /// The level as people write it: `policies`.
  public String word() {
    return word;
  }

  /// The level of this name.
  ///
  /// @throws IllegalArgumentException if there is none
  public static GuardLevel parse(String text) {
    for (GuardLevel level : values()) {
      if (level.word.equals(text)) {
        return level;
      }
    }
    throw new IllegalArgumentException("must be off, policies or all, was '" + text + "'");
  }
}
