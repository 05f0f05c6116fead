package dev.patronus.daemon;

import dev.patronus.collect.Collector;
import dev.patronus.daemon.process.Log;
import dev.patronus.daemon.process.PeriodicTask;
import dev.patronus.error.ErrorText;
import dev.patronus.error.UserError;
import dev.patronus.metrics.Metrics;
import dev.patronus.route.Router;
import java.util.Map;
import java.util.Optional;

/// Assigns each policy's traffic to a path in the collector: each second, on a request for path
/// traffic, and when a database change is acknowledged.
///
/// Safe from any thread except the database worker's, because the router may wait for that thread.
/// While the paths cannot be evaluated (for example because the database is locked) the last
/// assignment stays in force.
final class PathAssigner {
  private static final String TROUBLE = "paths";

  private final Router router;
  private final Collector collector;
  private final Log log;
  private final PeriodicTask thread;
  private Map<Long, Optional<Long>> lastRoutes = Map.of();

  PathAssigner(Router router, Collector collector, Metrics metrics, Log log) {
    this.router = router;
    this.collector = collector;
    this.log = log;
    this.thread = new PeriodicTask("path-assigner", metrics, this::tick);
  }

  /// Assigns paths now, and then each second.
  void start() {
    tick();
    thread.start();
  }

  /// The time of its last tick, for [Readiness].
  Readiness.Worker worker() {
    return new Readiness.Worker(thread.name(), thread::tickNanos);
  }

  private void tick() {
    try {
      assign();
      log.over(TROUBLE, "the paths can be evaluated again");
    } catch (UserError | IllegalStateException e) {
      log.trouble(
          TROUBLE,
          "cannot evaluate the paths: "
              + ErrorText.ofRepeated(e)
              + "; policy traffic is still counted to the previous paths");
    }
  }

  /// Updates the collector with the paths that the policies choose now.
  ///
  /// @throws UserError if the path metrics cannot be read
  synchronized void assign() {
    Map<Long, Optional<Long>> routes = router.routes();
    if (!routes.equals(lastRoutes)) {
      collector.call(accounting -> {
        accounting.route(routes);
        return routes.size();
      });
      lastRoutes = routes;
    }
  }

  boolean stop() {
    return thread.stop();
  }
}
