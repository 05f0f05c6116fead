package dev.patronus.policy;

import dev.patronus.flow.Volume;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// What all policies carry, as one place knows it at one instant.
///
/// Immutable.
///
/// @param asOf the instant that it belongs to; empty if nothing was ever counted
/// @param policies in order of matching
/// @param unmatched what no policy matched; empty where nobody counted it
/// @param estimated whether any of it was scaled up from samples
public record TrafficNow(
    Source source,
    Optional<Instant> asOf,
    List<PolicyTraffic> policies,
    Optional<Volume> unmatched,
    boolean estimated) {

  /// Where it was asked.
  public enum Source {
    /// The daemon's memory.
    LIVE,
    /// The latest snapshot in the database.
    SNAPSHOT
  }

  public TrafficNow {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(asOf, "asOf");
    policies = List.copyOf(policies);
    Objects.requireNonNull(unmatched, "unmatched");
  }
}
