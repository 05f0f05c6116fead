package dev.patronus.route;

import dev.patronus.policy.rule.PathPreference;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/// How a preference turns the figures of a path into one score, 0 to 100.
///
/// A preference for one figure is that figure's score. A custom one is the sum of all five scores,
/// each times its weight, and that plain sum is what paths are ordered by. The score that is shown
/// is the sum itself if the weights add up to one, as the platform means them, or to less; else the
/// sum divided by their total, so that 100 still means perfect. Negative weights count against a
/// path, and their size counts to the total; the score of a sum below zero is zero. Weights that
/// are all zero score every path 0, and the lowest path id wins.
final class Scoring {
  /// Weights are decimal fractions, which binary ones do not hit: so much more than one is one.
  private static final double ROUNDING = 1e-9;

  private Scoring() {}

  /// What paths are ordered by: for a single figure its score, for custom weights the plain sum
  /// (where weights are two or more, all of it made smaller by the same power of two, which keeps
  /// every order and keeps absurd weights from leaving the numbers).
  static double points(PathPreference preference, PathMetrics metrics, OptionalDouble costPerGb) {
    return switch (preference) {
      case PathPreference.Single single -> figure(single).score(metrics, costPerGb);
      case PathPreference.Custom weights -> sum(weights, metrics, costPerGb);
    };
  }

  private static double sum(
      PathPreference.Custom weights, PathMetrics metrics, OptionalDouble costPerGb) {
    int shift = shift(weights);
    double sum = 0;
    for (Metric figure : Metric.values()) {
      sum += Math.scalb(figure.weight(weights), -shift) * figure.score(metrics, costPerGb);
    }
    return sum;
  }

  /// The score, 0 to 100, of a path with so many points.
  static double score(PathPreference preference, double points) {
    return switch (preference) {
      case PathPreference.Single _ -> points;
      case PathPreference.Custom weights -> Math.clamp(points / divisor(weights), 0.0, 100.0);
    };
  }

  private static double divisor(PathPreference.Custom weights) {
    int shift = shift(weights);
    double total = 0;
    for (Metric figure : Metric.values()) {
      total += Math.abs(Math.scalb(figure.weight(weights), -shift));
    }
    return shift > 0 || total > 1 + ROUNDING ? total : 1;
  }

  private static int shift(PathPreference.Custom weights) {
    double largest = 0;
    for (Metric figure : Metric.values()) {
      largest = Math.max(largest, Math.abs(figure.weight(weights)));
    }
    return Math.max(0, Math.getExponent(largest));
  }

  /// The metrics that the preference uses, with their contributions.
  static List<ScoreComponent> parts(
      PathPreference preference, PathMetrics metrics, OptionalDouble costPerGb) {
    List<ScoreComponent> parts = new ArrayList<>();
    for (Metric figure : Metric.values()) {
      double weight = weight(preference, figure);
      if (weight != 0) {
        parts.add(
            new ScoreComponent(
                figure,
                figure.value(metrics, costPerGb),
                figure.score(metrics, costPerGb),
                weight));
      }
    }
    return parts;
  }

  private static double weight(PathPreference preference, Metric figure) {
    return switch (preference) {
      case PathPreference.Single single -> figure(single) == figure ? 1 : 0;
      case PathPreference.Custom weights -> figure.weight(weights);
    };
  }

  private static Metric figure(PathPreference.Single preference) {
    return switch (preference) {
      case LOWEST_LATENCY -> Metric.LATENCY;
      case HIGHEST_BANDWIDTH -> Metric.BANDWIDTH;
      case LOWEST_PACKET_LOSS -> Metric.LOSS;
      case LOWEST_COST -> Metric.COST;
    };
  }
}
