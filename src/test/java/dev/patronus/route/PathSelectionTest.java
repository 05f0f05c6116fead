package dev.patronus.route;

import static dev.patronus.policy.rule.PathPreference.Single.LOWEST_COST;
import static dev.patronus.policy.rule.PathPreference.Single.LOWEST_LATENCY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.FlowKey;
import dev.patronus.policy.Policy;
import dev.patronus.policy.RandomRules;
import dev.patronus.policy.match.Matcher;
import dev.patronus.policy.rule.Invalid;
import dev.patronus.policy.rule.PathPreference;
import dev.patronus.policy.rule.PathPreference.Custom;
import dev.patronus.route.RoutingDecision.NoPath;
import dev.patronus.route.RoutingDecision.PreferenceUnreadable;
import dev.patronus.route.RoutingDecision.Routed;
import dev.patronus.route.RoutingDecision.Unmatched;
import dev.patronus.site.Endpoint;
import dev.patronus.site.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PathSelectionTest {
  private static final Policy FAST = Paths.policy(1, "fast", LOWEST_LATENCY);

  @Test
  void the_best_score_wins() {
    assertEquals(
        2, chosen(FAST, List.of(up(1), up(2), up(3)), Map.of(1L, 50.0, 2L, 10.0, 3L, 20.0)));
  }

  @Test
  void among_equals_the_lowest_path_id_wins() {
    assertEquals(2, chosen(FAST, List.of(up(9), up(2), up(5)), Map.of(9L, 5.0, 2L, 5.0, 5L, 5.0)));
  }

  @Test
  void a_path_that_was_never_measured_scores_zero_whatever_it_costs() {
    Mesh mesh =
        new Mesh(
            List.of(Paths.path(1, "a", "b", "up"), Paths.path(2, "a", "c", "up")),
            List.of(
                Paths.endpoint(1, "a", 0), Paths.endpoint(2, "b", 0), Paths.endpoint(3, "c", 0.1)));
    PathSelection selection = new PathSelection(mesh, Map.of(2L, Paths.latency(2, 1)));
    List<PathScore> ranking = selection.ranking(LOWEST_COST, PathScope.ALL, 10).best();
    assertEquals(List.of(2L, 1L), ids(ranking));
    assertEquals(0, ranking.get(1).score());
    assertEquals(List.of(), ranking.get(1).parts());
  }

  @Test
  void degraded_paths_are_candidates_and_those_that_are_down_or_unknown_are_not() {
    List<Path> paths =
        List.of(
            Paths.path(1, "a", "b", "down"),
            Paths.path(2, "a", "b", "Quarantined"),
            Paths.path(3, "a", "b", "degraded"));
    assertEquals(3, chosen(FAST, paths, Map.of(1L, 1.0, 2L, 1.0, 3L, 150.0)));
    assertEquals(
        List.of(1L, 2L),
        select(paths, Map.of()).unusable(PathScope.ALL).stream().map(Path::id).toList());
  }

  @Test
  void where_all_paths_are_down_there_is_none() {
    List<Path> paths = List.of(Paths.path(1, "a", "b", "down"), Paths.path(2, "b", "a", "down"));
    assertEquals(
        new NoPath(FAST, 2), select(paths, Map.of()).decide(Optional.of(FAST), PathScope.ALL));
    assertEquals(
        new NoPath(FAST, 0), select(List.of(), Map.of()).decide(Optional.of(FAST), PathScope.ALL));
  }

  @Test
  void a_site_whose_paths_are_all_down_is_said_to_be_so() {
    Mesh mesh =
        new Mesh(
            List.of(
                Paths.path(1, "a", "b", "up"),
                Paths.path(2, "a", "c", "down"),
                Paths.path(3, "c", "b", "down")),
            List.of());
    assertEquals(Set.of("c"), mesh.cutOffSites());
  }

  @Test
  void a_flow_that_no_policy_takes_has_no_path() {
    assertEquals(
        new Unmatched(), select(List.of(up(1)), Map.of()).decide(Optional.empty(), PathScope.ALL));
  }

  @Test
  void an_unreadable_preference_chooses_nothing_and_says_why() {
    Policy odd = Paths.policy(1, "odd", new Invalid("there is no preference 'Cheapest'"));
    assertEquals(
        new PreferenceUnreadable(odd, "there is no preference 'Cheapest'"),
        select(List.of(up(1)), Map.of()).decide(Optional.of(odd), PathScope.ALL));
  }

  @Test
  void who_knows_the_sites_of_a_flow_narrows_its_candidates() {
    List<Path> paths =
        List.of(
            Paths.path(1, "a", "b", "up"),
            Paths.path(2, "a", "c", "up"),
            Paths.path(3, "b", "c", "up"),
            Paths.path(4, "c", "a", "down"));
    PathSelection selection = select(paths, Map.of(1L, 10.0, 2L, 20.0, 3L, 30.0));
    assertEquals(List.of(1L, 2L), ids(selection.ranking(LOWEST_LATENCY, from("a"), 10).best()));
    assertEquals(
        List.of(2L, 3L),
        ids(
            selection
                .ranking(LOWEST_LATENCY, new PathScope(Optional.empty(), Optional.of("c")), 10)
                .best()));
    assertEquals(new NoPath(FAST, 1), selection.decide(Optional.of(FAST), from("c")));
    assertEquals(new NoPath(FAST, 0), selection.decide(Optional.of(FAST), from("nowhere")));
  }

  /// 50 sites, each with two uplinks and a path to every other; 200 policies; 10,000 flows.
  @Test
  void ten_thousand_flows_get_the_path_that_a_plain_reading_of_the_rules_gives() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<Endpoint> endpoints = new ArrayList<>();
    for (int site = 0; site < 50; site++) {
      endpoints.add(Paths.endpoint(site, "site-" + site, random.nextInt(12) / 100.0));
    }
    endpoints.removeIf(endpoint -> endpoint.id() % 10 == 3); // costs unknown
    List<Path> paths = mesh(random);
    Map<Long, PathMetrics> metrics = measured(random, paths);
    RandomRules rules = new RandomRules(random, 2);
    List<Policy> policies =
        rules.policies(200).stream().map(policy -> withPreference(policy, random)).toList();
    Matcher matcher = Matcher.compile(policies);
    PathSelection selection = new PathSelection(new Mesh(paths, endpoints), metrics);
    Map<String, Double> costs =
        endpoints.stream().collect(Collectors.toMap(Endpoint::siteId, Endpoint::costPerGb));
    int routed = 0;
    for (int i = 0; i < 10_000; i++) {
      FlowKey flow = rules.flow();
      RoutingDecision decision = selection.decide(matcher.policyFor(flow), PathScope.ALL);
      Optional<Long> chosen = decision.chosen().map(best -> best.path().id());
      assertEquals(plainly(flow, policies, paths, metrics, costs), chosen, "seed " + seed);
      routed += chosen.isPresent() ? 1 : 0;
    }
    assertTrue(routed > 1_000, "too few flows were routed to prove anything: " + routed);
  }

  private static List<Path> mesh(Random random) {
    String[] statuses = {"up", "up", "up", "degraded", "down"};
    List<Path> paths = new ArrayList<>();
    for (int src = 0; src < 50; src++) {
      for (int dst = 0; dst < 50; dst++) {
        if (src != dst) {
          String status = statuses[random.nextInt(statuses.length)];
          paths.add(Paths.path(paths.size() + 1, "site-" + src, "site-" + dst, status));
        }
      }
    }
    assertEquals(2_450, paths.size());
    return paths;
  }

  /// Coarse figures, so that paths often score alike; some paths were never measured.
  private static Map<Long, PathMetrics> measured(Random random, List<Path> paths) {
    Map<Long, PathMetrics> metrics = new HashMap<>();
    for (Path path : paths) {
      if (random.nextInt(10) != 0) {
        metrics.put(
            path.id(),
            Paths.metrics(
                path.id(),
                10 + random.nextInt(300),
                random.nextInt(60),
                1 + random.nextInt(20),
                random.nextInt(1_500)));
      }
    }
    return metrics;
  }

  private static Policy withPreference(Policy policy, Random random) {
    PathPreference preference =
        switch (random.nextInt(6)) {
          case 0 -> PathPreference.Single.LOWEST_LATENCY;
          case 1 -> PathPreference.Single.HIGHEST_BANDWIDTH;
          case 2 -> PathPreference.Single.LOWEST_PACKET_LOSS;
          case 3 -> PathPreference.Single.LOWEST_COST;
          case 4 -> new Custom(0.5, 0.25, 0.25, 0, 0);
          default -> new Custom(r(random), r(random), r(random), r(random), r(random));
        };
    return new Policy(
        policy.id(),
        policy.name(),
        policy.priority(),
        policy.enabled(),
        policy.rules(),
        preference);
  }

  private static double r(Random random) {
    return random.nextInt(-2, 20) / 50.0; // sums below and above one
  }

  /// The rules of the platform, one after the other.
  private static Optional<Long> plainly(
      FlowKey flow,
      List<Policy> policies,
      List<Path> paths,
      Map<Long, PathMetrics> metrics,
      Map<String, Double> costs) {
    Policy taker = null;
    for (Policy policy : policies) {
      if (policy.enabled()
          && policy.rules().matches(flow)
          && (taker == null || Policy.ORDER.compare(policy, taker) < 0)) {
        taker = policy;
      }
    }
    if (taker == null) {
      return Optional.empty();
    }
    double best = Double.NEGATIVE_INFINITY;
    Optional<Long> chosen = Optional.empty();
    for (Path path : paths) { // in order of their ids
      if (!path.status().text().equals("up") && !path.status().text().equals("degraded")) {
        continue;
      }
      double score = plainScore(taker, path, metrics.get(path.id()), costs);
      if (score > best) {
        best = score;
        chosen = Optional.of(path.id());
      }
    }
    return chosen;
  }

  private static double plainScore(
      Policy policy, Path path, PathMetrics m, Map<String, Double> costs) {
    if (m == null) {
      return 0;
    }
    Double src = costs.get(path.srcSiteId());
    Double dst = costs.get(path.dstSiteId());
    double cost =
        src == null || dst == null ? 50 : Math.max(0, Math.min(100, 100 - (src + dst) * 500));
    double latency = (200 - Math.min(m.latencyMs(), 200)) / 2;
    double jitter = (50 - Math.min(m.jitterMs(), 50)) * 2;
    double loss = 100 - m.packetLossPct();
    double bandwidth = Math.min(m.bandwidthMbps() / 1000 * 100, 100);
    return switch (policy.preference()) {
      case PathPreference.Single.LOWEST_LATENCY -> latency;
      case PathPreference.Single.HIGHEST_BANDWIDTH -> bandwidth;
      case PathPreference.Single.LOWEST_PACKET_LOSS -> loss;
      case PathPreference.Single.LOWEST_COST -> cost;
      case Custom w ->
          w.latencyWeight() * latency
              + w.jitterWeight() * jitter
              + w.lossWeight() * loss
              + w.bandwidthWeight() * bandwidth
              + w.costWeight() * cost;
      case Invalid _ -> throw new AssertionError("made readable above");
    };
  }

  private static PathScope from(String site) {
    return new PathScope(Optional.of(site), Optional.empty());
  }

  private static Path up(long id) {
    return Paths.path(id, "a", "b", "up");
  }

  private static List<Long> ids(List<PathScore> ranking) {
    return ranking.stream().map(score -> score.path().id()).toList();
  }

  private static PathSelection select(List<Path> paths, Map<Long, Double> latencies) {
    Map<Long, PathMetrics> metrics = new HashMap<>();
    latencies.forEach((id, ms) -> metrics.put(id, Paths.latency(id, ms)));
    return new PathSelection(new Mesh(paths, List.of()), metrics);
  }

  private static long chosen(Policy policy, List<Path> paths, Map<Long, Double> latencies) {
    RoutingDecision decision = select(paths, latencies).decide(Optional.of(policy), PathScope.ALL);
    return ((Routed) decision).best().path().id();
  }
}
