package dev.patronus.flow;

import dev.patronus.flow.Snapshot.PolicyTotal;
import java.util.List;
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

  /// How far one source had come.
  ///
  /// @param sourceId stands for its name
  /// @param records how many of its records are in the totals
  /// @param digest over these records, for a source that wants one; else 0
  /// @param opened in which order the sources were first heard of
  public record SourceProgress(long sourceId, long records, long digest, long opened) {}
}
