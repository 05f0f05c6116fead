package dev.patronus.collect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.collect.ActiveFlow.Order;
import dev.patronus.collect.FlowGroups.Group;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Volume;
import dev.patronus.flow.filter.FlowFilter;
import dev.patronus.flow.filter.GroupKey;
import dev.patronus.metrics.Metrics;
import dev.patronus.policy.Policy;
import dev.patronus.policy.rule.PathPreference;
import dev.patronus.policy.rule.Rules;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlowGroupsTest {
  private static final long NOON = Instant.parse("2026-11-01T12:00:00Z").toEpochMilli();
  private static final int ALL = 1_000_000;

  @TempDir Path folder;
  private final CountingProgress progress = new CountingProgress("test");
  private PolicyCounters counters;
  private TrafficAccounting accounting;
  private long nowNanos;

  @BeforeEach
  void open() throws IOException {
    Metrics metrics = new Metrics();
    counters =
        PolicyCounters.open(folder.resolve("counters"), "database", Optional.empty(), metrics);
    accounting =
        new TrafficAccounting(TrafficAccounting.Settings.DEFAULT, counters, 42, nowNanos, metrics);
    accounting.use(
        List.of(
            policy(7, "web", "{\"dst_port_range\":[443,443]}"),
            policy(-8, "mail", "{\"dst_port_range\":[25,25]}")),
        TunnelFilter.NONE);
  }

  @AfterEach
  void close() throws IOException {
    counters.close();
  }

  private static Policy policy(long id, String name, String rules) {
    return new Policy(id, name, 1, true, Rules.read(rules), PathPreference.Single.LOWEST_LATENCY);
  }

  private void see(FlowKey key, long packets, long bytes, long first, long last, String exporter) {
    IpAddress from = exporter == null ? null : IpAddress.parse(exporter);
    FlowRecord record =
        new FlowRecord(key, packets, bytes, NOON + first, NOON + last, false, false, from);
    accounting.count(new FlowRecord[] {record}, 1, progress, nowNanos);
  }

  private void see(String src, int dstPort, long packets, long bytes, String exporter) {
    see(tcp(src, 40000, dstPort), packets, bytes, 0, 0, exporter);
  }

  private static FlowKey tcp(String src, int srcPort, int dstPort) {
    return FlowKey.of(
        IpAddress.parse(src), srcPort, IpAddress.parse("192.0.2.1"), dstPort, FlowKey.TCP);
  }

  private FlowGroups groups(Set<GroupKey> by, String filter, int most) {
    return groups(by, filter, Order.BYTES, most);
  }

  private FlowGroups groups(Set<GroupKey> by, String filter, Order order, int most) {
    FlowFilter read = FlowFilter.parse(filter, Long::parseUnsignedLong);
    FlowGroups groups = new FlowGroups(by, read, order, most);
    do {
      while (groups.step(accounting, nowNanos)) {
        groups.trim();
      }
    } while (groups.again());
    return groups;
  }

  @Test
  void flows_with_the_same_values_are_summed_and_the_largest_group_is_first() {
    see("10.0.0.1", 443, 1, 100, null);
    see("10.0.0.1", 25, 2, 300, null);
    see("10.0.0.2", 443, 3, 200, null);
    FlowGroups bySource = groups(Set.of(GroupKey.SRC), "", ALL);
    assertEquals(2, bySource.count());
    List<Group> first = bySource.first(1);
    assertEquals(IpAddress.parse("10.0.0.1"), first.getFirst().key().src());
    assertEquals(0, first.getFirst().key().dstPort());
    assertEquals(new Volume(3, 400), first.getFirst().volume());
    assertEquals(2, first.getFirst().flows());
    assertEquals(2, bySource.first(5).size());
  }

  @Test
  void groups_have_an_order_by_each_measure() {
    see(tcp("10.0.0.1", 1, 443), 5, 1000, -60_000, 0, null);
    see(tcp("10.0.0.1", 2, 443), 5, 1000, -50_000, 0, null);
    see(tcp("10.0.0.2", 1, 443), 50, 500, -40_000, -39_000, null);
    see(tcp("10.0.0.3", 1, 443), 1, 3000, -90_000, 0, null);
    Map<Order, String> firsts =
        Map.of(
            Order.BYTES, "10.0.0.3",
            Order.PACKETS, "10.0.0.2",
            Order.FLOWS, "10.0.0.1",
            Order.RATE, "10.0.0.2",
            Order.AGE, "10.0.0.3");
    firsts.forEach((order, source) -> {
      FlowGroups groups = groups(Set.of(GroupKey.SRC), "", order, ALL);
      assertEquals(
          source,
          groups.first(1).getFirst().key().src().toString(),
          () -> order + " " + groups.first(3));
    });
  }

  @Test
  void policies_paths_and_exporters_are_keys_and_conditions() {
    accounting.route(Map.of(7L, Optional.of(70L), -8L, Optional.empty()));
    see("10.0.0.1", 443, 1, 100, "192.0.2.10");
    see("10.0.0.2", 443, 2, 100, "192.0.2.11");
    see("10.0.0.3", 25, 4, 100, "192.0.2.10");
    see("10.0.0.4", 22, 8, 100, null);
    Map<Long, Long> byPolicy =
        groups(Set.of(GroupKey.POLICY), "", ALL).first(9).stream()
            .collect(Collectors.toMap(Group::policyId, group -> group.volume().packets()));
    assertEquals(Map.of(7L, 3L, -8L, 4L, Snapshot.UNMATCHED, 8L), byPolicy);
    Map<OptionalLong, Long> byPath =
        groups(Set.of(GroupKey.PATH), "", ALL).first(9).stream()
            .collect(Collectors.toMap(Group::pathId, group -> group.volume().packets()));
    assertEquals(Map.of(OptionalLong.of(70), 3L, OptionalLong.empty(), 12L), byPath);
    Map<String, Long> byExporter =
        groups(Set.of(GroupKey.EXPORTER), "", ALL).first(9).stream()
            .collect(
                Collectors.toMap(
                    group -> group.exporter().map(IpAddress::toString).orElse("-"),
                    group -> group.volume().packets()));
    assertEquals(Map.of("192.0.2.10", 5L, "192.0.2.11", 2L, "-", 8L), byExporter);
    assertEquals(2, groups(Set.of(GroupKey.SRC), "path 70", ALL).matching());
    assertEquals(1, groups(Set.of(GroupKey.SRC), "unmatched", ALL).matching());
    assertEquals(
        1, groups(Set.of(GroupKey.SRC), "exporter 192.0.2.10 and policy 7", ALL).matching());
    assertEquals(
        Optional.of(IpAddress.parse("192.0.2.11")),
        accounting
            .stretch(0, FlowFilter.parse("host 10.0.0.2", Long::parseLong), 9, nowNanos)
            .flows()
            .getFirst()
            .exporter());
  }

  @Test
  void beyond_the_limit_groups_are_complete_and_the_rest_is_counted() {
    for (int i = 0; i < 100; i++) {
      for (int port = 1; port <= 3; port++) {
        see(tcp("10.0.0." + i, port, 443), 1, 100, 0, 0, null);
      }
    }
    FlowGroups groups = groups(Set.of(GroupKey.SRC), "", 40);
    assertEquals(40, groups.count());
    assertEquals(300, groups.matching());
    assertEquals(180, groups.flowsLeftOut());
    assertEquals(new Volume(180, 18_000), groups.volumeLeftOut());
    assertTrue(groups.first(100).stream().allMatch(group -> group.flows() == 3));
  }

  @Test
  void the_largest_groups_stay_wherever_they_come_and_the_bound_of_the_others_holds() {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    Map<String, Long> truth = new HashMap<>();
    int small = 60_000;
    for (int i = 0; i < small; i++) {
      see(tcp("10.1." + i / 250 + "." + i % 250, 1, 443), 1, 60 + random.nextInt(40), 0, 0, null);
      if (i % (small / 20) == random.nextInt(9)) {
        String large = "10.0.0." + random.nextInt(5);
        long bytes = 50_000L + random.nextInt(100_000);
        see(tcp(large, 1 + i % 60_000, 443), 1, bytes, 0, 0, null);
        truth.merge(large, bytes, Long::sum);
      }
    }
    FlowGroups groups = groups(Set.of(GroupKey.SRC), "", 1_000);
    assertEquals(1_000, groups.count());
    assertTrue(groups.bound() < 50_000, () -> seed + ": " + groups.bound());
    Map<String, Long> first =
        groups.first(truth.size()).stream()
            .collect(
                Collectors.toMap(
                    group -> group.key().src().toString(), group -> group.volume().bytes()));
    assertEquals(truth, first, () -> "seed " + seed);
    long kept = groups.first(1_000).stream().mapToLong(Group::flows).sum();
    assertEquals(groups.matching(), kept + groups.flowsLeftOut());
  }

  /// What is known of a flow.
  private record Seen(long packets, long bytes, String exporter, long nanos) {}

  @Test
  void random_groups_agree_with_plain_sums() {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    Map<FlowKey, Seen> model = new HashMap<>();
    for (int i = 0; i < 30_000; i++) {
      FlowKey key =
          tcp(
              "10.0." + random.nextInt(3) + "." + random.nextInt(20),
              random.nextInt(20),
              new int[] {22, 25, 443}[random.nextInt(3)]);
      long packets = random.nextInt(10);
      int number = random.nextInt(i % 7000 + 1) % 500;
      String exporter = number == 0 ? null : "192.0." + number / 250 + "." + number % 250;
      see(key, packets, 10 * packets, 0, 0, exporter);
      Seen before = model.getOrDefault(key, new Seen(0, 0, null, 0));
      model.put(
          key,
          new Seen(before.packets() + packets, before.bytes() + 10 * packets, exporter, nowNanos));
      if (random.nextInt(1000) == 0) {
        nowNanos += Duration.ofSeconds(random.nextInt(400)).toNanos();
        while (!accounting.tidy(nowNanos)) {}
        model.values().removeIf(seen -> isOver(seen));
      }
      if (random.nextInt(1000) == 0) {
        compare(random, model, seed);
      }
    }
  }

  private boolean isOver(Seen seen) {
    Duration idle = TrafficAccounting.Settings.DEFAULT.flowTimeout();
    return nowNanos / 1_000_000_000 - seen.nanos() / 1_000_000_000 > idle.toSeconds();
  }

  private void compare(Random random, Map<FlowKey, Seen> model, long seed) {
    Set<GroupKey> by =
        EnumSet.of(GroupKey.SRC, GroupKey.DST, GroupKey.SPORT, GroupKey.DPORT, GroupKey.PROTO);
    by.removeIf(_ -> random.nextBoolean());
    by.add(GroupKey.EXPORTER);
    Map<String, Long> expected = new HashMap<>();
    model.forEach((key, seen) -> {
      if (key.dstPort() == 443) {
        expected.merge(name(by, key, seen.exporter()), seen.packets(), Long::sum);
      }
    });
    Map<String, Long> grouped = new HashMap<>();
    for (Group group : groups(by, "dst port 443", ALL).first(ALL)) {
      String exporter = group.exporter().map(IpAddress::toString).orElse(null);
      grouped.merge(name(by, group.key(), exporter), group.volume().packets(), Long::sum);
    }
    assertEquals(expected, grouped, () -> "by " + by + ", seed " + seed);
  }

  private static String name(Set<GroupKey> by, FlowKey key, String exporter) {
    Set<String> parts = new HashSet<>();
    for (GroupKey part : by) {
      parts.add(
          part
              + "="
              + switch (part) {
                case SRC -> key.src();
                case DST -> key.dst();
                case SPORT -> key.srcPort();
                case DPORT -> key.dstPort();
                case PROTO -> key.protocol();
                case EXPORTER -> exporter;
                case POLICY, PATH -> "";
              });
    }
    return parts.stream().sorted().collect(Collectors.joining(" "));
  }
}
