package dev.patronus.route;

import static dev.patronus.policy.rule.PathPreference.Single.LOWEST_LATENCY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.cache.FakeTicker;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.policy.Policy;
import dev.patronus.site.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RouterTest {
  private static final Policy FAST = Paths.policy(1, "fast", LOWEST_LATENCY);
  private static final FlowKey FLOW = flow(1);

  private final FakeTicker ticker = new FakeTicker();
  private final Map<Long, Double> latencies = new ConcurrentHashMap<>();
  private int reads;
  private final Router router = new Router(this::read, ticker);

  @BeforeEach
  void three_paths_between_three_sites() {
    latencies.putAll(Map.of(1L, 10.0, 2L, 20.0, 3L, 30.0));
    router.update(List.of(FAST), mesh());
  }

  private static Mesh mesh() {
    return mesh(_ -> true);
  }

  /// The three paths that are there.
  private static Mesh mesh(Predicate<Path> there) {
    List<Path> paths =
        List.of(
            Paths.path(1, "a", "b", "up"),
            Paths.path(2, "a", "c", "up"),
            Paths.path(3, "b", "c", "up"));
    return new Mesh(paths.stream().filter(there).toList(), List.of());
  }

  @Test
  void a_decision_is_made_once_and_then_served_from_the_cache_with_its_age() {
    assertEquals(1, pathOf(router.decide(FLOW)));
    ticker.advance(Duration.ofSeconds(12));
    CachedAnswer<RoutingDecision> again = router.decide(FLOW);
    assertTrue(again.cached());
    assertEquals(Duration.ofSeconds(12), again.age());
    assertEquals(new CacheStatistics(1, 1, 0, 1, 1, 0), router.routingStatistics());
  }

  @Test
  void the_routing_cache_serves_for_30_seconds() {
    router.decide(FLOW);
    ticker.advance(Duration.ofSeconds(29));
    assertTrue(router.decide(FLOW).cached());
    ticker.advance(Duration.ofSeconds(1));
    assertFalse(router.decide(FLOW).cached());
  }

  @Test
  void the_metrics_cache_serves_for_60_seconds() {
    router.decide(FLOW);
    latencies.put(1L, 90.0);
    ticker.advance(Duration.ofSeconds(59));
    assertEquals(1, pathOf(router.decide(FLOW)), "made of the metrics that are held");
    assertEquals(1, reads);
    ticker.advance(Duration.ofSeconds(30));
    assertEquals(2, pathOf(router.decide(FLOW)));
    assertEquals(2, reads);
    assertEquals(3, router.metricsStatistics().entries());
  }

  @Test
  void many_flows_read_the_metrics_once() {
    for (int i = 0; i < 1_000; i++) {
      router.decide(flow(i));
    }
    assertEquals(1, reads);
    assertEquals(999, router.metricsStatistics().hits());
  }

  @Test
  void a_deleted_sites_entries_are_gone_at_once_and_others_stay() {
    router.decide(FLOW);
    assertTrue(router.update(List.of(FAST), mesh(path -> !path.touches("b"))));
    assertEquals(1, router.metricsStatistics().entries());
    assertEquals(2, pathOf(router.decide(FLOW)));
    assertFalse(router.update(List.of(FAST), mesh(path -> !path.touches("b"))));
    assertTrue(router.decide(FLOW).cached());
  }

  @Test
  void a_deleted_path_is_gone_at_once() {
    router.decide(FLOW);
    assertTrue(router.update(List.of(FAST), mesh(path -> path.id() != 1)));
    assertEquals(2, router.metricsStatistics().entries());
    assertEquals(2, pathOf(router.decide(FLOW)));
  }

  @Test
  void a_changed_path_and_a_changed_policy_forget_all_decisions() {
    router.decide(FLOW);
    Path down = Paths.path(1, "a", "b", "down");
    List<Path> paths = List.of(down, mesh().paths().get(1), mesh().paths().get(2));
    assertTrue(router.update(List.of(FAST), new Mesh(paths, List.of())));
    assertEquals(2, pathOf(router.decide(FLOW)));
    assertTrue(router.update(List.of(), mesh()));
    assertEquals(new RoutingDecision.Unmatched(), router.decide(FLOW).value());
  }

  @Test
  void an_update_that_changes_nothing_keeps_what_is_held() {
    router.decide(FLOW);
    assertFalse(router.update(List.of(FAST), mesh()));
    assertTrue(router.decide(FLOW).cached());
  }

  @Test
  void what_is_cleared_is_counted_for_each_cache() {
    router.decide(FLOW);
    router.decide(flow(2));
    assertEquals(new Cleared(0, 2), router.clearRouting());
    router.decide(FLOW);
    assertEquals(new Cleared(3, 1), router.clear());
    assertEquals(new Cleared(0, 0), router.clear());
  }

  @Test
  void clearing_the_metrics_clears_the_decisions_that_were_made_of_them() {
    router.decide(FLOW);
    latencies.put(1L, 90.0);
    assertEquals(new Cleared(3, 1), router.clearMetrics());
    assertEquals(2, pathOf(router.decide(FLOW)));
  }

  @Test
  void a_clean_up_drops_what_has_expired_and_counts_it() {
    router.decide(FLOW);
    ticker.advance(Duration.ofSeconds(30));
    router.decide(flow(2));
    assertEquals(1, router.routingStatistics().expired());
    assertEquals(new Cleared(0, 1), router.cleanUp());
    ticker.advance(Duration.ofSeconds(30));
    assertEquals(new Cleared(3, 1), router.cleanUp());
  }

  @Test
  void a_source_that_fails_fails_the_question_and_spoils_nothing() {
    Map<Long, Double> kept = new HashMap<>(latencies);
    latencies.clear();
    latencies.put(-1L, 0.0); // read() throws on it
    assertThrows(IllegalStateException.class, () -> router.decide(FLOW));
    latencies.remove(-1L);
    latencies.putAll(kept);
    assertEquals(1, pathOf(router.decide(FLOW)));
  }

  @Test
  void an_explanation_has_every_candidate_and_says_where_the_answer_came_from() {
    router.decide(FLOW);
    ticker.advance(Duration.ofSeconds(7));
    PathExplanation explanation = router.explain(FLOW, PathScope.ALL);
    assertEquals(
        List.of(1L, 2L, 3L),
        explanation.candidates().stream().map(score -> score.path().id()).toList());
    assertTrue(explanation.answer().cached());
    assertEquals(Duration.ofSeconds(7), explanation.answer().age());
    assertTrue(explanation.upToDate());
    assertEquals(Optional.of(FAST), explanation.policies().taker());
  }

  @Test
  void an_explanation_says_when_a_fresh_look_would_choose_otherwise() {
    ticker.advance(Duration.ofSeconds(1));
    router.decide(flow(2));
    ticker.advance(Duration.ofSeconds(59));
    router.decide(FLOW); // of metrics that are 59 seconds old
    latencies.put(1L, 90.0);
    ticker.advance(Duration.ofSeconds(1));
    PathExplanation explanation = router.explain(FLOW, PathScope.ALL);
    assertTrue(explanation.answer().cached());
    assertFalse(explanation.upToDate());
    assertEquals(2, explanation.candidates().getFirst().path().id());
  }

  @Test
  void a_narrowed_explanation_is_never_remembered() {
    PathScope fromB = new PathScope(Optional.of("b"), Optional.empty());
    assertFalse(router.explain(FLOW, fromB).answer().cached());
    PathExplanation explanation = router.explain(FLOW, fromB);
    assertFalse(explanation.answer().cached());
    assertEquals(3, pathOf(explanation.answer()));
    assertEquals(0, router.routingStatistics().entries());
  }

  @Test
  void the_same_answer_is_given_with_and_without_the_caches() {
    PathExplanation with = router.explain(FLOW, PathScope.ALL);
    PathExplanation without =
        PathExplanation.of(
            with.policies(), PathScope.ALL, new PathSelection(mesh(), read(Set.of(1L, 2L, 3L))));
    assertEquals(without, with);
  }

  /// The metrics and the policy both carry the version that they belong to: the bandwidth and the
  /// policy's id.
  @Test
  void under_a_flood_of_questions_no_decision_from_before_an_acknowledged_change_is_served()
      throws Exception {
    AtomicLong metricsVersion = new AtomicLong();
    AtomicLong acknowledgedMetrics = new AtomicLong();
    AtomicLong acknowledgedPolicy = new AtomicLong(1);
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong questions = new AtomicLong();
    ConcurrentLinkedQueue<String> stale = new ConcurrentLinkedQueue<>();
    Router flooded =
        new Router(
            ids -> {
              long version = metricsVersion.get();
              Map<Long, PathMetrics> metrics = new HashMap<>();
              ids.forEach(id -> metrics.put(id, Paths.metrics(id, 10, 0, 0, (double) version)));
              return metrics;
            },
            System::nanoTime);
    flooded.update(List.of(Paths.policy(1, "v1", LOWEST_LATENCY)), mesh());
    Thread[] askers = new Thread[4];
    for (int i = 0; i < askers.length; i++) {
      Random random = new Random(i);
      askers[i] =
          Thread.ofPlatform()
              .name("asker-" + i)
              .start(() -> {
                while (!over.get()) {
                  long knownMetrics = acknowledgedMetrics.get();
                  long knownPolicy = acknowledgedPolicy.get();
                  RoutingDecision decision = flooded.decide(flow(random.nextInt(50))).value();
                  double served =
                      decision.chosen().orElseThrow().metrics().orElseThrow().bandwidthMbps();
                  long policy = decision.policy().orElseThrow().id();
                  if (served < knownMetrics || policy < knownPolicy) {
                    stale.add(
                        "metrics %s after %d, policy %d after %d"
                            .formatted(served, knownMetrics, policy, knownPolicy));
                  }
                  questions.incrementAndGet();
                }
              });
    }
    for (long version = 2; version <= 5_000; version++) {
      if (version % 2 == 0) {
        metricsVersion.set(version);
        Cleared cleared = version % 4 == 0 ? flooded.clear() : flooded.clearMetrics();
        assertTrue(cleared.metrics() >= 0);
        acknowledgedMetrics.set(version);
      } else {
        flooded.update(List.of(Paths.policy(version, "v" + version, LOWEST_LATENCY)), mesh());
        acknowledgedPolicy.set(version);
      }
    }
    over.set(true);
    for (Thread asker : askers) {
      asker.join();
    }
    assertEquals("[]", stale.toString(), () -> questions + " questions");
    assertTrue(questions.get() > 1_000, questions + " questions are no flood");
  }

  @Test
  void under_a_flood_of_questions_no_path_of_a_deleted_site_is_served() throws Exception {
    AtomicLong deleted = new AtomicLong();
    AtomicBoolean over = new AtomicBoolean();
    ConcurrentLinkedQueue<String> stale = new ConcurrentLinkedQueue<>();
    int sites = 300;
    List<Path> paths =
        LongStream.rangeClosed(1, sites)
            .mapToObj(id -> Paths.path(id, "site-" + id, "hub", "up"))
            .toList();
    Router flooded =
        new Router(
            ids -> {
              Map<Long, PathMetrics> metrics = new HashMap<>();
              ids.forEach(id -> metrics.put(id, Paths.latency(id, id / 10.0)));
              return metrics;
            },
            System::nanoTime);
    flooded.update(List.of(FAST), new Mesh(paths, List.of()));
    Thread asker =
        Thread.ofPlatform()
            .name("asker")
            .start(() -> {
              Random random = new Random(1);
              while (!over.get()) {
                long gone = deleted.get();
                long served = pathOf(flooded.decide(flow(random.nextInt(20))));
                if (served <= gone) {
                  stale.add("path " + served + " after " + gone + " were gone");
                }
              }
            });
    for (int site = 1; site < sites; site++) {
      flooded.update(List.of(FAST), new Mesh(paths.subList(site, sites), List.of()));
      deleted.set(site);
    }
    over.set(true);
    asker.join();
    assertEquals("[]", stale.toString());
    assertEquals(sites, pathOf(flooded.decide(FLOW)));
  }

  private Map<Long, PathMetrics> read(Set<Long> ids) {
    reads++;
    if (latencies.containsKey(-1L)) {
      throw new IllegalStateException("the database is busy");
    }
    Map<Long, PathMetrics> metrics = new HashMap<>();
    ids.forEach(id -> metrics.put(id, Paths.latency(id, latencies.get(id))));
    return metrics;
  }

  private static long pathOf(CachedAnswer<RoutingDecision> answer) {
    return answer.value().chosen().orElseThrow().path().id();
  }

  private static FlowKey flow(int number) {
    return FlowKey.of(IpAddress.v4(number), 1000, IpAddress.v4(~number), 443, FlowKey.TCP);
  }
}
