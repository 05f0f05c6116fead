package dev.patronus.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/// What all policies carry, as one place knows it at one instant.
///
/// Immutable.
///
/// @param asOf the instant that it belongs to; empty if nothing was ever counted
/// @param policies in order of matching
/// @param unmatched what no policy matched; empty where nobody counted it
/// @param estimated whether any of it was scaled up from samples
/// @param payloadBytes whether an exporter counts payload in place of IP bytes, as far as is known
public record TrafficNow(
    Source source,
    Optional<Instant> asOf,
    List<PolicyTraffic> policies,
    Optional<PolicyTraffic> unmatched,
    boolean estimated,
    boolean payloadBytes) {

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

  /// The age of a policy's numbers in seconds, at an instant: of the daemon's answer, or of the
  /// policy's newest snapshot. Empty where it has none; negative where the clock was set back
  /// since.
  public OptionalLong ageSeconds(PolicyTraffic policy, Instant at) {
    return switch (source) {
      case LIVE -> OptionalLong.of(Math.max(0, Duration.between(asOf.orElse(at), at).toSeconds()));
      case SNAPSHOT ->
          policy.lastUpdated() == null
              ? OptionalLong.empty()
              : OptionalLong.of(Duration.between(policy.lastUpdated(), at).toSeconds());
    };
  }

  /// The seconds since the policy's last packet. Empty where none was ever counted, and in a
  /// snapshot, which does not say when its packets came.
  public OptionalLong idleSeconds(PolicyTraffic policy) {
    return source == Source.LIVE && asOf.isPresent() && policy.lastUpdated() != null
        ? OptionalLong.of(
            Math.max(0, Duration.between(policy.lastUpdated(), asOf.get()).toSeconds()))
        : OptionalLong.empty();
  }
}
