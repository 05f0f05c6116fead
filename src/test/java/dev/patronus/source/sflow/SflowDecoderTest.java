package dev.patronus.source.sflow;

import static dev.patronus.testing.SflowDatagram.tcpFrame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.IpPrefix;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.ExportCorrections;
import dev.patronus.source.SourceUri;
import dev.patronus.source.netflow.NetflowSettings;
import dev.patronus.source.netflow.exporter.ExporterStatus;
import dev.patronus.source.netflow.template.Collector;
import dev.patronus.source.netflow.wire.Drop;
import dev.patronus.source.netflow.wire.Timestamps;
import dev.patronus.testing.SflowDatagram;
import dev.patronus.testing.SflowDatagram.Sample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Datagrams built byte by byte.
class SflowDecoderTest {
  private static final String AGENT = "192.0.2.1";
  private static final IpAddress SENDER = IpAddress.parse("198.51.100.7");
  private static final Timestamps NOW = new Timestamps(1_700_000_000_000L, 5);

  private final Metrics metrics = new Metrics();
  private final List<FlowRecord> flows = new ArrayList<>();
  private SflowDecoder decoder = decoder("");

  private SflowDecoder decoder(String options) {
    SourceUri.Udp uri = (SourceUri.Udp) SourceUri.parse("sflow://127.0.0.1" + options);
    return new SflowDecoder(
        NetflowSettings.of(uri, List.of(), ExportCorrections.NONE), metrics, "sflow");
  }

  private void take(byte[] bytes) {
    decoder.decode(SENDER, 4000, bytes, bytes.length, NOW, flows::add);
  }

  private void take(Sample... samples) {
    SflowDatagram datagram = new SflowDatagram(AGENT, 0, 1);
    for (Sample sample : samples) {
      datagram.sample(sample);
    }
    take(datagram.bytes());
  }

  private static Sample sample(int sequence) {
    return new Sample(sequence, 100, 100L * sequence, 0);
  }

  private Map<Drop, Long> drops() {
    return decoder.exporters().getFirst().drops();
  }

  private long strangers(String reason) {
    return metrics.readings().stream()
        .filter(each -> reason.equals(each.series().labels().get("reason")))
        .mapToLong(Metrics.Reading::value)
        .sum();
  }

  private List<String> texts() {
    return flows.stream().map(Collector::text).toList();
  }

  @Test
  void a_raw_header_counts_the_ip_bytes_times_the_rate_as_an_estimate() {
    take(sample(1).rawHeader(tcpFrame(1000), 1018, 4));
    assertEquals(List.of("10.0.0.1:40000 > 10.0.0.2:443 6 100/100000"), texts());
    assertTrue(flows.getFirst().estimated());
    assertEquals(NOW.epochMillis(), flows.getFirst().endMillis());
  }

  @Test
  void an_expanded_sample_counts_like_a_short_one() {
    take(new Sample(true, 1, 3, 10, 10, 0).rawHeader(tcpFrame(500), 518, 4));
    assertEquals(List.of("10.0.0.1:40000 > 10.0.0.2:443 6 10/5000"), texts());
  }

  @Test
  void several_records_of_one_sample_count_once_and_the_raw_header_is_preferred() {
    take(
        sample(1)
            .ethernet(1014, 0x0800)
            .ip(999, 17, "10.9.9.9", 1, "10.9.9.8", 2)
            .rawHeader(tcpFrame(1000), 1018, 4));
    assertEquals(List.of("10.0.0.1:40000 > 10.0.0.2:443 6 100/100000"), texts());
  }

  @Test
  void sampled_ipv4_and_ipv6_records_count_without_a_raw_header() {
    take(
        sample(1).ip(60, 17, "10.0.0.3", 53, "10.0.0.4", 5353),
        sample(2).ip(80, 6, "2001:db8::1", 1, "2001:db8::2", 2));
    assertEquals(
        List.of(
            "10.0.0.3:53 > 10.0.0.4:5353 17 100/6000", "2001:db8::1:1 > 2001:db8::2:2 6 100/8000"),
        texts());
  }

  @Test
  void an_ip_record_is_used_where_the_raw_header_has_no_link_layer_that_is_read() {
    take(
        sample(1)
            .rawHeader(5, tcpFrame(1000), 1018, 4)
            .ip(60, 17, "10.0.0.3", 53, "10.0.0.4", 5353));
    assertEquals(List.of("10.0.0.3:53 > 10.0.0.4:5353 17 100/6000"), texts());
  }

  @Test
  void a_header_of_ip_without_a_link_layer_is_read() {
    byte[] frame = tcpFrame(1000);
    take(sample(1).rawHeader(11, Arrays.copyOfRange(frame, 14, 54), 1000, 0));
    assertEquals(1, flows.size());
  }

  @Test
  void a_frame_without_ip_is_dropped_by_name_and_loses_nothing() {
    take(sample(1).rawHeader(new byte[64], 64, 4));
    assertEquals(Map.of(Drop.NOT_IP, 1L), drops());
    assertEquals(false, Drop.NOT_IP.loses());
  }

  @Test
  void a_sample_with_an_ethernet_record_alone_has_no_addresses() {
    take(sample(1).ethernet(1014, 0x0800));
    assertEquals(Map.of(Drop.NO_ADDRESSES, 1L), drops());
  }

  @Test
  void counter_samples_and_discarded_packets_are_passed_over_in_silence() {
    take(
        new SflowDatagram(AGENT, 0, 1)
            .sample(2, new byte[40])
            .sample(4, new byte[44])
            .sample(5, new byte[40])
            .sample(sample(1).rawHeader(tcpFrame(1000), 1018, 4))
            .bytes());
    assertEquals(1, flows.size());
    assertEquals(Map.of(), drops());
  }

  @Test
  void the_exporter_is_the_agent_and_sub_agents_are_numbered_apart() {
    take(new SflowDatagram(AGENT, 0, 1).sample(sample(1).rawHeader(tcpFrame(99), 117, 4)).bytes());
    take(
        new SflowDatagram(AGENT, 1, 900).sample(sample(1).rawHeader(tcpFrame(99), 117, 4)).bytes());
    take(new SflowDatagram(AGENT, 0, 2).sample(sample(2).rawHeader(tcpFrame(99), 117, 4)).bytes());
    ExporterStatus exporter = decoder.exporters().getFirst();
    assertEquals(AGENT, exporter.address());
    assertEquals(3, exporter.datagrams());
    assertEquals(List.of(5), exporter.versions());
    assertEquals(0, exporter.lost());
    assertEquals(0, exporter.restarts());
  }

  @Test
  void the_allowed_blocks_are_compared_with_the_sender_and_not_with_what_a_datagram_claims() {
    decoder.use(
        NetflowSettings.of(
            new SourceUri.Sflow("::1", 6343, Map.of()),
            List.of(IpPrefix.parse("192.0.2.0/24")),
            ExportCorrections.NONE)); // where the agent says it is
    take(sample(1).rawHeader(tcpFrame(1000), 1018, 4));
    assertEquals(List.of(), flows);
    assertEquals(1, strangers("exporter_not_allowed"));
  }

  @Test
  void samples_that_the_agent_dropped_are_made_up_for_by_those_that_it_sent() {
    take(new Sample(1, 100, 100, 0).rawHeader(tcpFrame(1000), 1018, 4));
    take(new Sample(2, 100, 400, 2).rawHeader(tcpFrame(1000), 1018, 4));
    assertEquals(400, flows.stream().mapToLong(FlowRecord::packets).sum());
    assertEquals(2, decoder.exporters().getFirst().agentDropped());
  }

  @Test
  void drops_that_the_pool_does_not_bear_out_are_not_believed() {
    take(new Sample(1, 100, 100, 0).rawHeader(tcpFrame(1000), 1018, 4));
    take(new Sample(2, 100, 200, 1000).rawHeader(tcpFrame(1000), 1018, 4));
    assertEquals(200, flows.stream().mapToLong(FlowRecord::packets).sum());
  }

  @Test
  void a_rate_that_is_not_that_of_the_pool_is_reported() {
    for (int i = 1; i <= SamplePools.COMPARED; i++) {
      take(new Sample(i, 100, 1000L * i, 0).rawHeader(tcpFrame(1000), 1018, 4));
    }
    assertEquals(SamplePools.COMPARED, decoder.exporters().getFirst().rateContradicted());
  }

  @Test
  void a_rate_of_zero_counts_each_packet_once() {
    take(new Sample(1, 0, 1, 0).rawHeader(tcpFrame(1000), 1018, 4));
    assertEquals(List.of("10.0.0.1:40000 > 10.0.0.2:443 6 1/1000"), texts());
  }

  @Test
  void the_administrators_rate_beats_that_of_the_sample() {
    decoder = decoder("?sampling=7");
    take(sample(1).rawHeader(tcpFrame(1000), 1018, 4));
    assertEquals(7, flows.getFirst().packets());
  }

  @Test
  void a_sample_above_the_rate_of_the_link_is_dropped_by_name() {
    decoder = decoder("?max-rate=1M");
    take(new Sample(1, 1L << 31, 1, 0).rawHeader(tcpFrame(1000), 1018, 4));
    assertEquals(Map.of(Drop.ABOVE_MAX_RATE, 1L), drops());
  }

  @Test
  void the_direction_is_no_option_of_sflow() {
    assertThrows(IllegalArgumentException.class, () -> decoder("?direction=ingress"));
  }

  @Test
  void lengths_and_counts_beyond_the_datagram_cost_only_what_follows_them() {
    byte[] good =
        new SflowDatagram(AGENT, 0, 1).sample(sample(1).rawHeader(tcpFrame(1000), 1018, 4)).bytes();
    byte[] more = good.clone();
    more[24] = 0x7f; // so many samples
    take(more);
    assertEquals(1, flows.size());
    assertEquals(Map.of(Drop.MALFORMED_SET, 1L), drops());
    byte[] longer = good.clone();
    longer[32] = (byte) 0xff; // so long a sample
    take(longer);
    assertEquals(2, drops().get(Drop.MALFORMED_SET));
    assertEquals(1, flows.size());
  }

  @Test
  void what_is_no_sflow_is_counted_by_name() {
    take(new byte[3]);
    take(new byte[] {0, 5, 0, 1, 0, 0, 0, 0});
    take(new byte[] {0, 0, 0, 4, 0, 0, 0, 0});
    assertEquals(1, strangers("too_short"));
    assertEquals(2, strangers("unknown_version"));
  }

  @Test
  void damaged_datagrams_never_throw_and_never_count_what_no_packet_has() {
    Random random = new Random(42);
    byte[] whole =
        new SflowDatagram(AGENT, 0, 1)
            .sample(sample(1).rawHeader(tcpFrame(1000), 1018, 4))
            .sample(new Sample(true, 2, 3, 100, 200, 0).ip(60, 17, "10.0.0.3", 1, "10.0.0.4", 2))
            .sample(sample(3).ip(80, 6, "2001:db8::1", 1, "2001:db8::2", 2))
            .bytes();
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
      for (int hits = random.nextInt(4); hits >= 0 && damaged.length > 0; hits--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      take(damaged);
    }
    for (FlowRecord flow : flows) {
      assertTrue(flow.packets() > 0 && flow.bytes() / flow.packets() <= 65_575, flow::toString);
    }
  }
}
