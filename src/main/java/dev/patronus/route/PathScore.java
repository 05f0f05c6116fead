package dev.patronus.route;

import dev.patronus.policy.rule.PathPreference;
import dev.patronus.site.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/// A path that could be taken, how well it suits a preference, and the numbers behind that.
///
/// Immutable.
///
/// @param metrics the latest; empty if the path was never measured, and then its score is 0
/// @param costPerGb what a gigabyte costs on both its endpoints together; empty if that is unknown
/// @param points what candidates are ordered by (see [Scoring])
public record PathScore(
    Path path,
    PathPreference preference,
    Optional<PathMetrics> metrics,
    OptionalDouble costPerGb,
    double points) {

  /// More points first; among equals the lower path id.
  public static final Comparator<PathScore> BEST_FIRST =
      Comparator.comparingDouble(PathScore::points)
          .reversed()
          .thenComparingLong(candidate -> candidate.path().id());

  public PathScore {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(preference, "preference");
    Objects.requireNonNull(metrics, "metrics");
    Objects.requireNonNull(costPerGb, "costPerGb");
    if (!Double.isFinite(points)) {
      throw new IllegalArgumentException("points must be finite, were " + points);
    }
  }

  /// The path, judged by its latest metrics.
  static PathScore of(
      Path path,
      PathPreference preference,
      Optional<PathMetrics> metrics,
      OptionalDouble costPerGb) {
    double points = metrics.map(m -> Scoring.points(preference, m, costPerGb)).orElse(0.0);
    return new PathScore(path, preference, metrics, costPerGb, points + 0.0); // no negative zero
  }

  /// 0 (useless) to 100 (perfect).
  public double score() {
    return Scoring.score(preference, points);
  }

  /// What each figure contributes; none if the path was never measured.
  public List<ScoreComponent> parts() {
    return metrics.map(m -> Scoring.parts(preference, m, costPerGb)).orElse(List.of());
  }
}
