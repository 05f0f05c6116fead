package dev.patronus.route;

import static java.util.stream.Collectors.toSet;

import dev.patronus.flow.FlowKey;
import dev.patronus.policy.Explanation;
import dev.patronus.policy.Policy;
import dev.patronus.policy.match.Matcher;
import dev.patronus.site.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Decides the path of a flow, and caches the decisions.
///
/// Safe from any thread. Two caches: the latest metrics of each path, for 60 s, and the decision
/// for each flow, for 30 s; so a decision is made of metrics that are at most 90 s behind. A flow
/// that is not remembered costs the matching of its policy and one lookup of the best path for the
/// policy's preference; whenever metrics are reloaded, each preference costs one pass over all
/// paths.
///
/// *No stale answer.* Every change (of policies, of paths, of metrics that are cleared) is made in
/// this order: the new state first, then the metrics' epoch, then the decisions' epoch, then it
/// returns. A question that is asked after that meets no entry from before, for entries are gone
/// and what was begun in an older epoch is not taken in (see [TtlCache]); and what it computes
/// again is made of the new state, for a selection counts only for the state and the epoch that it
/// was begun with.
public final class Router {
  /// How long the metrics of a path are served.
  public static final Duration METRICS_TTL = Duration.ofSeconds(60);

  /// How long a decision is served.
  public static final Duration ROUTING_TTL = Duration.ofSeconds(30);

  /// The most paths whose metrics are held: more than a full mesh of 360 sites has. Beyond it each
  /// selection reads again what was not held.
  public static final int METRICS_MAX = 131_072;

  /// The most flows whose decisions are held; some 15 MB.
  public static final int ROUTING_MAX = 65_536;

  private final LatestMetrics source;
  private final TtlCache<Long, Optional<PathMetrics>> metrics;
  private final TtlCache<FlowKey, RoutingDecision> routing;
  private volatile State state = new State(0, List.of(), Matcher.compile(List.of()), Mesh.EMPTY);
  private volatile @Nullable Held held;

  /// Held while the state changes, so that changes are serialized.
  private final Object changing = new Object();

  /// Held while a selection is computed.
  private final Object making = new Object();

  /// What decisions are made of, metrics aside.
  ///
  /// @param version one more with each change
  private record State(long version, List<Policy> policies, Matcher matcher, Mesh mesh) {}

  /// A selection, and what it was made of.
  ///
  /// @param oldestPathId the path whose metrics will expire first; empty if none were needed
  private record Held(
      PathSelection selection, long version, long epoch, OptionalLong oldestPathId) {}

  /// @param nanoClock monotonic, as [System#nanoTime]
  public Router(LatestMetrics source, LongSupplier nanoClock) {
    this.source = source;
    this.metrics = new TtlCache<>(METRICS_MAX, METRICS_TTL, nanoClock);
    this.routing = new TtlCache<>(ROUTING_MAX, ROUTING_TTL, nanoClock);
  }

  /// How many paths there are.
  public int paths() {
    return state.mesh().paths().size();
  }

  /// The path that the flow takes, as it is remembered or found now.
  public CachedAnswer<RoutingDecision> decide(FlowKey flow) {
    return routing.get(flow, this::find);
  }

  private RoutingDecision find(FlowKey flow) {
    State now = state;
    return selection(now).decide(now.matcher().policyFor(flow), PathScope.ALL);
  }

  /// The path that each policy which takes part chooses now, by their ids; empty for one that has
  /// none.
  public Map<Long, Optional<Long>> routes() {
    State now = state;
    PathSelection selection = selection(now);
    Map<Long, Optional<Long>> routes = new HashMap<>();
    for (Policy policy : now.matcher().policies()) {
      RoutingDecision decision = selection.decide(Optional.of(policy), PathScope.ALL);
      routes.put(policy.id(), decision.chosen().map(score -> score.path().id()));
    }
    return routes;
  }

  /// Why the flow takes its path. For a scope that leaves paths out nothing is remembered.
  public PathExplanation explain(FlowKey flow, PathScope scope) {
    State now = state;
    PathSelection selection = selection(now);
    Explanation policies = Explanation.of(flow, now.policies());
    RoutingDecision fresh = selection.decide(policies.taker(), scope);
    CachedAnswer<RoutingDecision> answer =
        scope.equals(PathScope.ALL) ? decide(flow) : new CachedAnswer<>(fresh, false, 0);
    return PathExplanation.of(policies, scope, selection, answer, fresh);
  }

  /// The selection for this state, computed again if its metrics were invalidated or are past their
  /// time. One thread makes it, the others wait.
  private PathSelection selection(State now) {
    Held current = held;
    if (current != null && serves(current, now)) {
      return current.selection();
    }
    synchronized (making) {
      Held latest = held;
      if (latest == null || !serves(latest, now)) {
        latest = make(now);
        held = latest;
      }
      return latest.selection();
    }
  }

  /// Whether the selection was made of this state and of metrics that are all still served.
  private boolean serves(Held current, State now) {
    return current.version() == now.version()
        && current.epoch() == metrics.epoch()
        && (current.oldestPathId().isEmpty()
            || metrics.get(current.oldestPathId().getAsLong()).isPresent());
  }

  private Held make(State now) {
    long begun = metrics.epoch();
    Map<Long, PathMetrics> known = new HashMap<>();
    Set<Long> missing = new HashSet<>();
    OptionalLong oldest = collect(now.mesh(), known, missing);
    if (!missing.isEmpty()) {
      Map<Long, PathMetrics> latest = source.of(Set.copyOf(missing));
      known.putAll(latest);
      missing.forEach(
          id -> metrics.insertIfCurrent(id, Optional.ofNullable(latest.get(id)), begun));
    }
    OptionalLong probe = oldest.isPresent() ? oldest : any(missing);
    return new Held(new PathSelection(now.mesh(), known), now.version(), begun, probe);
  }

  private static OptionalLong any(Set<Long> ids) {
    return ids.stream().mapToLong(Long::longValue).findFirst();
  }

  /// Sorts the usable paths into those whose metrics are held and those whose are missing.
  ///
  /// @return the path whose metrics have been held longest; empty if none are
  private OptionalLong collect(Mesh mesh, Map<Long, PathMetrics> known, Set<Long> missing) {
    OptionalLong oldest = OptionalLong.empty();
    long oldestNanos = -1;
    for (Path path : mesh.paths()) {
      if (!path.usable()) {
        continue;
      }
      Optional<CachedAnswer<Optional<PathMetrics>>> answer = metrics.held(path.id());
      if (answer.isEmpty()) {
        missing.add(path.id());
        continue;
      }
      answer.get().value().ifPresent(m -> known.put(path.id(), m));
      if (answer.get().ageNanos() > oldestNanos) {
        oldestNanos = answer.get().ageNanos();
        oldest = OptionalLong.of(path.id());
      }
    }
    return oldest;
  }

  /// Takes the policies and the mesh as they are now. If they are as before, nothing happens.
  ///
  /// @return whether anything had changed; then no decision from before is served any more
  public boolean update(Collection<Policy> policies, Mesh mesh) {
    List<Policy> ordered = policies.stream().sorted(Policy.ORDER).toList();
    synchronized (changing) {
      if (state.policies().equals(ordered) && state.mesh().sameAs(mesh)) {
        return false;
      }
      state = new State(state.version() + 1, ordered, Matcher.compile(ordered), mesh);
      Set<Long> ids = mesh.paths().stream().map(Path::id).collect(toSet());
      metrics.removeIf((id, _) -> !ids.contains(id));
      routing.clear();
      return true;
    }
  }

  /// Empties both caches.
  public Cleared clear() {
    return clearMetrics();
  }

  /// Empties the cache of metrics, and that of decisions too, for they were made of those metrics.
  public Cleared clearMetrics() {
    return new Cleared(metrics.clear(), routing.clear());
  }

  /// Empties the cache of decisions.
  public Cleared clearRouting() {
    return new Cleared(0, routing.clear());
  }

  /// Drops what has expired from both caches.
  public Cleared cleanUp() {
    return new Cleared(metrics.cleanUp(), routing.cleanUp());
  }

  public CacheStatistics metricsStatistics() {
    return metrics.statistics();
  }

  public CacheStatistics routingStatistics() {
    return routing.statistics();
  }
}
