package dev.patronus.site.failover;

import java.util.Objects;

/// A failover policy that counts on a path: from a row of `sdwan_failover_policies`.
///
/// Immutable.
///
/// @param primary whether the path is its primary one; else it is one of its backups
public record FailoverUse(long policyId, String name, boolean primary, boolean enabled) {

  public static final String PRIMARY = "primary";
  public static final String BACKUP = "backup";

  public FailoverUse {
    Objects.requireNonNull(name, "name");
  }

  /// What the path is for the policy, as a word.
  public String role() {
    return primary ? PRIMARY : BACKUP;
  }
}
