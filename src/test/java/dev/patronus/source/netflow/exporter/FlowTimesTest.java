package dev.patronus.source.netflow.exporter;

import static dev.patronus.source.netflow.Datagram.EXPORT_MILLIS;
import static dev.patronus.source.netflow.Datagram.ie;
import static dev.patronus.source.netflow.Datagram.ipfix;
import static dev.patronus.source.netflow.Datagram.v5;
import static dev.patronus.source.netflow.Datagram.v9;
import static dev.patronus.source.netflow.Flows.TEMPLATE;
import static dev.patronus.source.netflow.Flows.fields;
import static dev.patronus.source.netflow.Flows.record;
import static dev.patronus.source.netflow.Octets.octets;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.source.netflow.Datagram;
import dev.patronus.source.netflow.FlowTimes;
import dev.patronus.source.netflow.template.Collector;
import org.junit.jupiter.api.Test;

/// When flows were, by our clock. Datagrams arrive at the time of their export.
class FlowTimesTest {
  private final Collector collector = new Collector();

  private void assertEndedBefore(long millis) {
    assertEquals(millis, EXPORT_MILLIS - collector.flow().endMillis());
  }

  private void assertLasted(long millis) {
    assertEquals(millis, collector.flow().endMillis() - collector.flow().startMillis());
  }

  private static Datagram v5Flow(long uptime, long last) {
    return v5(0).uptime(uptime).flow("10.0.0.1", 1, "10.0.0.2", 2, 6, 1, 60, last);
  }

  @Test
  void the_end_of_a_v5_flow_is_so_long_before_the_export() {
    collector.take(v5Flow(100_000, 97_000));
    assertEndedBefore(3000);
    assertLasted(500);
  }

  @Test
  void an_uptime_wraps_after_49_days() {
    collector.take(v5Flow(1000, 0xffff_ffffL - 999));
    assertEndedBefore(2000);
    assertLasted(500);
  }

  @Test
  void an_uptime_may_be_in_the_upper_half_of_32_bits() {
    collector.take(v5Flow(0x8000_0100L, 0x7fff_ff00L));
    assertEndedBefore(0x200);
  }

  @Test
  void a_flow_that_ends_after_the_uptime_of_its_datagram_ends_now() {
    collector.take(v5Flow(100_000, 100_700));
    assertEndedBefore(0);
    assertEquals(0, collector.status().timesReplaced());
  }

  @Test
  void an_end_that_makes_no_sense_is_replaced_by_the_arrival_and_counted() {
    collector.take(v5Flow(100_000, 100_000_000));
    assertEndedBefore(0);
    assertLasted(0);
    assertEquals(1, collector.status().timesReplaced());
  }

  @Test
  void an_end_of_long_before_the_export_is_not_believed() {
    collector.take(v5Flow(FlowTimes.MOST_AGE_MILLIS + 10_001, 10_000));
    assertEndedBefore(0);
    assertEquals(1, collector.status().timesReplaced());
  }

  @Test
  void microseconds_have_a_binary_fraction() {
    long ntp = (EXPORT_MILLIS / 1000 + 2_208_988_800L) << 32;
    collector.take(
        ipfix(0)
            .template(TEMPLATE, fields(ie(155, 8)))
            .data(TEMPLATE, record().u64(ntp - (2L << 32) + (1L << 31))));
    assertEndedBefore(1500);
  }

  @Test
  void a_clock_that_is_wrong_does_no_harm_and_is_shown() {
    collector.take(v5Flow(100_000, 97_000).exportedAt(0));
    assertEndedBefore(3000);
    assertEquals(-EXPORT_MILLIS, collector.status().clockSkew().toMillis());
  }

  @Test
  void future_dated_flows_end_when_they_arrive() {
    long future = EXPORT_MILLIS + 86_400_000L * 365;
    collector.take(
        ipfix(0)
            .template(TEMPLATE, fields(ie(152, 8), ie(153, 8)))
            .data(TEMPLATE, record().u64(future).u64(future + 1)));
    assertEndedBefore(0);
    assertEquals(1, collector.status().timesReplaced());
  }

  @Test
  void v9_has_uptimes_too() {
    collector.take(
        v9(1)
            .uptime(100_000)
            .template(TEMPLATE, fields(ie(22, 4), ie(21, 4)))
            .data(TEMPLATE, record().u32(95_000).u32(98_000)));
    assertEndedBefore(2000);
    assertLasted(3000);
  }

  @Test
  void IPFIX_has_seconds_milliseconds_microseconds_nanoseconds_and_offsets() {
    long ntp = (EXPORT_MILLIS / 1000 + 2_208_988_800L) << 32;
    collector.take(
        ipfix(0)
            .template(300, fields(ie(150, 4), ie(151, 4)))
            .template(301, fields(ie(152, 8), ie(153, 8)))
            .template(302, fields(ie(154, 8), ie(155, 8)))
            .template(303, fields(ie(156, 8), ie(157, 8)))
            .template(304, fields(ie(158, 4), ie(159, 4)))
            .data(300, record().u32(EXPORT_MILLIS / 1000 - 5).u32(EXPORT_MILLIS / 1000 - 2))
            .data(301, record().u64(EXPORT_MILLIS - 5000).u64(EXPORT_MILLIS - 2000))
            .data(302, record().u64(ntp - (5L << 32)).u64(ntp - (2L << 32)))
            .data(303, record().u64(ntp - (5L << 32)).u64(ntp - (2L << 32)))
            .data(304, record().u32(5_000_000).u32(2_000_000)));
    assertEquals(5, collector.flows.size());
    collector.flows.forEach(flow -> {
      assertEquals(EXPORT_MILLIS - 2000, flow.endMillis());
      assertEquals(EXPORT_MILLIS - 5000, flow.startMillis());
    });
  }

  @Test
  void in_IPFIX_an_uptime_counts_from_the_boot_time_that_the_options_name() {
    long boot = EXPORT_MILLIS - 100_000;
    collector.take(
        ipfix(0)
            .options(300, 1, ie(149, 4), ie(160, 8))
            .data(300, octets().u32(0).u64(boot))
            .template(TEMPLATE, fields(ie(22, 4), ie(21, 4)))
            .data(TEMPLATE, record().u32(95_000).u32(98_000)));
    assertEndedBefore(2000);
    assertLasted(3000);
  }

  @Test
  void in_IPFIX_an_uptime_may_have_wrapped_since_boot() {
    long boot = EXPORT_MILLIS - (1L << 32) - 1000;
    collector.take(
        ipfix(0)
            .template(TEMPLATE, fields(ie(160, 8), ie(22, 4), ie(21, 4)))
            .data(TEMPLATE, record().u64(boot).u32(0xffff_fff0L).u32(500)));
    assertEndedBefore(500);
    assertLasted(516);
  }

  @Test
  void in_IPFIX_an_uptime_without_a_boot_time_is_no_time() {
    collector.take(
        ipfix(0)
            .template(TEMPLATE, fields(ie(22, 4), ie(21, 4)))
            .data(TEMPLATE, record().u32(95_000).u32(98_000)));
    assertEndedBefore(0);
    assertEquals(1, collector.status().timesReplaced());
  }

  @Test
  void a_record_without_times_is_of_its_arrival_and_nothing_was_replaced() {
    collector.take(ipfix(0).template(TEMPLATE, fields()).data(TEMPLATE, record()));
    assertEndedBefore(0);
    assertEquals(0, collector.status().timesReplaced());
  }

  @Test
  void a_flow_that_lasted_longer_than_any_can_has_no_start() {
    collector.take(
        ipfix(0)
            .template(TEMPLATE, fields(ie(152, 8), ie(153, 8)))
            .data(TEMPLATE, record().u64(0).u64(EXPORT_MILLIS - 2000)));
    assertEndedBefore(2000);
    assertLasted(0);
  }

  private void takeFlowOf(long millis) {
    collector.take(
        ipfix(0)
            .template(TEMPLATE, fields(ie(152, 8), ie(153, 8)))
            .data(TEMPLATE, record().u64(EXPORT_MILLIS - 2000 - millis).u64(EXPORT_MILLIS - 2000)));
  }

  @Test
  void the_longest_of_recent_flows_shows_the_active_timeout_of_an_exporter() {
    takeFlowOf(300_000);
    takeFlowOf(1_800_000);
    takeFlowOf(10_000);
    assertEquals(1800, collector.status().longestFlow().toSeconds());
  }

  @Test
  void a_flow_of_long_ago_is_not_recent() {
    takeFlowOf(1_800_000);
    collector.after(WindowedMax.WINDOW_MILLIS);
    takeFlowOf(50_000);
    assertEquals(1800, collector.status().longestFlow().toSeconds());
    collector.after(WindowedMax.WINDOW_MILLIS);
    takeFlowOf(60_000);
    assertEquals(60, collector.status().longestFlow().toSeconds());
  }
}
