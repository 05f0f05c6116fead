package dev.patronus.daemon.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.collect.ActiveFlow;
import dev.patronus.collect.CountingProgress;
import dev.patronus.collect.PolicyCounters;
import dev.patronus.collect.TopFlows;
import dev.patronus.collect.TrafficAccounting;
import dev.patronus.collect.TunnelFilter;
import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.Volume;
import dev.patronus.flow.filter.FlowFilter;
import dev.patronus.metrics.Metrics;
import dev.patronus.policy.Policy;
import dev.patronus.policy.rule.PathPreference;
import dev.patronus.policy.rule.Rules;
import dev.patronus.store.table.PlatformFlow;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlatformFlowsTest {
  private static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");
  private static final Policy WEB =
      new Policy(1, "web", 50, true, Rules.read("{}"), PathPreference.Single.LOWEST_LATENCY);

  @TempDir Path folder;
  private final Metrics metrics = new Metrics();
  private final CountingProgress progress = new CountingProgress("test");
  private PolicyCounters counters;
  private TrafficAccounting accounting;

  @BeforeEach
  void open() throws IOException {
    counters =
        PolicyCounters.open(folder.resolve("counters"), "database", Optional.empty(), metrics);
    accounting =
        new TrafficAccounting(TrafficAccounting.Settings.DEFAULT, counters, 42, 0, metrics);
    accounting.use(List.of(WEB), TunnelFilter.NONE);
    accounting.route(Map.of(1L, Optional.of(12L)));
  }

  @AfterEach
  void close() throws IOException {
    counters.close();
  }

  private static FlowKey tcp(String src, int srcPort, String dst, int dstPort) {
    return FlowKey.of(IpAddress.parse(src), srcPort, IpAddress.parse(dst), dstPort, FlowKey.TCP);
  }

  private void see(FlowKey key, Instant at, long packets, long bytes) {
    FlowRecord record = FlowRecord.at(at.toEpochMilli(), key, packets, bytes);
    accounting.count(new FlowRecord[] {record}, 1, progress, 0);
  }

  private List<PlatformFlow> rows(int most) {
    TopFlows top =
        new TopFlows(ActiveFlow.Order.BYTES, new FlowFilter.Not(new FlowFilter.Unmatched()), most);
    while (top.step(accounting, 0)) {}
    return PlatformFlows.rows(accounting, top.flows(), 0);
  }

  @Test
  void both_directions_are_one_row_of_the_one_that_began() {
    FlowKey request = tcp("10.0.0.1", 4000, "192.0.2.1", 443);
    see(request, NOON, 3, 300);
    see(request.reversed(), NOON.plusSeconds(1), 9, 9_000);
    PlatformFlow row =
        new PlatformFlow(
            request, 12, 1, NOON, NOON.plusSeconds(1), new Volume(3, 300), new Volume(9, 9_000));
    assertEquals(List.of(row), rows(10));
    assertEquals(List.of(row), rows(1), "the answer alone is among the largest");
  }

  @Test
  void with_one_time_for_both_the_one_to_the_lower_port_began() {
    FlowKey request = tcp("10.0.0.1", 4000, "192.0.2.1", 443);
    see(request.reversed(), NOON, 9, 9_000);
    see(request, NOON, 3, 300);
    assertEquals(request, rows(10).getFirst().key());
    assertEquals(1, rows(10).size());
  }

  @Test
  void a_flow_without_an_answer_received_nothing() {
    see(tcp("10.0.0.1", 4000, "192.0.2.1", 443), NOON, 3, 300);
    assertEquals(new Volume(0, 0), rows(10).getFirst().received());
  }

  @Test
  void where_a_policy_has_no_path_its_flows_have_no_row() {
    accounting.route(Map.of(1L, Optional.empty()));
    see(tcp("10.0.0.1", 4000, "192.0.2.1", 443), NOON, 3, 300);
    assertEquals(List.of(), rows(10));
  }
}
