package dev.patronus.site.failover;

import java.util.List;
import java.util.Objects;

/// What a deletion does to a failover policy.
public sealed interface FailoverChange {
  long policyId();

  String name();

  /// Its primary path goes, and so it goes itself.
  ///
  /// @param events how many events go with it
  record Goes(long policyId, String name, String primaryPathId, long events)
      implements FailoverChange {
    public Goes {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(primaryPathId, "primaryPathId");
    }
  }

  /// It loses backup paths, and stays with the others.
  record LosesBackups(long policyId, String name, List<String> lost, List<String> kept)
      implements FailoverChange {
    public LosesBackups {
      Objects.requireNonNull(name, "name");
      lost = List.copyOf(lost);
      kept = List.copyOf(kept);
    }
  }

  /// Nobody can read its list of backup paths; it is left as it is.
  record Unreadable(long policyId, String name) implements FailoverChange {
    public Unreadable {
      Objects.requireNonNull(name, "name");
    }
  }
}
