package dev.patronus.source.netflow;

import static dev.patronus.source.netflow.Datagram.enterprise;
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

import dev.patronus.flow.IpPrefix;
import dev.patronus.source.ExportCorrections;
import dev.patronus.source.SourceUri;
import dev.patronus.source.netflow.exporter.ExporterStatus;
import dev.patronus.source.netflow.template.Collector;
import dev.patronus.source.netflow.wire.Drop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is counted, and what is not believed.
class CountersTest {
  private static final int REVERSE = 29305;
  private final Collector collector = new Collector();

  @Test
  void bytes_in_and_out_are_never_added() {
    collector.take(
        v9(1)
            .template(TEMPLATE, ie(23, 4), ie(24, 4), ie(8, 4), ie(12, 4), ie(1, 4), ie(2, 4))
            .data(TEMPLATE, octets().u32(1400).u32(9).add(addresses()).u32(1500).u32(10)));
    assertEquals(1500, collector.bytes());
    assertEquals(10, collector.packets());
  }

  @Test
  void bytes_out_count_where_there_are_no_others() {
    collector.take(
        v9(1)
            .template(TEMPLATE, ie(8, 4), ie(12, 4), ie(23, 4), ie(24, 4))
            .data(TEMPLATE, addresses().u32(1500).u32(10)));
    assertEquals(1500, collector.bytes());
  }

  @Test
  void layer_2_bytes_are_not_IP_bytes() {
    collector.take(
        ipfix(0)
            .template(TEMPLATE, ie(8, 4), ie(12, 4), ie(352, 8), ie(2, 4), ie(1, 8))
            .template(257, ie(8, 4), ie(12, 4), ie(352, 8), ie(2, 4))
            .data(TEMPLATE, addresses().u64(1640).u32(10).u64(1500))
            .data(257, addresses().u64(1640).u32(10)));
    assertEquals(1500, collector.bytes());
    assertEquals(20, collector.packets());
  }

  @Test
  void a_delta_goes_before_a_total() {
    Datagram.Spec[] totals = {ie(85, 8), ie(86, 8)};
    for (int i = 1; i <= 3; i++) {
      collector.take(
          ipfix(0)
              .template(TEMPLATE, fields(totals))
              .data(TEMPLATE, record(10, 1500).u64(1500L * i).u64(10L * i)));
    }
    assertEquals(30, collector.packets());
    assertEquals(4500, collector.bytes());
  }

  private static Datagram total(long packets, long bytes, int endReason) {
    return ipfix(0)
        .template(TEMPLATE, ie(8, 4), ie(12, 4), ie(85, 8), ie(86, 8), ie(136, 1))
        .data(TEMPLATE, addresses().u64(bytes).u64(packets).u8(endReason));
  }

  @Test
  void of_totals_the_difference_counts_so_that_updates_and_the_final_total_are_not_added() {
    collector.take(total(10, 1000, 2)).take(total(25, 2500, 2)).take(total(30, 3000, 3));
    assertEquals(30, collector.packets());
    assertEquals(3000, collector.bytes());
  }

  @Test
  void a_total_below_the_one_before_is_a_new_flow_and_no_wrap() {
    collector.take(total(10, 1000, 2)).take(total(4, 400, 2));
    assertEquals(14, collector.packets());
  }

  @Test
  void after_its_end_a_flow_with_totals_is_forgotten() {
    collector.take(total(10, 1000, 3)).take(total(10, 1000, 3));
    assertEquals(20, collector.packets());
  }

  @Test
  void after_its_end_a_larger_total_is_another_flow() {
    collector.take(total(10, 1000, 2)).take(total(20, 2000, 3)).take(total(50, 5000, 2));
    assertEquals(20 + 50, collector.packets());
  }

  @Test
  void a_start_that_is_told_as_the_time_before_the_export_tells_no_flow_from_another() {
    for (long packets : new long[] {10, 20, 30}) {
      collector.take(
          ipfix(0)
              .template(TEMPLATE, ie(8, 4), ie(12, 4), ie(158, 4), ie(85, 8), ie(86, 8))
              .data(
                  TEMPLATE, addresses().u32(packets * 1_000_000).u64(packets * 100).u64(packets)));
    }
    assertEquals(30, collector.packets());
  }

  @Test
  void a_total_with_another_start_is_a_new_flow_also_if_it_is_larger() {
    for (long start : new long[] {1000, 1000, 9000}) {
      long packets = collector.packets() == 0 ? 10 : 20;
      collector.take(
          ipfix(0)
              .template(TEMPLATE, ie(8, 4), ie(12, 4), ie(152, 8), ie(85, 8), ie(86, 8))
              .data(TEMPLATE, addresses().u64(start).u64(packets * 100).u64(packets)));
    }
    assertEquals(10 + 10 + 20, collector.packets());
  }

  private static Datagram total(long sequence, long packets) {
    return ipfix(sequence)
        .template(TEMPLATE, ie(8, 4), ie(12, 4), ie(86, 8), ie(85, 8))
        .data(TEMPLATE, addresses().u64(packets).u64(packets * 100));
  }

  @Test
  void a_smaller_total_of_a_message_that_was_overtaken_counts_nothing_and_changes_nothing() {
    collector.take(total(1, 1100)).take(total(3, 1200)).take(total(2, 1150)).take(total(4, 1300));
    assertEquals(1100 + 200, collector.packets());
    assertEquals(1, collector.drops(Drop.LATE_TOTALS));
  }

  @Test
  void a_smaller_total_of_a_later_message_is_a_new_flow_also_if_the_numbering_began_anew() {
    collector.take(total(5000, 1100));
    collector.take(total(1, 50).exportedAt(Datagram.EXPORT_MILLIS + 60_000));
    assertEquals(1100 + 50, collector.packets());
    collector.take(total(2, 10).exportedAt(Datagram.EXPORT_MILLIS + 60_000));
    assertEquals(1100 + 50 + 10, collector.packets());
  }

  @Test
  void a_total_that_has_not_grown_is_nothing_new() {
    collector.take(total(1, 1100)).take(total(2, 1100));
    assertEquals(1, collector.drops(Drop.NOTHING_NEW));
    assertEquals(0, collector.drops(Drop.NO_VOLUME));
  }

  @Test
  void a_total_that_has_grown_by_more_bytes_than_its_packets_can_carry_is_implausible() {
    collector.take(total(10, 1000, 2)).take(total(11, 700_000, 2)).take(total(20, 701_500, 2));
    assertEquals(10 + 9, collector.packets());
    assertEquals(1000 + 1500, collector.bytes());
    assertEquals(1, collector.drops(Drop.IMPLAUSIBLE_VOLUME));
  }

  @Test
  void a_total_of_bytes_may_be_one_packet_ahead_of_that_of_packets() {
    collector.take(total(10, 1000, 2)).take(total(10, 2500, 2)).take(total(11, 2500, 2));
    assertEquals(11, collector.packets());
    assertEquals(2500, collector.bytes());
  }

  @Test
  void a_byte_counter_alone_is_held_against_the_fastest_link_too() {
    collector.take(
        v9(1)
            .template(TEMPLATE, ie(8, 4), ie(12, 4), ie(1, 8))
            .template(257, ie(8, 4), ie(12, 4), ie(2, 8))
            .data(
                TEMPLATE,
                addresses().u64(Long.MAX_VALUE),
                addresses().u64(70_000_000_000_000_000L),
                addresses().u64(1500))
            .data(257, addresses().u64(Long.MAX_VALUE), addresses().u64(1L << 45)));
    assertEquals(1500, collector.bytes());
    assertEquals(0, collector.packets());
    assertEquals(4, collector.drops(Drop.ABOVE_MAX_RATE));
  }

  private static Collector limitedTo(String rate) {
    SourceUri uri = SourceUri.parse("netflow://127.0.0.1:2055?max-rate=" + rate);
    return new Collector(
        NetflowSettings.of((SourceUri.Netflow) uri, List.of(), ExportCorrections.NONE));
  }

  @Test
  void a_record_carries_no_more_than_the_link_does_in_its_duration() {
    Collector slow = limitedTo("8M"); // a million bytes a second
    long now = Datagram.EXPORT_MILLIS;
    long seconds = 100 + RecordReader.SLACK_MILLIS / 1000;
    slow.take(
        ipfix(0)
            .template(TEMPLATE, fields(ie(152, 8), ie(153, 8)))
            .data(
                TEMPLATE,
                record(1_000_000, seconds * 1_000_000).u64(now - 100_000).u64(now),
                record(1_000_000, seconds * 1_000_000 + 1).u64(now - 100_000).u64(now)));
    assertEquals(1, slow.flows.size());
    assertEquals(1, slow.drops(Drop.ABOVE_MAX_RATE));
  }

  @Test
  void a_rate_is_written_with_a_thousand_a_million_and_so_on_or_refused() {
    for (String text : List.of("1000000", "1000k", "1M", "10G", "100T")) {
      limitedTo(text);
    }
    for (String text : List.of("", "1", "0G", "101T", "10g", "10 G", "-1G", "fast", "999k")) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> limitedTo(text)).getMessage();
      assertTrue(message.contains("max-rate"), message);
    }
  }

  @Test
  void a_scaled_record_is_held_against_the_link_as_well() {
    collector.take(
        ipfix(0)
            .template(TEMPLATE, fields(ie(34, 4)))
            .data(
                TEMPLATE,
                record(1_000_000, 1_000_000_000).u32(0xffff_ffffL),
                record(10, 1500).u32(1000)));
    assertEquals(10_000, collector.packets());
    assertEquals(1, collector.drops(Drop.ABOVE_MAX_RATE));
  }

  @Test
  void totals_of_two_exporters_are_two_flows() {
    collector.from("192.0.2.1", 1).take(total(10, 1000, 2));
    collector.from("192.0.2.2", 1).take(total(30, 3000, 2));
    assertEquals(40, collector.packets());
  }

  @Test
  void the_reverse_counters_of_a_biflow_are_the_record_of_the_reverse_key() {
    collector.take(
        ipfix(0)
            .template(TEMPLATE, fields(enterprise(REVERSE, 2, 8), enterprise(REVERSE, 1, 8)))
            .data(
                TEMPLATE,
                record(10, 1500).u64(7).u64(700),
                record(10, 1500).u64(0).u64(0),
                record(0, 0).u64(7).u64(700)));
    String forward = "10.0.0.1:40000 > 10.0.0.2:443 6 10/1500";
    String back = "10.0.0.2:443 > 10.0.0.1:40000 6 7/700";
    assertEquals(List.of(forward, back, forward, back), collector.texts());
  }

  @Test
  void both_ways_of_an_ICMP_biflow_have_one_type_unless_the_exporter_says_otherwise() {
    Datagram.Spec[] ping = {ie(8, 4), ie(12, 4), ie(4, 1), ie(32, 2), ie(2, 4), ie(1, 4)};
    List<Datagram.Spec> biflow = new ArrayList<>(List.of(ping));
    biflow.addAll(List.of(enterprise(REVERSE, 2, 4), enterprise(REVERSE, 1, 4)));
    List<Datagram.Spec> typed = new ArrayList<>(biflow);
    typed.add(enterprise(REVERSE, 32, 2));
    Octets record = addresses().u8(1).u16(8 << 8).u32(2).u32(168).u32(1).u32(84);
    collector.take(
        ipfix(0)
            .template(TEMPLATE, biflow)
            .template(257, typed)
            .data(TEMPLATE, record)
            .data(257, octets().add(record).u16(0)));
    String asked = "10.0.0.1:0 > 10.0.0.2:2048 1 2/168";
    assertEquals(
        List.of(
            asked, "10.0.0.2:0 > 10.0.0.1:2048 1 1/84", asked, "10.0.0.2:0 > 10.0.0.1:0 1 1/84"),
        collector.texts());
  }

  @Test
  void totals_of_both_ways_of_a_biflow_are_told_apart() {
    for (int i = 1; i <= 2; i++) {
      collector.take(
          ipfix(0)
              .template(
                  TEMPLATE,
                  ie(8, 4),
                  ie(12, 4),
                  ie(85, 8),
                  ie(86, 8),
                  enterprise(REVERSE, 85, 8),
                  enterprise(REVERSE, 86, 8))
              .data(TEMPLATE, addresses().u64(1000L * i).u64(10L * i).u64(500L * i).u64(5L * i)));
    }
    assertEquals(20 + 10, collector.packets());
    assertEquals(2000 + 1000, collector.bytes());
  }

  @Test
  void initiator_and_responder_octets_are_the_two_ways_of_a_flow() {
    collector.take(
        v9(1)
            .template(TEMPLATE, ie(8, 4), ie(12, 4), ie(231, 4), ie(232, 4))
            .data(TEMPLATE, addresses().u32(1000).u32(300)));
    assertEquals(
        List.of("10.0.0.1:0 > 10.0.0.2:0 0 0/1000", "10.0.0.2:0 > 10.0.0.1:0 0 0/300"),
        collector.texts());
  }

  @Test
  void a_counter_beyond_63_bits_is_rejected() {
    collector.take(
        ipfix(0)
            .template(TEMPLATE, fields())
            .data(
                TEMPLATE,
                record(10, 0x8000_0000_0000_0000L),
                record(0xffff_ffff_ffff_ffffL, 1500),
                record()));
    assertEquals(1, collector.flows.size());
    assertEquals(2, collector.drops(Drop.COUNTER_OVERFLOW));
  }

  @Test
  void a_32_bit_counter_that_is_stuck_at_its_end_is_rejected() {
    collector.take(v5(0).flow("10.0.0.1", 1, "10.0.0.2", 2, 6, 100_000, 0xffff_ffffL));
    assertEquals(1, collector.drops(Drop.IMPLAUSIBLE_VOLUME));
    assertEquals(0, collector.flows.size());
    collector.take(v5(1).flow("10.0.0.1", 1, "10.0.0.2", 2, 6, 100_000, 0xffff_fffeL));
    assertEquals(1, collector.flows.size(), "a byte less is a number");
  }

  @Test
  void impossible_bytes_per_packet_are_rejected() {
    collector.take(
        ipfix(0)
            .template(TEMPLATE, fields())
            .data(
                TEMPLATE,
                record(10, 10 * 20),
                record(10, 10 * 20 - 1),
                record(10, 10 * 65_575),
                record(10, 10 * 65_575 + 1),
                record(0, 1500),
                record(10, 0),
                record(1L << 62, 1L << 62),
                record((1L << 40) - 1, (1L << 40) * 32),
                record(1L << 40, (1L << 40) * 32)));
    assertEquals(3, collector.flows.size());
    assertEquals(6, collector.drops(Drop.IMPLAUSIBLE_VOLUME));
  }

  @Test
  void a_record_without_volume_is_counted_and_skipped() {
    collector.take(ipfix(0).template(TEMPLATE, fields()).data(TEMPLATE, record(0, 0)));
    assertEquals(1, collector.drops(Drop.NO_VOLUME));
    assertEquals(0, collector.flows.size());
  }

  private static Datagram directions() {
    return ipfix(0)
        .template(TEMPLATE, fields(ie(61, 1)))
        .data(TEMPLATE, record(1, 100).u8(0), record(2, 200).u8(1));
  }

  @Test
  void both_directions_count_unless_told_otherwise_and_are_told_apart() {
    collector.take(directions());
    assertEquals(3, collector.packets());
    assertEquals(1, collector.status().ingress());
    assertEquals(1, collector.status().egress());
  }

  @Test
  void counted_in_one_direction_only_a_packet_is_not_counted_twice() {
    NetflowSettings plain = NetflowSettings.PLAIN;
    Collector ingress =
        new Collector(
            new NetflowSettings(
                plain.sampling(),
                plain.samplingDefault(),
                NetflowSettings.Direction.INGRESS,
                plain.receiveBufferBytes(),
                plain.allowed(),
                plain.maxRateBits(),
                ExportCorrections.NONE));
    ingress.take(directions());
    assertEquals(1, ingress.packets());
    assertEquals(1, ingress.drops(Drop.OTHER_DIRECTION));
  }

  @Test
  void the_end_reason_says_whether_a_flow_is_over() {
    for (int reason = 0; reason <= 5; reason++) {
      Collector fresh = new Collector();
      fresh.take(
          ipfix(0).template(TEMPLATE, fields(ie(136, 1))).data(TEMPLATE, record().u8(reason)));
      assertEquals(reason == 1 || reason == 3, fresh.flow().ended(), "reason " + reason);
    }
  }

  @Test
  void exporters_that_are_not_allowed_are_counted_and_not_read() {
    NetflowSettings plain = NetflowSettings.PLAIN;
    Collector strict =
        new Collector(
            new NetflowSettings(
                plain.sampling(),
                plain.samplingDefault(),
                plain.direction(),
                plain.receiveBufferBytes(),
                List.of(IpPrefix.parse("192.0.2.0/24"), IpPrefix.parse("2001:db8::/32")),
                plain.maxRateBits(),
                ExportCorrections.NONE));
    Datagram datagram = v5(0).flow("10.0.0.1", 1, "10.0.0.2", 2, 6, 1, 60);
    strict.from("192.0.2.7", 1).take(datagram);
    strict.from("2001:db8::7", 1).take(datagram);
    strict.from("198.51.100.1", 1).take(datagram);
    assertEquals(2, strict.flows.size());
    assertEquals(1, strict.drops(Drop.EXPORTER_NOT_ALLOWED));
    assertFalse(strict.decoder.exporters().stream().anyMatch(e -> e.address().startsWith("198")));
  }

  @Test
  void the_status_of_an_exporter_says_what_came_of_it() {
    collector.take(
        ipfix(0)
            .exportedAt(Datagram.EXPORT_MILLIS + 7000)
            .template(TEMPLATE, fields())
            .options(257, 1, ie(149, 4), ie(41, 8))
            .data(TEMPLATE, record(), record(0, 0)));
    ExporterStatus status = collector.status();
    assertEquals(2, status.templates());
    assertEquals(1, status.records());
    assertEquals(1, status.datagrams());
    assertEquals(7, status.clockSkew().toSeconds());
    assertEquals(Datagram.EXPORT_MILLIS, status.lastSeen().toEpochMilli());
    assertEquals(1L, status.drops().get(Drop.NO_VOLUME));
    assertTrue(status.rateSince() != null && !status.rate().isSampled());
  }

  @Test
  void options_records_are_no_flows() {
    collector.take(
        ipfix(0)
            .options(257, 1, ie(149, 4), ie(1, 8), ie(2, 8), ie(8, 4), ie(12, 4))
            .data(257, octets().u32(1).u64(1500).u64(10).add(addresses())));
    assertEquals(0, collector.flows.size());
  }
}
