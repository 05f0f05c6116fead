package dev.patronus.source.netflow.exporter;

import static dev.patronus.source.netflow.Datagram.ie;
import static dev.patronus.source.netflow.Datagram.ipfix;
import static dev.patronus.source.netflow.Datagram.v5;
import static dev.patronus.source.netflow.Datagram.v9;
import static dev.patronus.source.netflow.Flows.TEMPLATE;
import static dev.patronus.source.netflow.Flows.addresses;
import static dev.patronus.source.netflow.Flows.fields;
import static dev.patronus.source.netflow.Flows.record;
import static dev.patronus.source.netflow.Octets.octets;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.source.ExportCorrections;
import dev.patronus.source.SourceUri;
import dev.patronus.source.netflow.Datagram;
import dev.patronus.source.netflow.NetflowSettings;
import dev.patronus.source.netflow.template.Collector;
import dev.patronus.source.netflow.wire.Drop;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Who is believed about the sampling rate. Each record is 10 packets before scaling.
class SamplingTest {
  private final Collector collector = new Collector();

  private static Collector withOptions(String options) {
    SourceUri uri = SourceUri.parse("netflow://127.0.0.1?" + options);
    return switch (uri) {
      case SourceUri.Netflow netflow ->
          new Collector(NetflowSettings.of(netflow, List.of(), ExportCorrections.NONE));
      case SourceUri.Sflow _, SourceUri.Pcap _, SourceUri.Conntrack _ ->
          throw new AssertionError(uri);
    };
  }

  private static NetflowSettings corrected(String... lines) {
    ExportCorrections corrections =
        ExportCorrections.of(
            Stream.of(lines).map(ExportCorrections.Sampling::parse).toList(),
            7,
            OptionalLong.empty(),
            List.of());
    SourceUri.Udp uri = (SourceUri.Udp) SourceUri.parse("netflow://127.0.0.1");
    return NetflowSettings.of(uri, List.of(), corrections);
  }

  @Test
  void a_configured_rate_beats_what_the_exporter_sends() {
    Collector corrected = new Collector(corrected(Datagram.EXPORTER + " 100"));
    corrected.take(ofDomain(10)).take(plain(1));
    assertEquals(1000, corrected.packets());
    assertEquals("configured", corrected.status().rate().origin().words());
  }

  @Test
  void the_rate_of_a_domain_beats_that_of_its_exporter_and_others_have_the_default() {
    Collector corrected = new Collector(corrected("198.51.100.1 3", Datagram.EXPORTER + "/99 100"));
    corrected.take(plain(0));
    assertEquals(70, corrected.packets()); // another domain: the default of 7
    assertEquals("configured default", corrected.status().rate().origin().words());
    corrected.from("198.51.100.1", 1).take(plain(0));
    assertEquals(100, corrected.packets());
  }

  @Test
  void corrections_that_are_read_again_hold_from_the_next_datagram_on() {
    collector.take(plain(0));
    collector.decoder.use(corrected(Datagram.EXPORTER + " 100"));
    collector.take(plain(1));
    assertEquals(1010, collector.packets());
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.0.2.1", "192.0.2.1 0", "192.0.2.1/x 5", "x 5", "192.0.2.1 5 6"})
  void a_line_that_cannot_be_read_is_refused(String line) {
    assertThrows(IllegalArgumentException.class, () -> ExportCorrections.Sampling.parse(line));
  }

  private static Datagram plain(long sequence) {
    return ipfix(sequence).template(TEMPLATE, fields()).data(TEMPLATE, record());
  }

  private static Datagram named(long sampler) {
    return ipfix(0).template(257, fields(ie(302, 4))).data(257, record().u32(sampler));
  }

  private static Datagram ofDomain(long rate) {
    return ipfix(0).options(300, 1, ie(149, 4), ie(34, 4)).data(300, octets().u32(0).u32(rate));
  }

  private static Datagram ofSampler(long sampler, long rate) {
    return ipfix(0)
        .options(301, 1, ie(302, 4), ie(50, 4))
        .data(301, octets().u32(sampler).u32(rate));
  }

  private static Datagram v5Flow(int sampling) {
    return v5(0).sampling(sampling).flow("10.0.0.1", 1, "10.0.0.2", 2, 6, 10, 1500);
  }

  @Test
  void an_exporter_that_announces_no_rate_is_not_sampled() {
    collector.take(plain(0));
    assertEquals(10, collector.packets());
    assertFalse(collector.flow().estimated());
    assertEquals(Rate.NONE, collector.status().rate());
  }

  @Test
  void a_rate_of_0_means_1() {
    collector.take(ofDomain(0)).take(plain(0));
    assertEquals(10, collector.packets());
    assertFalse(collector.flow().estimated());
  }

  @Test
  void a_scaled_record_is_an_estimate() {
    collector.take(ofDomain(100)).take(plain(1));
    assertEquals(1000, collector.flow().packets());
    assertEquals(150_000, collector.flow().bytes());
    assertTrue(collector.flow().estimated());
  }

  @Test
  void the_rate_of_v5_is_in_the_lower_14_bits_of_its_field() {
    collector.take(v5Flow(0x4000 | 100));
    assertEquals(1000, collector.packets());
    assertEquals(Rate.Origin.HEADER, collector.status().rate().origin());
    collector.take(v5Flow(100));
    assertEquals(2000, collector.packets());
    collector.take(v5Flow(0x4000));
    assertEquals(2010, collector.packets());
  }

  @Test
  void a_rate_in_the_data_record_goes_before_options() {
    collector
        .take(ofDomain(100))
        .take(ipfix(1).template(257, fields(ie(34, 4))).data(257, record().u32(7)));
    assertEquals(70, collector.packets());
    assertEquals(Rate.Origin.RECORD, collector.status().rate().origin());
  }

  @Test
  void a_0_in_the_data_record_says_nothing() {
    collector
        .take(ofDomain(100))
        .take(ipfix(1).template(257, fields(ie(34, 4))).data(257, record().u32(0)));
    assertEquals(1000, collector.packets());
  }

  @Test
  void the_sampler_that_a_record_names_goes_before_its_domain() {
    collector.take(ofDomain(100)).take(ofSampler(1, 5)).take(ofSampler(2, 6));
    collector.take(named(2));
    assertEquals(60, collector.packets());
    assertEquals(Rate.Origin.SAMPLER, collector.status().rate().origin());
  }

  @Test
  void a_record_of_an_unknown_sampler_takes_the_rate_of_its_domain() {
    collector.take(ofDomain(100)).take(ofSampler(1, 5)).take(named(9));
    assertEquals(1000, collector.packets());
  }

  @Test
  void a_sampler_without_any_rate_is_counted_as_unknown() {
    collector.take(named(9));
    assertEquals(10, collector.packets());
    assertEquals(1, collector.status().samplerUnknown());
  }

  @Test
  void sampler_0_is_no_sampler() {
    collector.take(named(0));
    assertEquals(0, collector.status().samplerUnknown());
  }

  @Test
  void records_that_name_no_sampler_take_the_rate_that_all_samplers_agree_on() {
    collector.take(ofSampler(1, 5)).take(plain(1));
    assertEquals(50, collector.packets());
    collector.take(ofSampler(2, 6)).take(plain(1));
    assertEquals(60, collector.packets());
  }

  @Test
  void v9_announces_samplers_with_elements_48_and_50() {
    collector.take(
        v9(1)
            .options(300, 1, ie(1, 4), ie(48, 1), ie(49, 1), ie(50, 4))
            .data(300, octets().u32(0).u8(3).u8(2).u32(20))
            .template(257, fields(ie(48, 1)))
            .data(257, record().u8(3)));
    assertEquals(200, collector.packets());
  }

  /// Common in the field: nothing is a scope, everything is, or the wrong field is.
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void options_with_a_wrong_scope_are_read_all_the_same(int scopes) {
    Datagram rateFirst =
        ipfix(0).options(301, scopes, ie(50, 4), ie(302, 4)).data(301, octets().u32(100).u32(7));
    collector.take(rateFirst).take(named(7));
    assertEquals(1000, collector.packets());
  }

  @Test
  void v9_announces_a_rate_with_element_34() {
    collector.take(
        v9(1)
            .options(300, 1, ie(1, 2), ie(34, 4), ie(35, 1))
            .padding(1)
            .data(300, octets().u16(0).u32(20).u8(1))
            .padding(0)
            .template(TEMPLATE, fields())
            .data(TEMPLATE, record()));
    assertEquals(200, collector.packets());
  }

  @Test
  void so_many_packets_of_so_many_may_be_no_whole_number() {
    collector
        .take(
            ipfix(0)
                .options(300, 1, ie(149, 4), ie(305, 4), ie(306, 4))
                .data(300, octets().u32(0).u32(2).u32(3)))
        .take(plain(1));
    assertEquals(25, collector.packets());
    assertEquals("2:5", collector.status().rate().toString());
  }

  @Test
  void no_part_of_a_packet_is_lost_at_a_rate_that_is_no_whole_number() {
    collector.take(
        ipfix(0)
            .options(300, 1, ie(149, 4), ie(305, 4), ie(306, 4))
            .data(300, octets().u32(0).u32(2).u32(3))
            .template(257, ie(8, 4), ie(12, 4), ie(2, 4), ie(1, 4)));
    for (int i = 0; i < 10; i++) {
      collector.take(ipfix(2 + i).data(257, addresses().u32(1).u32(60)));
    }
    assertEquals(25, collector.packets());
  }

  @Test
  void a_sample_of_a_population_and_a_probability_are_rates_too() {
    collector
        .take(
            ipfix(0)
                .options(300, 1, ie(149, 4), ie(309, 4), ie(310, 4))
                .data(300, octets().u32(0).u32(1).u32(64)))
        .take(plain(1));
    assertEquals(640, collector.packets());
    collector
        .take(
            ipfix(2)
                .options(301, 1, ie(149, 4), ie(311, 8))
                .data(301, octets().u32(0).u64(Double.doubleToLongBits(0.01))))
        .take(plain(3));
    assertEquals(1640, collector.packets());
  }

  @Test
  void options_and_data_may_use_different_ports() {
    collector.from("192.0.2.1", 1).take(ofDomain(100));
    collector.from("192.0.2.1", 2).take(plain(0));
    assertEquals(1000, collector.packets());
  }

  @Test
  void options_of_another_domain_or_address_say_nothing() {
    collector.take(ofDomain(100).domain(5)).from("192.0.2.2", 1).take(ofDomain(100));
    collector.from(Datagram.EXPORTER.toString(), 1).take(plain(0));
    assertEquals(10, collector.packets());
  }

  @Test
  void options_are_read_before_the_data_of_the_same_packet() {
    collector.take(
        ipfix(0)
            .data(TEMPLATE, record())
            .data(300, octets().u32(0).u32(9))
            .template(TEMPLATE, fields())
            .options(300, 1, ie(149, 4), ie(34, 4)));
    assertEquals(90, collector.packets());
  }

  @Test
  void an_override_goes_before_everything() {
    Collector overridden = withOptions("sampling=3");
    overridden.take(ofDomain(100)).take(ofSampler(1, 5)).take(named(1)).take(v5Flow(50));
    overridden.take(ipfix(1).template(258, fields(ie(34, 4))).data(258, record().u32(7)));
    assertEquals(90, overridden.packets());
    assertEquals(Rate.Origin.OVERRIDE, overridden.status().rate().origin());
  }

  @Test
  void an_override_of_1_switches_scaling_off() {
    Collector overridden = withOptions("sampling=1");
    overridden.take(ofDomain(100)).take(plain(1));
    assertEquals(10, overridden.packets());
    assertFalse(overridden.flow().estimated());
  }

  @Test
  void a_default_is_for_exporters_that_say_nothing() {
    Collector defaulted = withOptions("sampling-default=4");
    defaulted.take(plain(0)).take(v5Flow(2));
    assertEquals(40 + 20, defaulted.packets());
  }

  @Test
  void a_rate_that_scales_beyond_63_bits_rejects_the_record() {
    collector.take(ofDomain(1L << 31));
    collector.take(
        ipfix(0).template(TEMPLATE, fields()).data(TEMPLATE, record(1L << 39, 1L << 45)));
    assertEquals(1, collector.drops(Drop.COUNTER_OVERFLOW));
  }

  @Test
  void the_status_says_since_when_a_rate_holds() {
    collector.take(ofDomain(100)).take(plain(1));
    collector.after(5000).take(plain(2));
    assertEquals(Datagram.EXPORT_MILLIS, collector.status().rateSince().toEpochMilli());
    collector.after(5000).take(ofDomain(50)).take(plain(3));
    assertEquals(Datagram.EXPORT_MILLIS + 10_000, collector.status().rateSince().toEpochMilli());
  }

  @Test
  void there_is_a_limited_number_of_samplers() {
    for (int sampler = 0; sampler < Samplers.LIMIT + 1; sampler++) {
      collector.take(ofSampler(sampler, 2 + sampler));
    }
    collector.take(named(0)).take(named(1));
    assertEquals(10 + 30, collector.packets());
  }
}
