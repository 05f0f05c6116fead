package dev.patronus.route;

import dev.patronus.policy.Explanation;
import dev.patronus.policy.Policy;
import dev.patronus.policy.rule.Invalid;
import dev.patronus.policy.rule.PathPreference;
import dev.patronus.site.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;

/// The explanation of a flow's path: the matching policy, the candidate paths, the chosen one, and
/// whether the decision was cached.
///
/// Immutable.
///
/// @param policies what each policy makes of the flow
/// @param ranking the best candidates, at most [#MOST]; none if no policy takes the flow
/// @param unusable the paths that were asked about and are neither up nor degraded
/// @param cutOffSites the sites that have paths, but none that is up or degraded
/// @param answer the decision, held in the routing cache or made just now
/// @param fresh the decision by what is known now; another one than the answer where that was made
///   of older metrics
public record PathExplanation(
    Explanation policies,
    PathScope scope,
    PathSelection.Ranking ranking,
    List<Path> unusable,
    SortedSet<String> cutOffSites,
    CachedAnswer<RoutingDecision> answer,
    RoutingDecision fresh) {

  /// The most candidates, paths that are none, and policies that are given.
  public static final int MOST = 1000;

  public PathExplanation {
    Objects.requireNonNull(policies, "policies");
    Objects.requireNonNull(scope, "scope");
    Objects.requireNonNull(ranking, "ranking");
    unusable = List.copyOf(unusable);
    Objects.requireNonNull(cutOffSites, "cutOffSites");
    Objects.requireNonNull(answer, "answer");
    Objects.requireNonNull(fresh, "fresh");
  }

  /// The explanation without a cache: all of it from what is known now.
  public static PathExplanation of(Explanation policies, PathScope scope, PathSelection selection) {
    RoutingDecision fresh = selection.decide(policies.taker(), scope);
    return of(policies, scope, selection, new CachedAnswer<>(fresh, false, 0), fresh);
  }

  static PathExplanation of(
      Explanation policies,
      PathScope scope,
      PathSelection selection,
      CachedAnswer<RoutingDecision> answer,
      RoutingDecision fresh) {
    return new PathExplanation(
        policies,
        scope,
        ranking(policies.taker(), scope, selection),
        selection.unusable(scope),
        selection.mesh().cutOffSites(),
        answer,
        fresh);
  }

  private static PathSelection.Ranking ranking(
      Optional<Policy> taker, PathScope scope, PathSelection selection) {
    if (taker.isEmpty()) {
      return PathSelection.Ranking.NONE;
    }
    return switch (taker.get().preference()) {
      case Invalid _ -> PathSelection.Ranking.NONE;
      case PathPreference preference -> selection.ranking(preference, scope, MOST);
    };
  }

  /// The candidates with their scores, the best one first.
  public List<PathScore> candidates() {
    return ranking.best();
  }

  /// Whether the decision would be the same if it were made now.
  public boolean upToDate() {
    return pathId(answer.value()).equals(pathId(fresh));
  }

  private static Optional<Long> pathId(RoutingDecision decision) {
    return decision.chosen().map(score -> score.path().id());
  }
}
