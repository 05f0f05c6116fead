package dev.patronus.daemon;

import dev.patronus.audit.Actor;
import dev.patronus.audit.AuditEvent;
import dev.patronus.cache.CacheStatistics;
import dev.patronus.collect.Accounting;
import dev.patronus.collect.ActiveFlow;
import dev.patronus.collect.Collector;
import dev.patronus.control.Reply;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.Volume;
import dev.patronus.json.Json;
import dev.patronus.route.Cleared;
import dev.patronus.route.ExplanationDocument;
import dev.patronus.route.PathScope;
import dev.patronus.route.Router;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// The part of the desk that knows which path carries what: explanations, the traffic of paths, and
/// the two caches.
///
/// Safe from any thread. A flow is placed on its path when somebody asks, on the thread that asks:
/// the collector only hands out its largest flows, [Accounting#TOP_MAX] at most, and neither knows
/// paths nor waits for metrics. So a flow is always shown where it would go now, also after a path
/// went down a moment ago.
final class RoutingDesk {
  private static final String METRICS = "metrics";
  private static final String ROUTING = "routing";

  private final String database;
  private final Collector collector;
  private final KeeperThread keeper;
  private final Router router;
  private final Clock clock;

  RoutingDesk(
      String database, Collector collector, KeeperThread keeper, Router router, Clock clock) {
    this.database = database;
    this.collector = collector;
    this.keeper = keeper;
    this.router = router;
    this.clock = clock;
  }

  Reply explain(FlowKey flow, PathScope scope) {
    return new Reply.Document(
        Json.object()
            .put("database", database)
            .put("explanation", ExplanationDocument.of(router.explain(flow, scope)))
            .build());
  }

  private record Flows(long total, List<ActiveFlow> largest) {}

  /// What each path carries that carries anything.
  Reply paths() {
    Instant now = clock.instant();
    Flows flows =
        collector.ask(books -> {
          List<ActiveFlow> largest =
              books.top(ActiveFlow.Order.BYTES, Accounting.TOP_MAX, System.nanoTime());
          return new Flows(books.liveFlows(), largest);
        });
    Map<Long, Reply.PathTraffic> byPath = new HashMap<>();
    for (ActiveFlow flow : flows.largest()) {
      if (!flow.tunnel()) {
        pathOf(flow.key())
            .ifPresent(id -> byPath.merge(id, traffic(id, flow.volume()), RoutingDesk::sum));
      }
    }
    List<Reply.PathTraffic> paths = new ArrayList<>(byPath.values());
    paths.sort(Comparator.comparingLong(Reply.PathTraffic::pathId));
    return new Reply.Paths(database, now, flows.total(), flows.largest().size(), paths);
  }

  private Optional<Long> pathOf(FlowKey flow) {
    return router.decide(flow).value().chosen().map(score -> score.path().id());
  }

  private static Reply.PathTraffic traffic(long pathId, Volume volume) {
    return new Reply.PathTraffic(pathId, 1, volume.packets(), volume.bytes());
  }

  private static Reply.PathTraffic sum(Reply.PathTraffic one, Reply.PathTraffic other) {
    return new Reply.PathTraffic(
        one.pathId(),
        one.flows() + other.flows(),
        one.packets() + other.packets(),
        one.bytes() + other.bytes());
  }

  /// Takes in what another process changed, and answers when that is done.
  Reply changed() {
    keeper.ask(kept -> {
      kept.reload();
      return true;
    });
    return new Reply.Done("the change is in force", 1);
  }

  /// How each cache does, by its name.
  Map<String, CacheStatistics> caches() {
    Map<String, CacheStatistics> caches = new LinkedHashMap<>();
    caches.put(METRICS, router.metricsStatistics());
    caches.put(ROUTING, router.routingStatistics());
    return caches;
  }

  Reply cacheStats() {
    List<Json> rows = new ArrayList<>();
    caches().forEach((name, statistics) -> rows.add(row(name, statistics)));
    return new Reply.Document(
        Json.object()
            .put("as_of", clock.instant().toString())
            .put("database", database)
            .put("caches", rows)
            .build());
  }

  private static Json row(String name, CacheStatistics statistics) {
    boolean metrics = name.equals(METRICS);
    return Json.object()
        .put("cache", name)
        .put("entries", statistics.entries())
        .put("active", statistics.active())
        .put("expired", statistics.expired())
        .put("hits", statistics.hits())
        .put("misses", statistics.misses())
        .put("hit_rate", statistics.hitRate())
        .put("evictions", statistics.evictions())
        .put("entries_max", metrics ? Router.METRICS_MAX : Router.ROUTING_MAX)
        .put("ttl_seconds", (metrics ? Router.METRICS_TTL : Router.ROUTING_TTL).toSeconds())
        .build();
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
    Cleared cleared = keeper.ask(kept -> kept.clear(event, who, clearing));
    return new Reply.Document(
        Json.object().put(METRICS, cleared.metrics()).put(ROUTING, cleared.routing()).build());
  }
}
