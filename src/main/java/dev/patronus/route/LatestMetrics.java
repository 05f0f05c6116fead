package dev.patronus.route;

import java.util.Map;
import java.util.Set;

/// The source of the latest metrics of paths.
@FunctionalInterface
public interface LatestMetrics {
  /// The latest metrics of each of these paths that was ever measured, by path id. What it throws
  /// is thrown to the caller that requested a path.
  Map<Long, PathMetrics> of(Set<Long> pathIds);
}
