package dev.patronus.route;

import dev.patronus.policy.Policy;
import java.util.Objects;
import java.util.Optional;

/// What became of a flow that asked for its path.
public sealed interface RoutingDecision {
  /// The policy that takes the flow; empty if none does.
  Optional<Policy> policy();

  /// The path that carries the flow; empty if none does.
  default Optional<PathScore> chosen() {
    return Optional.empty();
  }

  /// A policy takes the flow, and this path suits it best.
  record Routed(Policy taker, PathScore best) implements RoutingDecision {
    public Routed {
      Objects.requireNonNull(taker, "taker");
      Objects.requireNonNull(best, "best");
    }

    @Override
    public Optional<Policy> policy() {
      return Optional.of(taker);
    }

    @Override
    public Optional<PathScore> chosen() {
      return Optional.of(best);
    }
  }

  /// No policy takes the flow, so nothing says what a good path is for it.
  record Unmatched() implements RoutingDecision {
    @Override
    public Optional<Policy> policy() {
      return Optional.empty();
    }
  }

  /// The policy that takes the flow does not say readably which path it prefers.
  record PreferenceUnreadable(Policy taker, String problem) implements RoutingDecision {
    @Override
    public Optional<Policy> policy() {
      return Optional.of(taker);
    }
  }

  /// No path that was asked about is up or degraded.
  ///
  /// @param paths how many there are, all of them down; 0 if there is none at all
  record NoPath(Policy taker, int paths) implements RoutingDecision {
    @Override
    public Optional<Policy> policy() {
      return Optional.of(taker);
    }
  }
}
