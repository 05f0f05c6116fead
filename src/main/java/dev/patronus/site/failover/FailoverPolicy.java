package dev.patronus.site.failover;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// A failover policy: which paths stand in for a path, and when. A row of
/// `sdwan_failover_policies`.
///
/// Immutable. The numbers are what was stored, sane or not.
///
/// @param id unsigned 64-bit
/// @param primaryPathId the path that it prefers
/// @param backupPathIds the paths that stand in, in order; empty if the text is no JSON list
/// @param failoverThreshold the health score below which it leaves the primary path, 0 to 100
/// @param failbackThreshold the health score above which it returns, 0 to 100
/// @param failbackDelaySeconds how long the score must stay above before it returns
public record FailoverPolicy(
    long id,
    String name,
    String primaryPathId,
    Optional<List<String>> backupPathIds,
    double failoverThreshold,
    double failbackThreshold,
    long failbackDelaySeconds,
    boolean enabled) {

  public FailoverPolicy {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(primaryPathId, "primaryPathId");
    backupPathIds = backupPathIds.map(List::copyOf);
  }

  /// What the policy makes of a path; empty where it does not name it.
  public Optional<FailoverUse> use(String pathId) {
    boolean primary = primaryPathId.equals(pathId);
    boolean backup = backupPathIds.map(ids -> ids.contains(pathId)).orElse(false);
    return primary || backup
        ? Optional.of(new FailoverUse(id, name, primary, enabled))
        : Optional.empty();
  }

  /// The path that carries the traffic: the one of the last switch as long as the policy names it,
  /// else the primary one.
  ///
  /// @param lastSwitch the newest event that names a path for the traffic
  public String activePathId(Optional<FailoverEvent> lastSwitch) {
    return active(lastSwitch).flatMap(FailoverEvent::activePathId).orElse(primaryPathId);
  }

  /// The last switch, if it decides which path is active.
  public Optional<FailoverEvent> active(Optional<FailoverEvent> lastSwitch) {
    return lastSwitch.filter(event -> event.activePathId().flatMap(this::use).isPresent());
  }
}
