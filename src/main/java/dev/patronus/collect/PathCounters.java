package dev.patronus.collect;

import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.flow.Volume;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Attributes the policies' traffic to paths.
///
/// The platform chooses the path of a flow by its policy, so all flows of a policy use one path at
/// a time, and nothing has to be done for each record: a policy's counters are read when its path
/// changes, and on request, and their growth since the last read is attributed to the path that the
/// policy had until now. When a path changes, the volume of a flow so far stays with the old path,
/// and further volume is counted to the new one. Volume that a policy counts without a usable path
/// is attributed to none.
///
/// Confined to the collector's thread. In memory only: a path starts at zero with the process. At
/// most [#PATHS_MAX] paths are kept; beyond that, paths that no policy chooses any more are
/// dropped.
final class PathCounters {
  static final int PATHS_MAX = 65_536;

  /// Packets and bytes, cumulative.
  private record Sum(long packets, long bytes) {
    static final Sum ZERO = new Sum(0, 0);

    Sum plus(Sum other) {
      return new Sum(
          Volume.saturatedSum(packets, other.packets), Volume.saturatedSum(bytes, other.bytes));
    }

    /// The growth since an earlier value; the whole value if it is lower, because then the counter
    /// was reset.
    Sum since(Sum before) {
      boolean grown = packets >= before.packets && bytes >= before.bytes;
      return grown ? new Sum(packets - before.packets, bytes - before.bytes) : this;
    }
  }

  /// The path of each policy; empty for one that has none. The traffic of a policy that is not
  /// contained is attributed once its first path is known.
  private Map<Long, Optional<Long>> routes = Map.of();

  /// The part of each policy's counters that has been attributed.
  private final Map<Long, Sum> shared = new HashMap<>();

  private final Map<Long, Sum> carried = new HashMap<>();

  /// Attributes the growth of a policy's counters. The first call for a policy sets its baseline.
  void settle(PolicyTotal policy) {
    Sum now = sum(policy);
    Sum before = shared.get(policy.policyId());
    Optional<Long> path = routes.get(policy.policyId());
    if (before != null) {
      if (path == null) {
        return;
      }
      path.ifPresent(id -> carried.merge(id, now.since(before), Sum::plus));
    }
    shared.put(policy.policyId(), now);
  }

  /// Sets a policy's baseline to its counters, after something other than traffic has changed them.
  void rebase(PolicyTotal policy) {
    shared.put(policy.policyId(), sum(policy));
  }

  private static Sum sum(PolicyTotal policy) {
    return new Sum(policy.packets(), policy.bytes());
  }

  /// Forgets the baseline of a policy.
  void forget(long policyId) {
    shared.remove(policyId);
  }

  /// Sets the path of each policy. All earlier volume must be settled before.
  void route(Map<Long, Optional<Long>> pathByPolicy) {
    routes = Map.copyOf(pathByPolicy);
    if (carried.size() > PATHS_MAX) {
      Set<Long> chosen = new HashSet<>();
      routes.values().forEach(path -> path.ifPresent(chosen::add));
      carried.keySet().retainAll(chosen);
    }
  }

  /// The path of a policy; empty if it has none, or none was set.
  Optional<Long> pathOf(long policyId) {
    return routes.getOrDefault(policyId, Optional.empty());
  }

  /// The paths that have carried traffic, or are chosen by a policy.
  Set<Long> paths() {
    Set<Long> paths = new HashSet<>(carried.keySet());
    routes.values().forEach(path -> path.ifPresent(paths::add));
    return paths;
  }

  /// The volume of a path.
  PathTotal total(long pathId, long activeFlows) {
    Sum sum = carried.getOrDefault(pathId, Sum.ZERO);
    return new PathTotal(pathId, activeFlows, sum.packets, sum.bytes);
  }
}
