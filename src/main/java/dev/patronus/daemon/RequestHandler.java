package dev.patronus.daemon;

import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import dev.patronus.audit.Actor;
import dev.patronus.collect.ActiveFlow;
import dev.patronus.collect.Collector;
import dev.patronus.collect.FlowGroups;
import dev.patronus.collect.TopFlows;
import dev.patronus.collect.TrafficAccounting;
import dev.patronus.control.ControlServer;
import dev.patronus.control.Peer;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.flow.Volume;
import dev.patronus.flow.filter.FlowFilter;
import dev.patronus.flow.filter.GroupKey;
import dev.patronus.policy.Policy;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.route.CacheStatistics;
import dev.patronus.route.PathScope;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Handles the requests of the control socket.
///
/// Safe from any thread: reads run on the collector's thread, and changes on the database worker's
/// thread.
final class RequestHandler implements ControlServer.Handler {
  /// Estimated heap bytes of one reply row: a policy or a path, and a flow.
  private static final int ROW_BYTES = 160;

  private static final int FLOW_BYTES = 400;

  /// Estimated heap bytes of a document: the status of a thousand exporters, and the explanation of
  /// one flow by ten thousand policies.
  private static final long STATUS_BYTES = 512 << 10;

  private static final long EXPLANATION_BYTES = 12 << 20;

  /// The maximum number of groups of one reply: they take a 24th of the heap.
  private static final int GROUPS_MAX =
      (int)
          Math.min(1 << 20, Runtime.getRuntime().maxMemory() / 24 / FlowGroups.BYTES_OF_GROUP_MAX);

  private final String database;
  private final Collector collector;
  private final DatabaseWorkerThread worker;
  private final Clock clock;
  private final Instant started;
  private final Supplier<Reply> status;
  private final Supplier<Reply> templates;
  private final Supplier<Reply> diagnostics;
  private final RoutingHandler routing;
  private final BooleanSupplier countsPayload;
  private final Authorization authorization;

  RequestHandler(
      String database,
      Collector collector,
      DatabaseWorkerThread worker,
      RoutingHandler routing,
      Clock clock,
      BooleanSupplier countsPayload,
      Authorization authorization,
      Supplier<Reply> status,
      Supplier<Reply> templates,
      Supplier<Reply> diagnostics) {
    this.database = database;
    this.collector = collector;
    this.worker = worker;
    this.clock = clock;
    this.started = clock.instant();
    this.status = status;
    this.templates = templates;
    this.diagnostics = diagnostics;
    this.routing = routing;
    this.countsPayload = countsPayload;
    this.authorization = authorization;
  }

  @Override
  public Reply answer(Request request, Peer peer) {
    try {
      Optional<Reply> refusal = authorization.refusal(request, peer);
      if (refusal.isPresent()) {
        return refusal.get();
      }
      return switch (request) {
        case Request.Status _ -> status.get();
        case Request.Templates _ -> templates.get();
        case Request.Diagnostics _ -> diagnostics.get();
        case Request.Stats(boolean rows) -> rows ? new Reply.StatsRows(stats()) : stats();
        case Request.Flows flows -> flows(flows);
        case Request.FlowStretch asked -> stretch(asked);
        case Request.FlowGroups asked -> groups(asked);
        case Request.Reset reset -> reset(reset, peer);
        case Request.CacheStats _ -> routing.cacheStats();
        case Request.CacheClear clear -> routing.clear(clear.cache(), actor(clear.client(), peer));
        case Request.CacheCleanup cleanup -> routing.cleanUp(actor(cleanup.client(), peer));
        case Request.Explain(FlowKey key, Optional<String> from, Optional<String> to) ->
            routing.explain(key, new PathScope(from, to));
        case Request.Paths _ -> routing.paths();
        case Request.Changed _ -> routing.changed();
      };
    } catch (UserError e) {
      return new Reply.Refused(e.exitCode(), e.getMessage());
    }
  }

  @Override
  public long bytes(Request request) {
    return switch (request) {
      case Request.Status _, Request.Diagnostics _ -> STATUS_BYTES;
      case Request.Templates _ -> TemplateReport.BYTES_MAX;
      case Request.Explain _ -> EXPLANATION_BYTES;
      case Request.Stats _, Request.Paths _ -> (long) worker.policies().size() * ROW_BYTES;
      case Request.Flows flows -> (long) flows.limit() * FLOW_BYTES;
      case Request.FlowStretch asked -> (long) asked.limit() * FLOW_BYTES;
      case Request.FlowGroups asked ->
          (long) GROUPS_MAX * FlowGroups.BYTES_OF_GROUP_MAX + (long) asked.limit() * FLOW_BYTES;
      case Request.Reset _,
          Request.CacheStats _,
          Request.CacheClear _,
          Request.CacheCleanup _,
          Request.Changed _ ->
          0;
    };
  }

  /// The statistics of each cache, by its name.
  Map<String, CacheStatistics> caches() {
    return routing.caches();
  }

  /// The current traffic of each policy.
  Reply.Stats stats() {
    Instant now = clock.instant();
    boolean payload = countsPayload.getAsBoolean();
    return collector.call(accounting -> stats(accounting, now, payload));
  }

  private Reply.Stats stats(TrafficAccounting accounting, Instant now, boolean payload) {
    Snapshot snapshot = accounting.snapshot(now);
    List<PolicyTraffic> rows = new ArrayList<>();
    for (int i = 0; i < snapshot.policies().size(); i++) {
      rows.add(row(accounting.policies().get(i), snapshot.policies().get(i)));
    }
    PolicyTotal none = snapshot.unmatched();
    return new Reply.Stats(
        database,
        now,
        rows,
        new Reply.Bucket(none.packets(), none.bytes(), none.activeFlows()),
        snapshot.estimated(),
        payload);
  }

  private static PolicyTraffic row(Policy policy, PolicyTotal total) {
    return new PolicyTraffic(
        policy.id(),
        policy.name(),
        policy.priority(),
        policy.enabled(),
        total.packets(),
        total.bytes(),
        total.activeFlows(),
        total.lastSeen());
  }

  private Reply flows(Request.Flows asked) {
    Instant now = clock.instant();
    long nanos = System.nanoTime();
    FlowFilter filter = filter(asked.policyId(), asked.filter());
    TopFlows top = new TopFlows(order(asked.order()), filter, asked.limit());
    while (collector.call(accounting -> top.step(accounting, nanos))) {}
    long total = collector.call(TrafficAccounting::liveFlows);
    List<Reply.Flow> flows = top.flows().stream().map(this::flow).toList();
    return new Reply.Flows(now, total, top.matching(), flows, names(flows));
  }

  /// The names of these flows' policies.
  private Map<Long, String> names(List<Reply.Flow> flows) {
    Set<Long> ids = flows.stream().flatMap(flow -> flow.policyId().stream()).collect(toSet());
    return collector.call(TrafficAccounting::policies).stream()
        .filter(policy -> ids.contains(policy.id()))
        .collect(toMap(Policy::id, Policy::name));
  }

  /// The filter of a request, with current paths if it compares them.
  private FlowFilter filter(Optional<Long> policyId, FlowFilter filter) {
    if (filter.readsPath()) {
      routing.assignPaths();
    }
    return policyId
        .<FlowFilter>map(id -> FlowFilter.both(new FlowFilter.OfPolicy(id), filter))
        .orElse(filter);
  }

  private Reply groups(Request.FlowGroups asked) {
    Instant now = clock.instant();
    long nanos = System.nanoTime();
    if (asked.by().contains(GroupKey.PATH)) {
      routing.assignPaths();
    }
    FlowFilter filter = filter(asked.policyId(), asked.filter());
    FlowGroups groups = new FlowGroups(asked.by(), filter, order(asked.order()), GROUPS_MAX);
    do {
      while (collector.call(accounting -> groups.step(accounting, nanos))) {
        groups.trim();
      }
    } while (groups.again());
    Volume leftOut = groups.volumeLeftOut();
    return new Reply.FlowGroups(
        now,
        collector.call(TrafficAccounting::liveFlows),
        groups.matching(),
        groups.count(),
        new Reply.Bucket(leftOut.packets(), leftOut.bytes(), groups.flowsLeftOut()),
        groups.bound(),
        groups.first(asked.limit()).stream().map(RequestHandler::group).toList());
  }

  private static Reply.Group group(FlowGroups.Group group) {
    OptionalLong path = group.pathId();
    return new Reply.Group(
        group.key(),
        group.policyId() == Snapshot.UNMATCHED ? Optional.empty() : Optional.of(group.policyId()),
        path.isPresent() ? Optional.of(path.getAsLong()) : Optional.empty(),
        group.exporter(),
        group.flows(),
        group.volume().packets(),
        group.volume().bytes(),
        group.firstSeen(),
        group.lastSeen());
  }

  private record Part(long total, TrafficAccounting.Stretch stretch) {}

  private Reply stretch(Request.FlowStretch asked) {
    long nanos = System.nanoTime();
    FlowFilter filter = filter(asked.policyId(), asked.filter());
    Part part =
        collector.call(accounting ->
            new Part(
                accounting.liveFlows(),
                accounting.stretch(asked.from(), filter, asked.limit(), nanos)));
    return new Reply.FlowStretch(
        clock.instant(),
        started,
        part.total(),
        part.stretch().next(),
        part.stretch().flows().stream().map(this::flow).toList());
  }

  private static ActiveFlow.Order order(Request.Order order) {
    return switch (order) {
      case BYTES -> ActiveFlow.Order.BYTES;
      case PACKETS -> ActiveFlow.Order.PACKETS;
      case AGE -> ActiveFlow.Order.AGE;
      case RATE -> ActiveFlow.Order.RATE;
      case FLOWS -> ActiveFlow.Order.FLOWS;
    };
  }

  private Reply.Flow flow(ActiveFlow flow) {
    return new Reply.Flow(
        flow.key(),
        flow.policy().map(Policy::id),
        routing.pathOf(flow),
        flow.exporter(),
        flow.volume().packets(),
        flow.volume().bytes(),
        flow.firstSeen(),
        flow.lastSeen());
  }

  private Reply reset(Request.Reset asked, Peer peer) {
    Optional<Long> id = asked.policyId();
    if (id.isPresent() && worker.policies().stream().noneMatch(p -> p.id() == id.get())) {
      return new Reply.Refused(
          ExitCode.NOT_FOUND, "policy " + Long.toUnsignedString(id.get()) + " not found");
    }
    int count = worker.call(worker -> worker.reset(id, actor(asked.client(), peer)));
    return new Reply.Done(count == 1 ? "reset 1 policy" : "reset " + count + " policies", count);
  }

  /// The actor of a change: the user that root names, otherwise the peer reported by the kernel.
  private static Actor actor(Request.Client client, Peer peer) {
    return new Actor(
        peer.root() ? client.userId() : peer.user(),
        client.ipAddress().orElse(null),
        client.userAgent());
  }
}
