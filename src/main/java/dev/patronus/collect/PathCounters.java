package dev.patronus.collect;

import dev.patronus.flow.Snapshot.PolicyTotal;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What each path has carried: the shares that it had in what the policies counted.
///
/// The platform picks the path of a flow by the policy that takes it, so all flows of a policy are
/// on one path at a time, and nothing has to be done for each record: a policy's counters are
/// looked at when its path changes, and when somebody asks, and what they have grown by since the
/// last look went over the path that the policy had until now. A flow whose path changes leaves
/// there what it has carried so far, and is counted to the new path from then on. What a policy
/// counts while no path is usable for it is nobody's.
///
/// Confined to the collector's thread. In memory alone: a path begins at zero with the process. At
/// most [#PATHS_MAX] paths are kept; beyond, those that no policy chooses any more are forgotten.
final class PathCounters {
  static final int PATHS_MAX = 65_536;

  /// Packets and bytes, cumulative.
  private record Sum(long packets, long bytes) {
    static final Sum ZERO = new Sum(0, 0);

    Sum plus(Sum other) {
      return new Sum(
          PolicyCounters.sum(packets, other.packets), PolicyCounters.sum(bytes, other.bytes));
    }

    /// How much more this is; all of it where it is less, for then the counter began anew.
    Sum since(Sum before) {
      boolean grown = packets >= before.packets && bytes >= before.bytes;
      return grown ? new Sum(packets - before.packets, bytes - before.bytes) : this;
    }
  }

  /// The path of each policy; empty for one that has none. A policy that is not in it waits for the
  /// first word about its path, and so does what it counts.
  private Map<Long, Optional<Long>> routes = Map.of();

  /// What of each policy's counters has been shared out.
  private final Map<Long, Sum> shared = new HashMap<>();

  private final Map<Long, Sum> carried = new HashMap<>();

  /// Shares out what a policy's counters have grown by. Where it was never looked at before, this
  /// is where it begins.
  void settle(PolicyTotal policy) {
    Sum now = sum(policy);
    Sum before = shared.get(policy.policyId());
    Optional<Long> path = routes.get(policy.policyId());
    if (before != null && path == null) {
      return;
    }
    shared.put(policy.policyId(), now);
    if (before != null) {
      path.ifPresent(id -> carried.merge(id, now.since(before), Sum::plus));
    }
  }

  /// Takes a policy's counters as they are: somebody else than traffic has changed them.
  void rebase(PolicyTotal policy) {
    shared.put(policy.policyId(), sum(policy));
  }

  private static Sum sum(PolicyTotal policy) {
    return new Sum(policy.packets(), policy.bytes());
  }

  /// Forgets the policies that are not among these.
  void keep(Set<Long> policyIds) {
    shared.keySet().retainAll(policyIds);
  }

  /// Says which path each policy has from now on. All that was counted before is settled.
  void route(Map<Long, Optional<Long>> pathByPolicy) {
    routes = Map.copyOf(pathByPolicy);
    if (carried.size() > PATHS_MAX) {
      Set<Long> chosen = new HashSet<>();
      routes.values().forEach(path -> path.ifPresent(chosen::add));
      carried.keySet().retainAll(chosen);
    }
  }

  /// The path of a policy; empty if it has none, or if nothing was said.
  Optional<Long> pathOf(long policyId) {
    return routes.getOrDefault(policyId, Optional.empty());
  }

  /// The paths that have carried anything, or are chosen by a policy.
  Set<Long> paths() {
    Set<Long> paths = new HashSet<>(carried.keySet());
    routes.values().forEach(path -> path.ifPresent(paths::add));
    return paths;
  }

  /// What a path has carried.
  PathTotal total(long pathId, long activeFlows) {
    Sum sum = carried.getOrDefault(pathId, Sum.ZERO);
    return new PathTotal(pathId, activeFlows, sum.packets, sum.bytes);
  }
}
