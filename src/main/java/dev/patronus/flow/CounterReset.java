package dev.patronus.flow;

import java.util.List;

/// A change of counters that the database decides: what a reset takes from each of them, or what a
/// capture that was counted into the past adds, which is negative here.
///
/// The database holds the last one, from the transaction that makes it on; the counters are changed
/// after that, and a counter knows the last reset that it has seen. So each reset is taken from
/// each counter once, whenever the process is killed.
///
/// Immutable.
///
/// @param number the resets of a database are numbered from 1; 0 if there was none
public record CounterReset(long number, List<Part> parts) {
  public static final CounterReset NONE = new CounterReset(0, List.of());

  public CounterReset {
    parts = List.copyOf(parts);
  }

  /// Which counters of a database there are.
  public enum Kind {
    POLICY,
    UNMATCHED,
    TUNNELS
  }

  /// What is taken from one counter; a negative amount is added to it.
  ///
  /// @param policyId of a [Kind#POLICY]; else 0
  public record Part(Kind kind, long policyId, long packets, long bytes) {}

  /// The packets that are taken.
  public long packets() {
    return parts.stream().mapToLong(Part::packets).sum();
  }
}
