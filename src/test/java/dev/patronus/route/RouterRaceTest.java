package dev.patronus.route;

import static dev.patronus.policy.rule.PathPreference.Single.LOWEST_LATENCY;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/// What a [Router] decides in many [Schedules] of two threads.
///
/// Seen to fail when [Router#update] publishes the new state after it has cleared the caches, when
/// [Router#clearMetrics] clears the decisions before the metrics, and when the cache takes in
/// values of an older epoch.
public class RouterRaceTest {
  private static final FlowKey FLOW =
      FlowKey.of(IpAddress.v4(1), 1000, IpAddress.v4(2), 443, FlowKey.TCP);
  private static final Mesh MESH =
      new Mesh(List.of(Paths.path(1, "a", "b", "up"), Paths.path(2, "a", "b", "up")), List.of());

  /// How often the metrics were changed: each time the other path becomes the faster one.
  private final AtomicInteger measured = new AtomicInteger();

  private final AtomicInteger version = new AtomicInteger();
  private final Router router = new Router(this::metrics, () -> 0L);
  private volatile boolean stale;

  public RouterRaceTest() {
    update();
  }

  private Map<Long, PathMetrics> metrics(Set<Long> paths) {
    int now = measured.get();
    Map<Long, PathMetrics> metrics = new HashMap<>();
    paths.forEach(id -> metrics.put(id, Paths.latency(id, (id + now) % 2 == 0 ? 10 : 20)));
    return metrics;
  }

  private void update() {
    int next = version.incrementAndGet();
    synchronized (version) { // one thread updates, as in the daemon
      router.update(List.of(Paths.policy(next, "p" + next, LOWEST_LATENCY)), MESH);
    }
  }

  @Operation
  public void decide() {
    long _ = chosen(router.decide(FLOW).value());
  }

  @Operation(nonParallelGroup = "changes")
  public void changePolicies() {
    update();
    requireCurrent();
  }

  @Operation(nonParallelGroup = "changes")
  public void changeMetrics() {
    measured.incrementAndGet();
    router.clearMetrics();
    requireCurrent();
  }

  private void requireCurrent() {
    RoutingDecision decision = router.decide(FLOW).value();
    if (chosen(decision) != (measured.get() % 2 == 0 ? 2 : 1)
        || decision.policy().orElseThrow().id() != version.get()) {
      stale = true;
    }
  }

  private static long chosen(RoutingDecision decision) {
    return decision.chosen().orElseThrow().path().id();
  }

  @Validate
  public void isCurrent() {
    requireCurrent();
    if (stale) {
      throw new IllegalStateException("a decision from before a change was served after it");
    }
  }

  @Test
  void no_schedule_serves_a_decision_from_before_a_change() {
    Schedules.check(RouterRaceTest.class);
  }
}
