package dev.patronus.daemon;

import dev.patronus.audit.Actor;
import dev.patronus.audit.AuditEvent;
import dev.patronus.collect.ActiveFlow;
import dev.patronus.collect.Collector;
import dev.patronus.collect.PathTotal;
import dev.patronus.control.Reply;
import dev.patronus.control.answer.CacheAnswer;
import dev.patronus.control.answer.ClearedAnswer;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.flow.FlowKey;
import dev.patronus.route.CacheStatistics;
import dev.patronus.route.Cleared;
import dev.patronus.route.ExplanationDocument;
import dev.patronus.route.ExplanationSummary;
import dev.patronus.route.PathScope;
import dev.patronus.route.Router;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Handles the requests about routing: explanations, path traffic, and the two caches.
///
/// Safe from any thread, and all waiting is done on the caller's thread: the collector neither
/// knows path metrics nor waits for them. Before a path is explained, all committed changes of the
/// database are read; so an explanation always reflects every committed change, whether or not its
/// author notified the daemon.
final class RoutingHandler {
  private static final String METRICS = "metrics";
  private static final String ROUTING = "routing";

  private final String database;
  private final Instant started;
  private final Collector collector;
  private final DatabaseWorkerThread worker;
  private final Router router;
  private final PathAssigner assigner;
  private final Clock clock;

  /// @param started the instant at which the collector started to count
  RoutingHandler(
      String database,
      Instant started,
      Collector collector,
      DatabaseWorkerThread worker,
      Router router,
      PathAssigner assigner,
      Clock clock) {
    this.database = database;
    this.started = started;
    this.collector = collector;
    this.worker = worker;
    this.router = router;
    this.assigner = assigner;
    this.clock = clock;
  }

  /// @throws UserError if the database cannot be read
  Reply explain(FlowKey flow, PathScope scope) {
    worker.call(w -> {
      w.catchUp();
      return true;
    });
    ExplanationDocument explanation = ExplanationSummary.of(router.explain(flow, scope));
    return new Reply.Document(new ExplanationDocument.Live(database, explanation).json());
  }

  private record Carried(List<PathTotal> paths, boolean estimated) {}

  /// The current traffic of each path.
  ///
  /// @throws UserError if the path metrics cannot be read
  Reply paths() {
    assigner.assign();
    Instant now = clock.instant();
    Carried carried =
        collector.call(
            accounting -> new Carried(accounting.paths(), accounting.snapshot(now).estimated()));
    List<Reply.PathTraffic> paths = carried.paths().stream().map(RoutingHandler::traffic).toList();
    return new Reply.Paths(database, now, started, carried.estimated(), paths);
  }

  private static Reply.PathTraffic traffic(PathTotal path) {
    return new Reply.PathTraffic(path.pathId(), path.activeFlows(), path.packets(), path.bytes());
  }

  /// The path of a live flow, from the routing cache or computed now. Empty if it has no path, if
  /// it is a tunnel or a reply that is counted to the policy of its request, or if the path metrics
  /// cannot be read.
  Optional<Long> pathOf(ActiveFlow flow) {
    if (flow.tunnel() || flow.reply()) {
      return Optional.empty();
    }
    try {
      return router.decide(flow.key()).value().chosen().map(score -> score.path().id());
    } catch (UserError _) {
      return Optional.empty();
    }
  }

  /// Assigns the policies' current paths in the collector.
  ///
  /// @throws UserError if the path metrics cannot be read
  void assignPaths() {
    assigner.assign();
  }

  /// Reads what another process changed, and replies once that is done.
  Reply changed() {
    worker.call(w -> {
      w.reload();
      return true;
    });
    assigner.assign();
    return new Reply.Done("the change is in force", 1);
  }

  /// The statistics of each cache, by its name.
  Map<String, CacheStatistics> caches() {
    Map<String, CacheStatistics> caches = new LinkedHashMap<>();
    caches.put(METRICS, router.metricsStatistics());
    caches.put(ROUTING, router.routingStatistics());
    return caches;
  }

  Reply cacheStats() {
    List<CacheAnswer.Cache> rows = new ArrayList<>();
    caches().forEach((name, statistics) -> rows.add(row(name, statistics)));
    return new Reply.Document(new CacheAnswer(clock.instant(), database, rows).json());
  }

  private static CacheAnswer.Cache row(String name, CacheStatistics statistics) {
    boolean metrics = name.equals(METRICS);
    return new CacheAnswer.Cache(
        name,
        statistics.entries(),
        statistics.active(),
        statistics.expired(),
        statistics.hits(),
        statistics.misses(),
        statistics.hitRate(),
        statistics.evictions(),
        metrics ? Router.METRICS_MAX : Router.ROUTING_MAX,
        (metrics ? Router.METRICS_TTL : Router.ROUTING_TTL).toSeconds());
  }

  /// @param cache `metrics` or `routing`; empty for both
  Reply clear(Optional<String> cache, Actor who) {
    return cleared(new AuditEvent.CacheClear(), who, clearing(cache));
  }

  private static Function<Router, Cleared> clearing(Optional<String> cache) {
    return switch (cache.orElse("")) {
      case "" -> Router::clear;
      case METRICS -> Router::clearMetrics;
      case ROUTING -> Router::clearRouting;
      default ->
          throw new UserError(
              ExitCode.USAGE, "no cache '" + cache.orElseThrow() + "'; try metrics or routing");
    };
  }

  Reply cleanUp(Actor who) {
    return cleared(new AuditEvent.CacheCleanup(), who, Router::cleanUp);
  }

  private Reply cleared(AuditEvent event, Actor who, Function<Router, Cleared> clearing) {
    Cleared cleared = worker.call(w -> w.clear(event, who, clearing));
    return new Reply.Document(new ClearedAnswer(cleared.metrics(), cleared.routing()).json());
  }
}
