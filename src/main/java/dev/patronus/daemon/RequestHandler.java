package dev.patronus.daemon;

import dev.patronus.audit.Actor;
import dev.patronus.collect.ActiveFlow;
import dev.patronus.collect.Collector;
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
import java.util.function.Supplier;

/// Answers what comes in by the control socket.
///
/// Safe from any thread: questions are put to the collector and, for changes, to the keeper, each
/// on its own thread.
final class RequestHandler implements ControlServer.Desk {
  /// Bytes of the heap that a row of an answer takes: a policy or a path, and a flow.
  private static final int ROW_BYTES = 160;

  private static final int FLOW_BYTES = 400;

  /// Bytes of the heap that documents take: a thousand exporters, and what ten thousand policies
  /// make of a flow.
  private static final long STATUS_BYTES = 512 << 10;

  private static final long EXPLANATION_BYTES = 12 << 20;

  private final String database;
  private final Collector collector;
  private final DatabaseWorkerThread keeper;
  private final Clock clock;
  private final Instant started;
  private final Supplier<Reply> status;
  private final RoutingHandler routing;

  RequestHandler(
      String database,
      Collector collector,
      DatabaseWorkerThread keeper,
      RoutingHandler routing,
      Clock clock,
      Supplier<Reply> status) {
    this.database = database;
    this.collector = collector;
    this.keeper = keeper;
    this.clock = clock;
    this.started = clock.instant();
    this.status = status;
    this.routing = routing;
  }

  @Override
  public Reply answer(Request request, Peer peer) {
    try {
      return switch (request) {
        case Request.Status _ -> status.get();
        case Request.Stats _ -> stats();
        case Request.Flows flows -> flows(flows);
        case Request.FlowStretch asked -> stretch(asked);
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
      case Request.Status _ -> STATUS_BYTES;
      case Request.Explain _ -> EXPLANATION_BYTES;
      case Request.Stats _, Request.Paths _ -> (long) keeper.policies().size() * ROW_BYTES;
      case Request.Flows flows -> (long) flows.limit() * FLOW_BYTES;
      case Request.FlowStretch asked -> (long) asked.limit() * FLOW_BYTES;
      case Request.Reset _,
          Request.CacheStats _,
          Request.CacheClear _,
          Request.CacheCleanup _,
          Request.Changed _ ->
          0;
    };
  }

  /// How each cache does, by its name.
  Map<String, CacheStatistics> caches() {
    return routing.caches();
  }

  /// What each policy carries now.
  Reply.Stats stats() {
    Instant now = clock.instant();
    return collector.ask(books -> stats(books, now));
  }

  private Reply.Stats stats(TrafficAccounting books, Instant now) {
    Snapshot snapshot = books.snapshot(now);
    List<PolicyTraffic> rows = new ArrayList<>();
    for (int i = 0; i < snapshot.policies().size(); i++) {
      rows.add(row(books.policies().get(i), snapshot.policies().get(i)));
    }
    PolicyTotal none = snapshot.unmatched();
    return new Reply.Stats(
        database,
        now,
        rows,
        new Reply.Bucket(none.packets(), none.bytes(), none.activeFlows()),
        snapshot.estimated());
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
    TopFlows top = new TopFlows(order(asked.order()), asked.policyId(), asked.limit());
    while (collector.ask(books -> top.step(books, nanos))) {}
    long total = collector.ask(TrafficAccounting::liveFlows);
    return new Reply.Flows(now, total, top.flows().stream().map(this::flow).toList());
  }

  private record Part(long total, TrafficAccounting.Stretch stretch) {}

  private Reply stretch(Request.FlowStretch asked) {
    long nanos = System.nanoTime();
    Part part =
        collector.ask(books ->
            new Part(
                books.liveFlows(),
                books.stretch(asked.from(), asked.policyId(), asked.limit(), nanos)));
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
    };
  }

  private Reply.Flow flow(ActiveFlow flow) {
    return new Reply.Flow(
        flow.key(),
        flow.policy().map(Policy::id),
        routing.pathOf(flow),
        flow.volume().packets(),
        flow.volume().bytes(),
        flow.firstSeen(),
        flow.lastSeen());
  }

  private Reply reset(Request.Reset asked, Peer peer) {
    Optional<Long> id = asked.policyId();
    if (id.isPresent() && keeper.policies().stream().noneMatch(p -> p.id() == id.get())) {
      return new Reply.Refused(
          ExitCode.NOT_FOUND, "policy " + Long.toUnsignedString(id.get()) + " not found");
    }
    int count = keeper.ask(books -> books.reset(id, actor(asked.client(), peer)));
    return new Reply.Done(
        count == 1 ? "1 policy begins at zero" : count + " policies begin at zero", count);
  }

  /// Who makes the change: the user that root speaks for, else the peer that the kernel names.
  private static Actor actor(Request.Client client, Peer peer) {
    return new Actor(
        peer.root() ? client.userId() : peer.user(),
        client.ipAddress().orElse(null),
        client.userAgent());
  }
}
