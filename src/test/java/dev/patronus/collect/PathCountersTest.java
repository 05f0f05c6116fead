package dev.patronus.collect;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.collect.TrafficAccounting.CompiledPolicies;
import dev.patronus.flow.CounterReset;
import dev.patronus.flow.CounterState;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.metrics.Metrics;
import dev.patronus.policy.Policy;
import dev.patronus.policy.rule.PathPreference;
import dev.patronus.policy.rule.Rules;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PathCountersTest {
  private static final int POLICIES = 10;
  private static final Policy WEB = policy(1, 443);
  private static final Policy SSH = policy(2, 22);

  @TempDir Path folder;
  private final CountingProgress progress = new CountingProgress("test");
  private PolicyCounters counters;
  private TrafficAccounting accounting;
  private long nowNanos;
  private int moves;

  @BeforeEach
  void open() throws IOException {
    counters = counters();
    accounting = accounting();
    accounting.use(List.of(WEB, SSH), TunnelFilter.NONE);
  }

  @AfterEach
  void close() throws IOException {
    counters.close();
  }

  private PolicyCounters counters() throws IOException {
    return PolicyCounters.open(
        folder.resolve("counters"), "database", Optional.empty(), new Metrics());
  }

  private TrafficAccounting accounting() {
    return new TrafficAccounting(
        TrafficAccounting.Settings.DEFAULT, counters, 42, nowNanos, new Metrics());
  }

  /// A policy that takes TCP to a port.
  private static Policy policy(long id, int port) {
    String rules = "{\"protocol\":6,\"dst_port_range\":[" + port + "," + port + "]}";
    return new Policy(
        id, "p" + id, 50, true, Rules.read(rules), PathPreference.Single.LOWEST_LATENCY);
  }

  private void see(int client, int port, long packets, long bytes) {
    FlowKey key =
        FlowKey.of(IpAddress.v4(client), 4000, IpAddress.parse("192.0.2.1"), port, FlowKey.TCP);
    accounting.count(
        new FlowRecord[] {FlowRecord.at(1_760_000_000_000L, key, packets, bytes)},
        1,
        progress,
        nowNanos);
  }

  private static Map<Long, Optional<Long>> routes(long... policiesAndPaths) {
    Map<Long, Optional<Long>> routes = new HashMap<>();
    for (int i = 0; i < policiesAndPaths.length; i += 2) {
      long path = policiesAndPaths[i + 1];
      routes.put(policiesAndPaths[i], path == 0 ? Optional.empty() : Optional.of(path));
    }
    return routes;
  }

  @Test
  void a_path_carries_what_the_policies_that_choose_it_count() {
    accounting.route(routes(1, 7, 2, 7));
    see(1, 443, 3, 300);
    see(2, 22, 1, 40);
    see(3, 80, 9, 900); // no policy takes it, so nothing says where it goes
    assertEquals(List.of(new PathTotal(7, 2, 4, 340)), accounting.paths());
  }

  @Test
  void a_flow_whose_path_changes_leaves_there_what_it_has_carried() {
    accounting.route(routes(1, 7, 2, 8));
    see(1, 443, 3, 300);
    accounting.route(routes(1, 8, 2, 8));
    assertEquals(
        List.of(new PathTotal(7, 0, 3, 300), new PathTotal(8, 1, 0, 0)), accounting.paths());
    see(1, 443, 2, 200);
    assertEquals(
        List.of(new PathTotal(7, 0, 3, 300), new PathTotal(8, 1, 2, 200)), accounting.paths());
  }

  @Test
  void what_flows_carried_stays_when_they_are_over() {
    accounting.route(routes(1, 7, 2, 8));
    see(1, 443, 3, 300);
    nowNanos += Duration.ofMinutes(6).toNanos();
    while (!accounting.tidy(nowNanos)) {
      // in small steps
    }
    assertEquals(
        List.of(new PathTotal(7, 0, 3, 300), new PathTotal(8, 0, 0, 0)), accounting.paths());
  }

  @Test
  void what_is_counted_before_the_first_word_about_paths_waits_for_it() {
    see(1, 443, 3, 300);
    assertEquals(List.of(), accounting.paths());
    accounting.route(routes(1, 7));
    assertEquals(List.of(new PathTotal(7, 1, 3, 300)), accounting.paths());
  }

  @Test
  void what_is_counted_while_no_path_is_usable_is_no_paths() {
    accounting.route(routes(1, 0));
    see(1, 443, 3, 300);
    accounting.route(routes(1, 7));
    see(1, 443, 1, 100);
    assertEquals(List.of(new PathTotal(7, 1, 1, 100)), accounting.paths());
  }

  private void reset(Optional<Long> policy) {
    accounting
        .planReset(policy, Instant.EPOCH, Instant.EPOCH)
        .ifPresent(planned -> accounting.apply(planned.reset()));
  }

  @Test
  void a_reset_of_a_policy_takes_nothing_from_its_path() {
    accounting.route(routes(1, 7));
    see(1, 443, 3, 300);
    reset(Optional.of(1L));
    see(1, 443, 1, 100);
    assertEquals(List.of(new PathTotal(7, 1, 4, 400)), accounting.paths());
    reset(Optional.empty());
    see(1, 443, 1, 100);
    assertEquals(List.of(new PathTotal(7, 1, 5, 500)), accounting.paths());
  }

  @Test
  void what_policies_had_counted_before_the_daemon_started_is_no_paths() throws IOException {
    see(1, 443, 3, 300);
    counters.close();
    counters = counters();
    accounting = accounting();
    accounting.use(List.of(WEB, SSH), TunnelFilter.NONE);
    accounting.route(routes(1, 7));
    see(1, 443, 1, 100);
    assertEquals(4, accounting.snapshot(Instant.EPOCH).policies().getFirst().packets());
    assertEquals(List.of(new PathTotal(7, 1, 1, 100)), accounting.paths());
  }

  @Test
  void a_policy_that_goes_leaves_to_its_path_what_it_counted() {
    accounting.route(routes(1, 7, 2, 8));
    see(1, 443, 3, 300);
    accounting.use(List.of(SSH), TunnelFilter.NONE);
    accounting.route(routes(2, 8));
    see(1, 443, 1, 100);
    accounting.use(List.of(WEB, SSH), TunnelFilter.NONE);
    accounting.route(routes(1, 8, 2, 8));
    see(1, 443, 1, 100);
    assertEquals(
        List.of(new PathTotal(7, 0, 3, 300), new PathTotal(8, 1, 1, 100)), accounting.paths());
  }

  @Test
  void a_policy_whose_slot_is_reused_as_it_goes_leaves_to_its_path_what_it_counted() {
    List<Policy> first = new ArrayList<>(List.of(WEB));
    List<Policy> second = new ArrayList<>();
    for (int id = 10_000; id < 13_000; id++) { // more than slots of deleted policies are kept
      first.add(policy(id, 1));
      second.add(policy(id + 10_000, 1));
    }
    accounting.use(first, TunnelFilter.NONE);
    accounting.route(routes(1, 7));
    FlowKey key = FlowKey.of(IpAddress.v4(1), 4000, IpAddress.parse("192.0.2.1"), 443, FlowKey.TCP);
    FlowRecord[] old = {FlowRecord.at(0, key, 3, 300)}; // slots that counted long ago are reused
    accounting.count(old, 1, progress, nowNanos);
    nowNanos += Duration.ofMinutes(6).toNanos();
    while (!accounting.tidy(nowNanos)) {
      // in small steps
    }
    accounting.use(second, TunnelFilter.NONE);
    assertEquals(List.of(new PathTotal(7, 0, 3, 300)), accounting.paths());
  }

  @Test
  void a_policy_that_comes_back_to_its_path_is_counted_to_it_from_then_on() {
    accounting.route(routes(1, 7, 2, 8));
    accounting.use(List.of(SSH), TunnelFilter.NONE);
    accounting.use(List.of(WEB, SSH), TunnelFilter.NONE);
    see(1, 443, 3, 300);
    assertEquals(
        List.of(new PathTotal(7, 1, 3, 300), new PathTotal(8, 0, 0, 0)), accounting.paths());
  }

  @Test
  void what_another_database_gives_a_policy_while_it_is_away_is_no_paths() {
    accounting.route(routes(1, 7, 2, 8));
    see(1, 443, 3, 300);
    CounterState ours = accounting.state(Instant.EPOCH);
    accounting.use(List.of(SSH), TunnelFilter.NONE);
    PolicyTotal more = new PolicyTotal(1, 1_003, 100_300, 0, null);
    CounterState theirs =
        CounterState.of(
            new Snapshot(Instant.EPOCH, List.of(more), ours.snapshot().unmatched(), false));
    move(theirs, ours);
    accounting.use(List.of(WEB, SSH), TunnelFilter.NONE);
    assertEquals(1_003, accounting.snapshot(Instant.EPOCH).policies().get(0).packets());
    assertEquals(
        List.of(new PathTotal(7, 1, 3, 300), new PathTotal(8, 0, 0, 0)), accounting.paths());
  }

  private void move(CounterState theirs, CounterState ours) {
    moves++;
    accounting.giveTo(
        folder.resolve("counters" + moves),
        "database" + moves,
        Optional.of(theirs),
        Optional.of(ours),
        CounterReset.NONE);
  }

  @Test
  void policies_prepared_before_another_reload_settle_those_that_came_with_it() {
    accounting.route(routes(1, 7, 2, 8));
    CompiledPolicies inUse =
        accounting.use(CompiledPolicies.of(List.of(SSH), CompiledPolicies.NONE), TunnelFilter.NONE);
    CompiledPolicies prepared = CompiledPolicies.of(List.of(SSH), inUse);
    accounting.use(List.of(WEB, SSH), TunnelFilter.NONE);
    see(1, 443, 3, 300);
    accounting.use(prepared, TunnelFilter.NONE);
    assertEquals(
        List.of(new PathTotal(7, 0, 3, 300), new PathTotal(8, 0, 0, 0)), accounting.paths());
  }

  @Test
  void policies_prepared_before_another_reload_settle_those_that_went_with_it() {
    accounting.route(routes(1, 7, 2, 8));
    CompiledPolicies inUse =
        accounting.use(
            CompiledPolicies.of(List.of(WEB, SSH), CompiledPolicies.NONE), TunnelFilter.NONE);
    CompiledPolicies prepared = CompiledPolicies.of(List.of(WEB, SSH), inUse);
    accounting.use(List.of(SSH), TunnelFilter.NONE);
    accounting.use(prepared, TunnelFilter.NONE);
    see(1, 443, 3, 300);
    assertEquals(
        List.of(new PathTotal(7, 1, 3, 300), new PathTotal(8, 0, 0, 0)), accounting.paths());
  }

  @Test
  void each_of_many_flows_is_on_its_path_however_small() {
    accounting.route(routes(1, 7, 2, 8));
    for (int client = 0; client < 30_000; client++) {
      see(client, client % 3 == 0 ? 22 : 443, 1, 40);
    }
    assertEquals(
        List.of(
            new PathTotal(7, 20_000, 20_000, 800_000), new PathTotal(8, 10_000, 10_000, 400_000)),
        accounting.paths());
  }

  /// The model adds each record to its policy, and to the path that this has at that moment.
  /// Policies are prepared at one moment and used at another.
  @Test
  void random_traffic_changes_and_resets_give_what_counting_each_record_gives() {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    Map<Long, Optional<Long>> routes = new HashMap<>();
    for (long id = 0; id < POLICIES; id++) {
      routes.put(id, Optional.of(random.nextLong(5)));
    }
    accounting.use(List.of(), TunnelFilter.NONE);
    accounting.route(routes);
    List<Policy> policies = somePolicies(random);
    CompiledPolicies inUse = CompiledPolicies.NONE;
    CompiledPolicies prepared = CompiledPolicies.of(policies, inUse);
    Set<Long> effective = Set.of();
    long[] ofPolicy = new long[POLICIES];
    Map<Long, long[]> ofPath = new TreeMap<>();
    for (int step = 0; step < 20_000; step++) {
      switch (random.nextInt(200)) {
        case 0 -> {
          routes.put(
              random.nextLong(POLICIES),
              random.nextInt(4) == 0 ? Optional.empty() : Optional.of(random.nextLong(5)));
          accounting.route(routes);
        }
        case 1 -> {
          long policy = random.nextLong(POLICIES);
          reset(Optional.of(policy));
          ofPolicy[(int) policy] = 0;
        }
        case 2 -> {
          reset(Optional.empty());
          Arrays.fill(ofPolicy, 0);
        }
        case 3 -> {
          policies = somePolicies(random);
          prepared = CompiledPolicies.of(policies, inUse);
        }
        case 4, 5 -> {
          inUse = accounting.use(prepared, TunnelFilter.NONE);
          effective =
              policies.stream().filter(Policy::enabled).map(Policy::id).collect(Collectors.toSet());
        }
        case 6 -> {
          List<Policy> others = somePolicies(random);
          accounting.use(others, TunnelFilter.NONE);
          effective =
              others.stream().filter(Policy::enabled).map(Policy::id).collect(Collectors.toSet());
        }
        case 7 -> accounting.paths();
        case 8 -> {
          CounterState state = accounting.state(Instant.EPOCH);
          move(state, state);
        }
        default -> {
          int policy = random.nextInt(POLICIES);
          see(random.nextInt(300), 1000 + policy, 1, policy + 40);
          if (effective.contains((long) policy)) {
            ofPolicy[policy]++;
            routes
                .get((long) policy)
                .ifPresent(path -> {
                  long[] sum = ofPath.computeIfAbsent(path, _ -> new long[2]);
                  sum[0]++;
                  sum[1] += policy + 40;
                });
          }
        }
      }
      if (step % 50 == 0) {
        for (PolicyTotal total : accounting.snapshot(Instant.EPOCH).policies()) {
          assertEquals(ofPolicy[(int) total.policyId()], total.packets(), "seed " + seed);
        }
      }
    }
    Map<Long, String> wanted = new TreeMap<>();
    ofPath.forEach((path, sum) -> wanted.put(path, sum[0] + " " + sum[1]));
    Map<Long, String> found = new TreeMap<>();
    accounting.paths().stream()
        .filter(path -> path.packets() > 0)
        .forEach(path -> found.put(path.pathId(), path.packets() + " " + path.bytes()));
    assertEquals(wanted, found, "seed " + seed);
  }

  /// About half of the policies, some of them disabled, in a random order.
  private static List<Policy> somePolicies(Random random) {
    List<Policy> some = new ArrayList<>();
    for (int id = 0; id < POLICIES; id++) {
      if (random.nextBoolean()) {
        Policy all = policy(id, 1000 + id);
        some.add(
            new Policy(
                id,
                all.name(),
                random.nextInt(5),
                random.nextInt(4) > 0,
                all.rules(),
                all.preference()));
      }
    }
    return some;
  }
}
