package dev.patronus.collect;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.IpAddress;
import dev.patronus.metrics.Metrics;
import dev.patronus.policy.Policy;
import dev.patronus.policy.rule.PathPreference;
import dev.patronus.policy.rule.Rules;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PathCountersTest {
  private static final Policy WEB = policy(1, 443);
  private static final Policy SSH = policy(2, 22);

  @TempDir Path folder;
  private final CountingProgress progress = new CountingProgress("test");
  private PolicyCounters counters;
  private TrafficAccounting accounting;
  private long nowNanos;

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
        .planReset(policy, java.time.Instant.EPOCH, java.time.Instant.EPOCH)
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
    assertEquals(4, accounting.snapshot(java.time.Instant.EPOCH).policies().getFirst().packets());
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

  /// The model adds each record to the path that its policy has at that moment.
  @Test
  void random_traffic_changes_and_resets_give_what_counting_each_record_gives() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Policy> policies = new ArrayList<>();
    Map<Long, Optional<Long>> routes = new HashMap<>();
    for (int id = 0; id < 10; id++) {
      policies.add(policy(id, 1000 + id));
      routes.put((long) id, Optional.of(random.nextLong(5)));
    }
    accounting.use(policies, TunnelFilter.NONE);
    accounting.route(routes);
    Map<Long, long[]> model = new TreeMap<>();
    for (int step = 0; step < 20_000; step++) {
      switch (random.nextInt(200)) {
        case 0 -> {
          routes.put(
              random.nextLong(10),
              random.nextInt(4) == 0 ? Optional.empty() : Optional.of(random.nextLong(5)));
          accounting.route(routes);
        }
        case 1 -> reset(Optional.of(random.nextLong(10)));
        case 2 -> reset(Optional.empty());
        case 3 -> accounting.use(policies, TunnelFilter.NONE);
        case 4 -> accounting.paths();
        default -> {
          int policy = random.nextInt(10);
          see(random.nextInt(300), 1000 + policy, 1, policy + 40);
          routes
              .get((long) policy)
              .ifPresent(path -> {
                long[] sum = model.computeIfAbsent(path, _ -> new long[2]);
                sum[0]++;
                sum[1] += policy + 40;
              });
        }
      }
    }
    Map<Long, String> wanted = new TreeMap<>();
    model.forEach((path, sum) -> wanted.put(path, sum[0] + " " + sum[1]));
    Map<Long, String> found = new TreeMap<>();
    accounting
        .paths()
        .forEach(path -> found.put(path.pathId(), path.packets() + " " + path.bytes()));
    assertEquals(wanted, found, "seed " + seed);
  }
}
