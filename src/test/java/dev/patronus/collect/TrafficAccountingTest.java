package dev.patronus.collect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.collect.ActiveFlow.Order;
import dev.patronus.collect.TrafficAccounting.CompiledPolicies;
import dev.patronus.collect.TrafficAccounting.PlannedReset;
import dev.patronus.flow.CounterReset;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.Snapshot;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.flow.filter.FlowFilter;
import dev.patronus.metrics.Metrics;
import dev.patronus.policy.Policy;
import dev.patronus.policy.rule.PathPreference;
import dev.patronus.policy.rule.Rules;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrafficAccountingTest {
  private static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");
  private static final Policy WEB = policy(1, "web", 50, "{\"application_class\":\"Web\"}");
  private static final Policy VOICE = policy(2, "voice", 90, "{\"application_class\":\"VoIP\"}");
  private static final Policy REST = policy(3, "rest", 0, "{}");

  @TempDir Path folder;
  private final Metrics metrics = new Metrics();
  private PolicyCounters counters;
  private final CountingProgress progress = new CountingProgress("test");
  private TrafficAccounting accounting;
  private long nowNanos;

  @BeforeEach
  void open() throws IOException {
    counters =
        PolicyCounters.open(folder.resolve("counters"), "database", Optional.empty(), metrics);
    begin(TrafficAccounting.Settings.DEFAULT);
  }

  @AfterEach
  void close() throws IOException {
    counters.close();
  }

  private void begin(TrafficAccounting.Settings settings) {
    accounting = new TrafficAccounting(settings, counters, 42, nowNanos, metrics);
    accounting.use(List.of(WEB, VOICE), TunnelFilter.NONE);
  }

  private static Policy policy(long id, String name, long priority, String rules) {
    return new Policy(
        id, name, priority, true, Rules.read(rules), PathPreference.Single.LOWEST_LATENCY);
  }

  private static FlowKey tcp(String src, int srcPort, String dst, int dstPort) {
    return key(src, srcPort, dst, dstPort, FlowKey.TCP);
  }

  private static FlowKey key(String src, int srcPort, String dst, int dstPort, int protocol) {
    return FlowKey.of(IpAddress.parse(src), srcPort, IpAddress.parse(dst), dstPort, protocol);
  }

  private void see(FlowKey key, long packets, long bytes) {
    see(FlowRecord.at(NOON.toEpochMilli(), key, packets, bytes));
  }

  private void see(FlowRecord... records) {
    accounting.count(records, records.length, progress, nowNanos);
  }

  private void pass(Duration time) {
    nowNanos += time.toNanos();
    while (!accounting.tidy(nowNanos)) {
      // in small steps
    }
  }

  private PolicyTotal total(Policy policy) {
    return accounting.snapshot(NOON).policies().stream()
        .filter(total -> total.policyId() == policy.id())
        .findFirst()
        .orElseThrow();
  }

  private PolicyTotal unmatched() {
    return accounting.snapshot(NOON).unmatched();
  }

  @Test
  void a_record_is_counted_to_the_policy_that_takes_it() {
    see(tcp("10.0.0.1", 4000, "192.0.2.1", 443), 3, 300);
    see(tcp("10.0.0.1", 4000, "192.0.2.1", 443), 2, 100);
    see(tcp("10.0.0.1", 4000, "192.0.2.1", 22), 1, 40);
    assertEquals(new PolicyTotal(1, 5, 400, 1, NOON), total(WEB));
    assertEquals(new PolicyTotal(2, 0, 0, 0, null), total(VOICE));
    assertEquals(new PolicyTotal(Snapshot.UNMATCHED, 1, 40, 1, NOON), unmatched());
  }

  @Test
  void a_snapshot_has_every_policy_in_the_order_in_which_they_are_asked() {
    Policy off =
        new Policy(9, "off", 70, false, Rules.read("{}"), PathPreference.Single.LOWEST_COST);
    accounting.use(List.of(REST, WEB, off, VOICE), TunnelFilter.NONE);
    assertEquals(
        List.of(2L, 9L, 1L, 3L),
        accounting.snapshot(NOON).policies().stream().map(PolicyTotal::policyId).toList());
  }

  @Test
  void flows_are_active_until_the_timeout_has_passed() {
    see(tcp("10.0.0.1", 4000, "192.0.2.1", 443), 1, 100);
    pass(Duration.ofSeconds(200));
    see(tcp("10.0.0.1", 4000, "192.0.2.1", 443), 1, 100);
    see(tcp("10.0.0.2", 4000, "192.0.2.1", 443), 1, 100);
    assertEquals(2, total(WEB).activeFlows());
    pass(Duration.ofMinutes(5));
    assertEquals(2, total(WEB).activeFlows());
    pass(Duration.ofSeconds(1));
    assertEquals(0, total(WEB).activeFlows());
    assertEquals(3, total(WEB).packets());
    assertEquals(2, metrics.count("flows_expired"));
  }

  @Test
  void at_the_limit_the_oldest_flow_goes_and_a_counter_says_so() {
    begin(new TrafficAccounting.Settings(Duration.ofMinutes(5), 2, false, 1));
    see(tcp("10.0.0.1", 1, "192.0.2.1", 443), 1, 100);
    pass(Duration.ofSeconds(5));
    see(tcp("10.0.0.2", 2, "192.0.2.1", 443), 1, 100);
    see(tcp("10.0.0.3", 3, "192.0.2.1", 443), 1, 100);
    assertEquals(
        Set.of(2, 3),
        Set.copyOf(
            flows(Order.BYTES, Optional.empty(), 10).stream()
                .map(flow -> flow.key().srcPort())
                .toList()));
    assertEquals(2, total(WEB).activeFlows());
    assertEquals(3, total(WEB).packets());
    assertEquals(1, metrics.count("flows_evicted"));
  }

  @Test
  void a_live_flow_is_classified_again_when_policies_change() {
    FlowKey ssh = tcp("10.0.0.1", 4000, "192.0.2.1", 22);
    see(ssh, 1, 100);
    accounting.use(List.of(WEB, REST), TunnelFilter.NONE);
    see(ssh, 1, 100);
    assertEquals(1, unmatched().packets());
    assertEquals(1, total(REST).packets());
    assertEquals(1, total(REST).activeFlows());
    assertEquals(0, unmatched().activeFlows());
  }

  @Test
  void a_live_flow_that_is_silent_is_classified_again_by_and_by() {
    see(tcp("10.0.0.1", 4000, "192.0.2.1", 22), 1, 100);
    accounting.use(List.of(WEB, REST), TunnelFilter.NONE);
    pass(Duration.ofSeconds(1));
    assertEquals(1, total(REST).activeFlows());
    assertEquals(0, unmatched().activeFlows());
    assertEquals(1, unmatched().packets());
  }

  @Test
  void a_policy_that_is_deleted_and_comes_back_goes_on() {
    see(tcp("10.0.0.1", 4000, "192.0.2.1", 443), 5, 500);
    accounting.use(List.of(VOICE), TunnelFilter.NONE);
    see(tcp("10.0.0.1", 4000, "192.0.2.1", 443), 2, 200);
    accounting.use(List.of(WEB, VOICE), TunnelFilter.NONE);
    assertEquals(5, total(WEB).packets());
    assertEquals(2, unmatched().packets());
  }

  @Test
  void policies_prepared_before_another_reload_do_not_take_a_slot_that_has_another_policy_now() {
    CompiledPolicies inUse =
        accounting.use(CompiledPolicies.of(List.of(WEB), CompiledPolicies.NONE), TunnelFilter.NONE);
    CompiledPolicies prepared = CompiledPolicies.of(List.of(WEB), inUse);
    accounting.use(others(10_000), TunnelFilter.NONE);
    accounting.use(others(20_000), TunnelFilter.NONE);
    accounting.use(prepared, TunnelFilter.NONE);
    see(tcp("10.0.0.1", 4000, "192.0.2.1", 443), 2, 200);
    assertEquals(2, total(WEB).packets());
  }

  /// More policies that match nothing than slots of deleted ones are kept.
  private static List<Policy> others(long firstId) {
    return LongStream.range(firstId, firstId + 3_000)
        .mapToObj(id -> policy(id, "p" + id, 0, "{\"src_port\":1}"))
        .toList();
  }

  @Test
  void the_tunnels_of_the_platform_are_left_out() {
    TunnelFilter tunnels =
        TunnelFilter.of(
            List.of(
                new TunnelFilter.End(IpAddress.parse("203.0.113.1"), 0),
                new TunnelFilter.End(IpAddress.parse("203.0.113.2"), 7000)),
            Set.of(51820));
    accounting.use(List.of(REST), tunnels);
    see(key("203.0.113.9", 51820, "203.0.113.1", 51820, FlowKey.UDP), 1, 100);
    see(key("203.0.113.2", 7000, "198.51.100.1", 3333, FlowKey.UDP), 1, 100);
    assertEquals(0, total(REST).packets());
    assertEquals(2, accounting.tunnels().packets());
    see(key("203.0.113.1", 443, "198.51.100.1", 3333, FlowKey.UDP), 1, 100);
    see(tcp("203.0.113.1", 51820, "198.51.100.1", 3333), 1, 100);
    see(key("10.0.0.1", 51820, "198.51.100.1", 51820, FlowKey.UDP), 1, 100);
    assertEquals(3, total(REST).packets());
    assertEquals(2, accounting.tunnels().packets());
  }

  @Test
  void a_reply_is_matched_on_its_own_by_default() {
    see(tcp("10.0.0.1", 4000, "192.0.2.1", 443), 1, 100);
    see(tcp("192.0.2.1", 443, "10.0.0.1", 4000), 1, 100);
    assertEquals(1, total(WEB).packets());
    assertEquals(1, unmatched().packets());
  }

  private void countReplies() {
    begin(new TrafficAccounting.Settings(Duration.ofMinutes(5), 100, true, 1));
  }

  @Test
  void a_reply_may_be_counted_to_the_policy_of_the_flow_that_it_answers() {
    countReplies();
    accounting.use(List.of(WEB, REST), TunnelFilter.NONE);
    see(tcp("10.0.0.1", 4000, "192.0.2.1", 443), 1, 100);
    see(tcp("192.0.2.1", 443, "10.0.0.1", 4000), 1, 100);
    assertEquals(2, total(WEB).packets());
    assertEquals(0, total(REST).packets());
  }

  @Test
  void a_reply_that_is_told_of_before_its_question_is_still_a_reply() {
    countReplies();
    see(tcp("192.0.2.1", 443, "10.0.0.1", 4000), 1, 100);
    see(tcp("10.0.0.1", 4000, "192.0.2.1", 443), 1, 100);
    see(tcp("192.0.2.1", 443, "10.0.0.1", 4000), 1, 100);
    assertEquals(3, total(WEB).packets());
  }

  @Test
  void of_two_opposite_flows_the_one_that_began_first_asks() {
    countReplies();
    accounting.use(List.of(WEB, REST), TunnelFilter.NONE);
    FlowKey answer = tcp("192.0.2.1", 443, "10.0.0.1", 4000);
    FlowKey question = answer.reversed();
    long start = NOON.toEpochMilli();
    see(new FlowRecord(answer, 1, 100, start + 20, start + 50, false, false, null));
    see(new FlowRecord(question, 1, 100, start, start + 50, false, false, null));
    see(new FlowRecord(answer, 1, 100, start + 20, start + 90, false, false, null));
    assertEquals(1, total(REST).packets());
    assertEquals(2, total(WEB).packets());
  }

  @Test
  void an_echo_reply_answers_its_request() {
    countReplies();
    Policy ping = policy(7, "ping", 99, "{\"protocol\":1,\"dst_ip\":\"192.0.2.1\"}");
    accounting.use(List.of(ping), TunnelFilter.NONE);
    see(key("10.0.0.1", 0, "192.0.2.1", 8 << 8, FlowKey.ICMP), 1, 84);
    see(key("192.0.2.1", 0, "10.0.0.1", 0, FlowKey.ICMP), 1, 84);
    see(key("192.0.2.1", 0, "10.0.0.1", 3 << 8 | 1, FlowKey.ICMP), 1, 56);
    assertEquals(2, total(ping).packets());
    assertEquals(1, unmatched().packets());
  }

  @Test
  void a_sampled_volume_makes_the_totals_estimates() {
    see(tcp("10.0.0.1", 4000, "192.0.2.1", 443), 1, 100);
    assertEquals(false, accounting.snapshot(NOON).estimated());
    long at = NOON.toEpochMilli();
    FlowKey key = tcp("10.0.0.1", 4000, "192.0.2.1", 443);
    see(new FlowRecord(key, 100, 1000, at, at, true, false, null));
    assertEquals(true, accounting.snapshot(NOON).estimated());
    assertEquals(true, flows(Order.BYTES, Optional.empty(), 1).getFirst().estimated());
    accounting.apply(plan(Optional.empty()).orElseThrow().reset());
    assertEquals(false, accounting.snapshot(NOON).estimated());
  }

  private Optional<PlannedReset> plan(Optional<Long> policy) {
    return accounting.planReset(policy, NOON, NOON);
  }

  @Test
  void a_reset_begins_at_zero_and_says_what_was_there() {
    see(tcp("10.0.0.1", 4000, "192.0.2.1", 443), 3, 300);
    see(tcp("10.0.0.1", 4000, "192.0.2.1", 22), 1, 40);
    CounterReset reset = plan(Optional.of(WEB.id())).orElseThrow().reset();
    assertEquals(3, reset.packets());
    accounting.apply(reset);
    assertEquals(Optional.empty(), plan(Optional.of(12345L)));
    assertEquals(0, total(WEB).packets());
    assertEquals(1, total(WEB).activeFlows());
    assertEquals(1, unmatched().packets());
    accounting.apply(plan(Optional.empty()).orElseThrow().reset());
    assertEquals(0, unmatched().bytes());
  }

  private static long packets(Snapshot snapshot, Policy policy) {
    return snapshot.policies().stream()
        .filter(total -> total.policyId() == policy.id())
        .mapToLong(Snapshot.PolicyTotal::packets)
        .sum();
  }

  @Test
  void a_planned_reset_changes_nothing_and_its_snapshots_show_it() {
    see(tcp("10.0.0.1", 4000, "192.0.2.1", 443), 3, 300);
    see(tcp("10.0.0.1", 4000, "192.0.2.1", 22), 1, 40);
    PlannedReset planned = plan(Optional.of(WEB.id())).orElseThrow();
    assertEquals(3, total(WEB).packets());
    assertEquals(3, packets(planned.before(), WEB));
    assertEquals(0, packets(planned.after().snapshot(), WEB));
    assertEquals(1, planned.after().snapshot().unmatched().packets());
    PlannedReset all = plan(Optional.empty()).orElseThrow();
    assertEquals(0, all.after().snapshot().unmatched().packets());
  }

  @Test
  void what_is_counted_between_the_plan_and_the_reset_stays_and_a_reset_is_taken_once() {
    see(tcp("10.0.0.1", 4000, "192.0.2.1", 443), 3, 300);
    CounterReset reset = plan(Optional.empty()).orElseThrow().reset();
    see(tcp("10.0.0.1", 4000, "192.0.2.1", 443), 2, 120);
    accounting.apply(reset);
    assertEquals(2, total(WEB).packets());
    assertEquals(120, total(WEB).bytes());
    see(tcp("10.0.0.1", 4000, "192.0.2.1", 443), 5, 500);
    accounting.apply(reset);
    assertEquals(7, total(WEB).packets());
  }

  @Test
  void the_top_flows_are_those_with_the_most() {
    see(tcp("10.0.0.1", 1, "192.0.2.1", 443), 1, 900);
    see(tcp("10.0.0.1", 2, "192.0.2.1", 443), 5, 500);
    see(FlowRecord.at(NOON.toEpochMilli() - 60_000, tcp("10.0.0.1", 3, "192.0.2.1", 22), 2, 80));
    assertEquals(List.of(1, 2, 3), ports(Order.BYTES, 10));
    assertEquals(List.of(2, 3), ports(Order.PACKETS, 2));
    assertEquals(3, ports(Order.AGE, 10).getFirst());
    assertEquals(List.of(), ports(Order.BYTES, 0));
    ActiveFlow oldest = flows(Order.AGE, Optional.empty(), 1).getFirst();
    assertEquals(Optional.empty(), oldest.policy());
    assertEquals(NOON.minusSeconds(60), oldest.firstSeen());
    assertEquals(Optional.of(WEB), flows(Order.BYTES, Optional.empty(), 1).getFirst().policy());
  }

  @Test
  void the_top_flows_of_a_policy_are_its_own() {
    see(tcp("10.0.0.1", 1, "192.0.2.1", 443), 1, 100);
    see(tcp("10.0.0.1", 2, "192.0.2.1", 22), 1, 900);
    see(tcp("10.0.0.1", 3, "192.0.2.1", 80), 1, 200);
    assertEquals(
        List.of(3, 1),
        flows(Order.BYTES, Optional.of(WEB.id()), 10).stream()
            .map(flow -> flow.key().srcPort())
            .toList());
    assertEquals(List.of(), flows(Order.BYTES, Optional.of(12345L), 10));
  }

  @Test
  void stretch_by_stretch_each_live_flow_comes_once() {
    for (int port = 1; port <= 500; port++) {
      see(tcp("10.0.0.1", port, "192.0.2.1", port % 2 == 0 ? 443 : 5060), port, 100);
    }
    List<Integer> ports = new ArrayList<>();
    int next = 0;
    while (next >= 0) {
      TrafficAccounting.Stretch stretch = accounting.stretch(next, FlowFilter.ALL, 7, nowNanos);
      assertTrue(stretch.flows().size() <= 7);
      stretch.flows().forEach(flow -> ports.add(flow.key().srcPort()));
      next = stretch.next();
    }
    assertEquals(500, ports.size());
    assertEquals(500, Set.copyOf(ports).size());
    TrafficAccounting.Stretch web =
        accounting.stretch(0, new FlowFilter.OfPolicy(WEB.id()), 1000, nowNanos);
    assertEquals(250, web.flows().size());
    assertEquals(-1, web.next());
    assertEquals(
        new TrafficAccounting.Stretch(List.of(), -1),
        accounting.stretch(0, new FlowFilter.OfPolicy(12345), 7, nowNanos));
    assertEquals(
        new TrafficAccounting.Stretch(List.of(), -1),
        accounting.stretch(Integer.MAX_VALUE, FlowFilter.ALL, 7, nowNanos));
  }

  @Test
  void a_small_heap_has_room_for_fewer_flows() {
    assertEquals(1_000_000, TrafficAccounting.Settings.flowLimit(4L << 30, 4L << 30));
    assertEquals(629_145, TrafficAccounting.Settings.flowLimit(192L << 20, 192L << 20));
    assertEquals(10_000, TrafficAccounting.Settings.flowLimit(1 << 20, 1 << 20));
    assertEquals(81_920, TrafficAccounting.Settings.flowLimit(192L << 20, 10L << 20));
    assertEquals(10_000, TrafficAccounting.Settings.flowLimit(192L << 20, -1));
  }

  private List<Integer> ports(Order order, int most) {
    return flows(order, Optional.empty(), most).stream().map(f -> f.key().srcPort()).toList();
  }

  @Test
  void under_random_traffic_and_changing_policies_no_packet_is_lost_or_counted_twice() {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    List<Policy> all = new ArrayList<>(List.of(WEB, VOICE, REST));
    long sent = 0;
    for (int round = 0; round < 2_000; round++) {
      FlowRecord[] batch = new FlowRecord[1 + random.nextInt(64)];
      for (int i = 0; i < batch.length; i++) {
        int packets = random.nextInt(10);
        sent += packets;
        FlowKey key = tcp("10.0.0." + random.nextInt(40), 1, "192.0.2.1", random.nextInt(500));
        batch[i] = FlowRecord.at(NOON.toEpochMilli(), key, packets, 100L * packets);
      }
      see(batch);
      if (random.nextInt(10) == 0) {
        all.remove(random.nextInt(all.size()));
        all.add(policy(random.nextInt(50), "p" + round, random.nextInt(5), "{\"src_port\":1}"));
        accounting.use(
            all.stream().collect(Collectors.toMap(Policy::id, p -> p, (a, _) -> a)).values(),
            TunnelFilter.NONE);
      }
      if (random.nextInt(20) == 0) {
        pass(Duration.ofSeconds(random.nextInt(200)));
      }
    }
    long counted = unmatched().packets();
    int ofSource = progress.slot();
    for (int slot = 2; slot < 60; slot++) {
      if (slot == ofSource) {
        continue;
      }
      PolicyTotal total = counters.total(slot, 0);
      assertEquals(100 * total.packets(), total.bytes());
      counted += total.packets();
    }
    assertEquals(sent, counted, "seed " + seed);
    pass(Duration.ofSeconds(301));
    assertTrue(
        accounting.snapshot(NOON).policies().stream().allMatch(t -> t.activeFlows() == 0),
        "seed " + seed);
  }

  private List<ActiveFlow> flows(Order order, Optional<Long> policyId, int most) {
    TopFlows top =
        new TopFlows(
            order, policyId.<FlowFilter>map(FlowFilter.OfPolicy::new).orElse(FlowFilter.ALL), most);
    while (top.step(accounting, nowNanos)) {}
    return top.flows();
  }
}
