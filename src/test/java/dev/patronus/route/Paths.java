package dev.patronus.route;

import dev.patronus.policy.Policy;
import dev.patronus.policy.rule.MatchRules;
import dev.patronus.policy.rule.Preference;
import dev.patronus.site.Endpoint;
import dev.patronus.site.Path;
import dev.patronus.site.PathStatus;
import java.time.Instant;
import java.util.Optional;

/// Short words for what the tests of this room are full of.
final class Paths {
  static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");

  private Paths() {}

  static Path path(long id, String src, String dst, String status) {
    return new Path(
        id, src, dst, src + "-uplink", dst + "-uplink", Optional.empty(), PathStatus.of(status));
  }

  static Endpoint endpoint(long id, String site, double costPerGb) {
    return new Endpoint(id, site, site + "-uplink", "fiber", costPerGb, true);
  }

  static PathMetrics metrics(
      long path, double latency, double jitter, double loss, double bandwidth) {
    return new PathMetrics(path, NOON, latency, jitter, loss, bandwidth, 1420, 0);
  }

  static PathMetrics latency(long path, double latency) {
    return metrics(path, latency, 0, 0, 0);
  }

  /// A policy that takes every flow.
  static Policy policy(long id, String name, Preference preference) {
    return new Policy(id, name, 0, true, MatchRules.ALL, preference);
  }
}
