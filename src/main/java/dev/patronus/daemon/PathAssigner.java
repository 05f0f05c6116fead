package dev.patronus.daemon;

import dev.patronus.collect.Collector;
import dev.patronus.daemon.process.Log;
import dev.patronus.daemon.process.PeriodicTask;
import dev.patronus.error.UserError;
import dev.patronus.metrics.Metrics;
import dev.patronus.route.Router;
import java.util.Map;
import java.util.Optional;

/// Tells the collector which path each policy's traffic takes: each second, when somebody asks what
/// the paths carry, and when a change is acknowledged.
///
/// Safe from any thread but the keeper's, which the router may have to wait for. While the paths
/// cannot be judged (the database is locked, say) the collector goes on with what it was told last.
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

  /// Places the policies now, and from now on each second.
  void start() {
    tick();
    thread.start();
  }

  /// Its last tick, for [Readiness].
  Readiness.Worker worker() {
    return new Readiness.Worker(thread.name(), thread::tickNanos);
  }

  private void tick() {
    try {
      assign();
      log.over(TROUBLE, "the paths can be judged again");
    } catch (UserError | IllegalStateException e) {
      log.trouble(
          TROUBLE,
          "cannot judge the paths: "
              + e.getMessage()
              + "; what policies carry is counted to the paths that they had");
    }
  }

  /// Has the collector count by the paths that the policies choose now.
  ///
  /// @throws UserError if the database does not say how the paths do
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
