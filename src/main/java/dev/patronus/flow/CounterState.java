package dev.patronus.flow;

import dev.patronus.flow.Snapshot.PolicyTotal;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The totals of all counters and the progress of all sources at one instant: what a snapshot's
/// transaction holds, and what counting goes on from where the file of counters cannot be believed.
///
/// Immutable.
///
/// @param number the snapshots of a database are numbered from 1; 0 for one that was written before
///   they were
/// @param tunnels what the platform's own tunnels carried
/// @param sources of each source, how many of its records are in the totals
public record CounterState(
    long number, Snapshot snapshot, PolicyTotal tunnels, List<SourceProgress> sources) {
  public CounterState {
    Objects.requireNonNull(snapshot, "snapshot");
    Objects.requireNonNull(tunnels, "tunnels");
    sources = List.copyOf(sources);
  }

  /// The totals of a snapshot of which nothing more is known.
  public static CounterState of(Snapshot snapshot) {
    return new CounterState(
        0, snapshot, new PolicyTotal(Snapshot.UNMATCHED, 0, 0, 0, null), List.of());
  }

  /// These totals and what a capture that was counted into the past adds to them.
  ///
  /// @param added its parts are negative, as those of a reset that gives
  public CounterState with(CounterReset added) {
    Map<CounterReset.Kind, PolicyTotal> totals = new EnumMap<>(CounterReset.Kind.class);
    Map<Long, CounterReset.Part> byPolicy = new HashMap<>();
    totals.put(CounterReset.Kind.UNMATCHED, snapshot.unmatched());
    totals.put(CounterReset.Kind.TUNNELS, tunnels);
    for (CounterReset.Part part : added.parts()) {
      totals.computeIfPresent(part.kind(), (_, total) -> plus(total, part));
      if (part.kind() == CounterReset.Kind.POLICY) {
        byPolicy.put(part.policyId(), part);
      }
    }
    List<PolicyTotal> policies =
        snapshot.policies().stream()
            .map(total ->
                byPolicy.containsKey(total.policyId())
                    ? plus(total, byPolicy.get(total.policyId()))
                    : total)
            .toList();
    return new CounterState(
        number,
        new Snapshot(
            snapshot.taken(),
            policies,
            totals.get(CounterReset.Kind.UNMATCHED),
            snapshot.estimated()),
        totals.get(CounterReset.Kind.TUNNELS),
        sources);
  }

  private static PolicyTotal plus(PolicyTotal total, CounterReset.Part part) {
    return new PolicyTotal(
        total.policyId(),
        sum(total.packets(), -part.packets()),
        sum(total.bytes(), -part.bytes()),
        total.activeFlows(),
        total.lastSeen());
  }

  private static long sum(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }

  /// How far one source had come.
  ///
  /// @param sourceId stands for its name
  /// @param records how many of its records are in the totals
  /// @param digest over these records, for a source that wants one; else 0
  /// @param opened in which order the sources were first heard of
  public record SourceProgress(long sourceId, long records, long digest, long opened) {}
}
