package dev.patronus.route;

import dev.patronus.policy.rule.PathPreference;
import java.util.Locale;
import java.util.OptionalDouble;

/// One of the five numbers that a path is judged by, and how it becomes a score from 0 (useless) to
/// 100 (perfect).
///
/// Numbers outside of what can be measured count as the end of the scale that they lie beyond: a
/// negative latency scores 100, a loss of 150 % scores 0. What is not a number scores 0, but a cost
/// that is not known, or not a number, scores 50.
public enum Metric {
  /// 100 at 0 ms, 0 from 200 ms on.
  LATENCY("ms") {
    @Override
    OptionalDouble value(PathMetrics metrics, OptionalDouble costPerGb) {
      return number(metrics.latencyMs());
    }

    @Override
    double formula(double ms) {
      return (200 - Math.min(ms, 200)) / 2;
    }

    @Override
    double weight(PathPreference.Custom weights) {
      return weights.latencyWeight();
    }
  },

  /// 100 at 0 ms, 0 from 50 ms on.
  JITTER("ms") {
    @Override
    OptionalDouble value(PathMetrics metrics, OptionalDouble costPerGb) {
      return number(metrics.jitterMs());
    }

    @Override
    double formula(double ms) {
      return (50 - Math.min(ms, 50)) * 2;
    }

    @Override
    double weight(PathPreference.Custom weights) {
      return weights.jitterWeight();
    }
  },

  /// 100 without loss, 0 when all is lost.
  LOSS("%") {
    @Override
    OptionalDouble value(PathMetrics metrics, OptionalDouble costPerGb) {
      return number(metrics.packetLossPct());
    }

    @Override
    double formula(double percent) {
      return 100 - percent;
    }

    @Override
    double weight(PathPreference.Custom weights) {
      return weights.lossWeight();
    }
  },

  /// 100 from 1,000 Mbit/s on.
  BANDWIDTH("Mbit/s") {
    @Override
    OptionalDouble value(PathMetrics metrics, OptionalDouble costPerGb) {
      return number(metrics.bandwidthMbps());
    }

    @Override
    double formula(double mbps) {
      return Math.min(mbps / 1000 * 100, 100);
    }

    @Override
    double weight(PathPreference.Custom weights) {
      return weights.bandwidthWeight();
    }
  },

  /// 100 where a gigabyte is free, 0 from a cost of 0.20 on, 50 where the cost is unknown.
  COST("per GB") {
    @Override
    OptionalDouble value(PathMetrics metrics, OptionalDouble costPerGb) {
      return costPerGb.isPresent() ? number(costPerGb.getAsDouble()) : costPerGb;
    }

    @Override
    double formula(double costPerGb) {
      return 100 - costPerGb * 500;
    }

    @Override
    double weight(PathPreference.Custom weights) {
      return weights.costWeight();
    }

    @Override
    double unknown() {
      return 50;
    }
  };

  private final String unit;

  Metric(String unit) {
    this.unit = unit;
  }

  /// What the number counts.
  public String unit() {
    return unit;
  }

  /// Its name in JSON: `bandwidth`.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The number; empty if it is not known or is none.
  abstract OptionalDouble value(PathMetrics metrics, OptionalDouble costPerGb);

  /// The platform's formula, before it is held to 0..100.
  abstract double formula(double value);

  abstract double weight(PathPreference.Custom weights);

  double unknown() {
    return 0;
  }

  /// The score of a path by this figure alone, 0 to 100.
  double score(PathMetrics metrics, OptionalDouble costPerGb) {
    OptionalDouble value = value(metrics, costPerGb);
    return value.isPresent() ? Math.clamp(formula(value.getAsDouble()), 0.0, 100.0) : unknown();
  }

  private static OptionalDouble number(double value) {
    return Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
