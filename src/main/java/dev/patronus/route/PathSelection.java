package dev.patronus.route;

import dev.patronus.policy.Policy;
import dev.patronus.policy.rule.Invalid;
import dev.patronus.policy.rule.PathPreference;
import dev.patronus.site.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// The platform's path selection, for one state of the mesh and its metrics.
///
/// The paths that are up or degraded are candidates; each has a score by the policy's preference
/// (see [Scoring]); the best one is taken, among equals the one with the lowest id. A path that was
/// never measured has the score 0.
///
/// Immutable; safe from any thread. The best of all paths does not depend on the flow, so it is
/// found once for each preference.
public final class PathSelection {
  private final Mesh mesh;
  private final Map<Long, PathMetrics> metrics;
  private final Map<PathPreference, Optional<PathScore>> best = new ConcurrentHashMap<>();

  /// @param metrics the latest of each path, by its id
  public PathSelection(Mesh mesh, Map<Long, PathMetrics> metrics) {
    this.mesh = mesh;
    this.metrics = Map.copyOf(metrics);
  }

  /// The path for a flow that `taker` takes.
  public RoutingDecision decide(Optional<Policy> taker, PathScope scope) {
    return taker.map(policy -> decide(policy, scope)).orElseGet(RoutingDecision.Unmatched::new);
  }

  private RoutingDecision decide(Policy policy, PathScope scope) {
    return switch (policy.preference()) {
      case Invalid(String problem) -> new RoutingDecision.PreferenceUnreadable(policy, problem);
      case PathPreference preference ->
          best(preference, scope)
              .<RoutingDecision>map(path -> new RoutingDecision.Routed(policy, path))
              .orElseGet(() -> new RoutingDecision.NoPath(policy, count(scope)));
    };
  }

  private Optional<PathScore> best(PathPreference preference, PathScope scope) {
    return scope.equals(PathScope.ALL)
        ? best.computeIfAbsent(preference, p -> findBest(p, PathScope.ALL))
        : findBest(preference, scope);
  }

  private Optional<PathScore> findBest(PathPreference preference, PathScope scope) {
    return candidates(preference, scope).min(PathScore.BEST_FIRST);
  }

  /// The best candidates of a choice.
  ///
  /// @param best with their scores, the best one first
  /// @param total how many candidates there are
  /// @param equallyGood how many of them score as the best one does
  public record Ranking(List<PathScore> best, long total, long equallyGood) {
    /// No candidate.
    public static final Ranking NONE = new Ranking(List.of(), 0, 0);

    public Ranking {
      best = List.copyOf(best);
    }
  }

  /// The candidates with their scores, no more than `most` of them at one time: a full mesh has
  /// some hundred thousand.
  public Ranking ranking(PathPreference preference, PathScope scope, int most) {
    PriorityQueue<PathScore> best = new PriorityQueue<>(PathScore.BEST_FIRST.reversed());
    long[] counts = new long[2];
    double[] highest = {Double.NEGATIVE_INFINITY};
    candidates(preference, scope)
        .forEach(score -> {
          counts[0]++;
          int compared = Double.compare(score.points(), highest[0]);
          counts[1] = compared > 0 ? 1 : counts[1] + (compared == 0 ? 1 : 0);
          highest[0] = Math.max(highest[0], score.points());
          best.add(score);
          if (best.size() > most) {
            best.remove();
          }
        });
    return new Ranking(best.stream().sorted(PathScore.BEST_FIRST).toList(), counts[0], counts[1]);
  }

  private Stream<PathScore> candidates(PathPreference preference, PathScope scope) {
    return mesh.priced().stream()
        .filter(priced -> priced.path().usable() && scope.contains(priced.path()))
        .map(priced ->
            PathScore.of(
                priced.path(),
                preference,
                Optional.ofNullable(metrics.get(priced.path().id())),
                priced.costPerGb()));
  }

  /// The paths that were asked about and are no candidates, in order of their ids.
  public List<Path> unusable(PathScope scope) {
    return mesh.paths().stream()
        .filter(path -> !path.usable() && scope.contains(path))
        .sorted(Comparator.comparingLong(Path::id))
        .toList();
  }

  private int count(PathScope scope) {
    return (int) mesh.paths().stream().filter(scope::contains).count();
  }

  public Mesh mesh() {
    return mesh;
  }
}
