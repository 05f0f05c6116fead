package dev.patronus.source.netflow;

import static dev.patronus.source.netflow.Datagram.enterprise;
import static dev.patronus.source.netflow.Datagram.ie;
import static dev.patronus.source.netflow.Datagram.ipfix;
import static dev.patronus.source.netflow.Datagram.v9;
import static dev.patronus.source.netflow.Flows.TEMPLATE;
import static dev.patronus.source.netflow.Octets.octets;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.source.ExportCorrections;
import dev.patronus.source.SourceUri;
import dev.patronus.source.netflow.template.Collector;
import dev.patronus.source.netflow.wire.Drop;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Which of the counters of a record are its traffic.
class CounterChoiceTest {
  private static final int CISCO = 9;
  private static final Datagram.Spec[] IN_AND_OUT = {
    ie(8, 4), ie(12, 4), ie(2, 4), ie(1, 4), ie(24, 4), ie(23, 4), ie(61, 1)
  };

  private final Collector collector = new Collector();

  private static Octets ends() {
    return octets().ip("192.0.2.10").ip("198.51.100.20");
  }

  private static Datagram inAndOut() {
    return v9(1)
        .template(TEMPLATE, IN_AND_OUT)
        .data(
            TEMPLATE,
            ends().u32(3).u32(180).u32(0).u32(0).u8(0),
            ends().u32(0).u32(0).u32(4).u32(240).u8(1),
            ends().u32(5).u32(300).u32(5).u32(300).u8(0));
  }

  @Test
  void what_went_out_counts_in_a_record_where_nothing_came_in() {
    collector.take(inAndOut());
    assertEquals(3 + 4 + 5, collector.packets());
    assertEquals(180 + 240 + 300, collector.bytes());
    assertEquals("[]", collector.drops());
  }

  @Test
  void records_of_the_direction_that_was_asked_for_count_by_what_went_out() {
    SourceUri uri = SourceUri.parse("netflow://127.0.0.1:2055?direction=egress");
    Collector egress =
        new Collector(
            NetflowSettings.of((SourceUri.Netflow) uri, List.of(), ExportCorrections.NONE));
    egress.take(inAndOut());
    assertEquals(List.of("192.0.2.10:0 > 198.51.100.20:0 0 4/240"), egress.texts());
    assertEquals(2, egress.drops(Drop.OTHER_DIRECTION));
  }

  @Test
  void a_total_does_not_count_beside_a_delta_that_is_zero() {
    collector.take(
        ipfix(0)
            .template(TEMPLATE, ie(8, 4), ie(12, 4), ie(2, 4), ie(1, 4), ie(86, 4), ie(85, 4))
            .data(TEMPLATE, ends().u32(0).u32(0).u32(10).u32(1000)));
    assertEquals(0, collector.packets());
    assertEquals(1, collector.drops(Drop.NO_VOLUME));
  }

  @Test
  void what_initiator_and_responder_sent_is_not_added_to_the_counters_of_the_record() {
    collector.take(
        ipfix(0)
            .template(
                TEMPLATE,
                ie(8, 4),
                ie(12, 4),
                ie(2, 4),
                ie(1, 4),
                ie(231, 4),
                ie(298, 4),
                ie(232, 4),
                ie(299, 4))
            .data(
                TEMPLATE,
                ends().u32(10).u32(1000).u32(600).u32(6).u32(200).u32(4),
                ends().u32(0).u32(0).u32(600).u32(6).u32(200).u32(4)));
    assertEquals(
        List.of(
            "192.0.2.10:0 > 198.51.100.20:0 0 10/1000",
            "192.0.2.10:0 > 198.51.100.20:0 0 6/600",
            "198.51.100.20:0 > 192.0.2.10:0 0 4/200"),
        collector.texts());
  }

  @Test
  void what_a_responder_sent_is_no_volume_without_what_the_initiator_sent() {
    collector.take(
        ipfix(0)
            .template(TEMPLATE, ie(8, 4), ie(12, 4), ie(232, 4))
            .data(TEMPLATE, ends().u32(300)));
    assertEquals(0, collector.flows.size());
    assertEquals(1, collector.drops(Drop.NO_VOLUME));
  }

  private static Datagram firewall() {
    return v9(1)
        .template(
            TEMPLATE,
            ie(148, 4),
            ie(8, 4),
            ie(12, 4),
            ie(7, 2),
            ie(11, 2),
            ie(4, 1),
            ie(233, 1),
            ie(231, 4),
            ie(232, 4));
  }

  private static Octets event(int connection, int event, long sent, long received) {
    return octets()
        .u32(connection)
        .add(ends())
        .u16(50_000 + connection)
        .u16(443)
        .u8(6)
        .u8(event)
        .u32(sent)
        .u32(received);
  }

  @Test
  void the_teardown_of_a_connection_counts_what_its_updates_have_not_told() {
    collector.take(
        firewall()
            .data(
                TEMPLATE,
                event(7, 1, 0, 0),
                event(7, 5, 100, 2000),
                event(7, 5, 50, 700),
                event(7, 2, 160, 2700),
                event(8, 2, 69, 14_178)));
    assertEquals(160 + 69 + 2700 + 14_178, collector.bytes());
    assertEquals(1 + 1, collector.drops(Drop.NOTHING_NEW), "its beginning, and one way of its end");
    assertEquals(0, collector.drops(Drop.NO_VOLUME));
  }

  @Test
  void a_connection_whose_number_is_used_again_begins_anew() {
    collector.take(
        firewall()
            .data(
                TEMPLATE,
                event(7, 5, 100, 0),
                event(7, 2, 100, 0),
                event(7, 5, 30, 0),
                event(7, 2, 40, 0)));
    assertEquals(100 + 40, collector.bytes());
  }

  @Test
  void the_rest_of_a_connection_is_implausible_if_its_packets_cannot_carry_its_bytes() {
    collector.take(
        v9(1)
            .template(TEMPLATE, ie(8, 4), ie(12, 4), ie(233, 1), ie(231, 4), ie(298, 4))
            .data(TEMPLATE, ends().u8(5).u32(1000).u32(10), ends().u8(2).u32(700_000).u32(11)));
    assertEquals(1000, collector.bytes());
    assertEquals(1, collector.drops(Drop.IMPLAUSIBLE_VOLUME));
  }

  @Test
  void connections_are_remembered_up_to_a_limit() {
    FirewallConnections connections = new FirewallConnections(new FirewallConnections.Store());
    for (int i = 0; i < FirewallConnections.LIMIT + 3; i++) {
      connections.take(i, 5, 1, 100);
    }
    assertEquals(FirewallConnections.LIMIT, connections.size());
    assertEquals(3, connections.takeEvicted());
  }

  @Test
  void payload_bytes_may_be_fewer_than_headers_would_be_and_mark_their_exporter() {
    collector.take(
        v9(1)
            .template(TEMPLATE, ie(8, 4), ie(12, 4), ie(231, 8), ie(232, 8), ie(298, 8), ie(299, 8))
            .data(
                TEMPLATE,
                ends().u64(300).u64(700_000).u64(500).u64(520),
                ends().u64(0).u64(1000).u64(3).u64(2)));
    assertEquals(
        List.of(
            "192.0.2.10:0 > 198.51.100.20:0 0 500/300",
            "198.51.100.20:0 > 192.0.2.10:0 0 520/700000",
            "192.0.2.10:0 > 198.51.100.20:0 0 3/0",
            "198.51.100.20:0 > 192.0.2.10:0 0 2/1000"),
        collector.texts());
    assertTrue(collector.status().payloadBytes());
    assertEquals("[]", collector.drops());
  }

  @Test
  void IP_bytes_do_not_mark_their_exporter() {
    collector.take(inAndOut());
    assertFalse(collector.status().payloadBytes());
  }

  @Test
  void client_and_server_are_source_and_destination_where_there_are_no_others() {
    Octets record = ends().u8(6).u16(49_376).u16(80).u64(9000).u64(12).u64(6208).u64(15);
    List<String> both =
        List.of(
            "192.0.2.10:49376 > 198.51.100.20:80 6 15/6208",
            "198.51.100.20:80 > 192.0.2.10:49376 6 12/9000");
    collector.take(
        ipfix(0)
            .template(
                TEMPLATE,
                enterprise(CISCO, 12_236, 4),
                enterprise(CISCO, 12_237, 4),
                ie(4, 1),
                enterprise(CISCO, 12_240, 2),
                enterprise(CISCO, 12_241, 2),
                ie(232, 8),
                ie(299, 8),
                ie(231, 8),
                ie(298, 8))
            .data(TEMPLATE, record));
    assertEquals(both, collector.texts());
    Collector ninth = new Collector();
    ninth.take(
        v9(1)
            .template(
                TEMPLATE,
                ie(45_004, 4),
                ie(45_005, 4),
                ie(4, 1),
                ie(45_008, 2),
                ie(45_009, 2),
                ie(232, 8),
                ie(299, 8),
                ie(231, 8),
                ie(298, 8))
            .data(TEMPLATE, record));
    assertEquals(both, ninth.texts());
  }

  @Test
  void a_vendors_element_gives_way_to_the_standard_one_wherever_that_is() {
    collector.take(
        ipfix(0)
            .template(
                TEMPLATE,
                enterprise(CISCO, 12_236, 4),
                enterprise(CISCO, 12_237, 4),
                ie(8, 4),
                ie(12, 4),
                ie(2, 4),
                ie(1, 4))
            .data(TEMPLATE, octets().ip("10.9.9.9").ip("10.9.9.8").add(ends()).u32(1).u32(60)));
    assertEquals(List.of("192.0.2.10:0 > 198.51.100.20:0 0 1/60"), collector.texts());
  }

  @Test
  void the_counters_of_vendors_count() {
    collector.take(
        ipfix(0)
            .template(
                TEMPLATE, ie(8, 4), ie(12, 4), enterprise(15_397, 3, 8), enterprise(15_397, 4, 8))
            .template(
                257,
                ie(2, 8),
                ie(1, 8),
                ie(8, 4),
                ie(12, 4),
                enterprise(3054, 176, 8),
                enterprise(3054, 177, 8))
            .data(TEMPLATE, ends().u64(60).u64(44))
            .data(257, octets().u64(0).u64(0).add(ends()).u64(625).u64(6)));
    assertEquals(
        List.of(
            "192.0.2.10:0 > 198.51.100.20:0 0 0/60",
            "198.51.100.20:0 > 192.0.2.10:0 0 0/44",
            "198.51.100.20:0 > 192.0.2.10:0 0 6/625"),
        collector.texts());
  }

  /// An IPv4 header and the ports behind it, of a packet of 1500 bytes.
  private static Octets packet() {
    return octets()
        .u16(0x4500)
        .u16(1500)
        .u16(1)
        .u16(0)
        .u8(64)
        .u8(17)
        .u16(0)
        .add(ends())
        .u16(5000)
        .u16(443)
        .u16(1480)
        .u16(0);
  }

  private static Octets frame() {
    return octets().raw(new byte[12]).u16(0x0800).add(packet());
  }

  @Test
  void a_packet_in_the_record_is_one_packet_times_the_rate() {
    collector
        .take(
            ipfix(0)
                .options(300, 1, ie(149, 4), ie(305, 4), ie(306, 4))
                .data(300, octets().u32(1).u32(1).u32(999))
                .template(TEMPLATE, ie(10, 4), ie(61, 1), ie(312, 2), ie(315, 65_535))
                .template(257, ie(313, 32)))
        .take(
            ipfix(1)
                .data(TEMPLATE, octets().u32(1).u8(0).u16(1514).variable(frame().bytes()))
                .data(257, packet().u32(0)));
    String flow = "192.0.2.10:5000 > 198.51.100.20:443 17 1000/1500000";
    assertEquals(List.of(flow, flow), collector.texts());
  }

  @Test
  void the_rate_of_a_packet_may_be_in_its_record() {
    collector.take(
        ipfix(0)
            .template(TEMPLATE, ie(305, 4), ie(306, 4), ie(315, 65_535))
            .data(TEMPLATE, octets().u32(1).u32(99).variable(frame().bytes())));
    assertEquals(100, collector.packets());
  }

  @Test
  void a_packet_that_is_not_IP_or_is_cut_off_is_counted() {
    collector.take(
        ipfix(0)
            .template(TEMPLATE, ie(315, 65_535))
            .data(
                TEMPLATE,
                octets().variable(new byte[60]),
                octets().variable(frame().bytes()),
                octets().variable(),
                octets().variable((byte) 1)));
    assertEquals(1, collector.flows.size());
    assertEquals(3, collector.drops(Drop.NO_ADDRESSES));
  }

  @Test
  void an_event_of_address_translation_loses_no_traffic() {
    collector.take(
        ipfix(0)
            .template(TEMPLATE, ie(8, 4), ie(225, 4), ie(12, 4), ie(4, 1), ie(230, 1), ie(323, 8))
            .template(TEMPLATE + 1, ie(8, 4), ie(225, 4), ie(361, 2), ie(362, 2), ie(230, 1))
            .template(TEMPLATE + 2, ie(8, 4), ie(12, 4), ie(1, 4), ie(2, 4), ie(230, 1))
            .data(
                TEMPLATE,
                octets()
                    .ip("10.0.0.1")
                    .ip("203.0.113.1")
                    .ip("198.51.100.20")
                    .u8(6)
                    .u8(4)
                    .u64(Datagram.EXPORT_MILLIS))
            .data(TEMPLATE + 1, octets().ip("10.0.0.1").ip("203.0.113.1").u16(1024).u16(2047).u8(6))
            .data(TEMPLATE + 2, ends().u32(0).u32(0).u8(4), ends().u32(300).u32(3).u8(4)));
    assertEquals(List.of("192.0.2.10:0 > 198.51.100.20:0 0 3/300"), collector.texts());
    assertEquals(3, collector.drops(Drop.NOTHING_NEW));
    assertEquals(0, collector.drops(Drop.NO_VOLUME));
  }
}
