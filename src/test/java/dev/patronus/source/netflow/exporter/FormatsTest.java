package dev.patronus.source.netflow.exporter;

import static dev.patronus.source.netflow.Datagram.enterprise;
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
import dev.patronus.source.netflow.Flows;
import dev.patronus.source.netflow.Octets;
import dev.patronus.source.netflow.template.Collector;
import dev.patronus.source.netflow.wire.Drop;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How the three versions lie in their datagrams.
class FormatsTest {
  private static final String FLOW = "10.0.0.1:40000 > 10.0.0.2:443 6 10/1500";
  private final Collector collector = new Collector();

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replaceAll("\\s+|//.*", ""));
  }

  @Test
  void a_v5_datagram_byte_for_byte() {
    byte[] datagram =
        hex(
            """
            0005 0001 0036ee80 6553f100 00000000 00000001 00 00 0000
            0a000001 0a000002 00000000 0001 0002 0000000a 000005dc
            0036e8a4 0036ea98 9c40 01bb 00 18 06 00 0000 0000 18 18 0000
            """);
    assertEquals(List.of(FLOW), collector.take(datagram).texts());
  }

  @Test
  void a_v9_datagram_byte_for_byte() {
    byte[] datagram =
        hex(
            """
            0009 0002 0036ee80 6553f100 00000001 00000000
            0000 0024 0100 0007
              0008 0004  000c 0004  0007 0002  000b 0002  0004 0001  0002 0004  0001 0004
            0100 001c
              0a000001 0a000002 9c40 01bb 06 0000000a 000005dc  000000
            """);
    assertEquals(List.of(FLOW), collector.take(datagram).texts());
  }

  @Test
  void an_IPFIX_message_byte_for_byte() {
    byte[] datagram =
        hex(
            """
            000a 0056 6553f100 00000000 00000000
            0002 0028 0100 0007
              0008 0004  000c 0004  0007 0002  000b 0002  0004 0001  0002 0008
              8001 0004 00007473
            0100 001e
              0a000001 0a000002 9c40 01bb 06 000000000000000a 000005dc  00
            """);
    // Enterprise 29811's element 1 is not IANA's: no byte counter.
    assertEquals(List.of("10.0.0.1:40000 > 10.0.0.2:443 6 10/0"), collector.take(datagram).texts());
  }

  @Test
  void v5_v9_and_IPFIX_come_on_one_port_and_say_the_same() {
    collector
        .take(v5(1).flow("10.0.0.1", 40000, "10.0.0.2", 443, 6, 10, 1500))
        .take(v9(1).template(TEMPLATE, fields()).data(TEMPLATE, record()))
        .take(ipfix(0).template(TEMPLATE, fields()).data(TEMPLATE, record()));
    assertEquals(List.of(FLOW, FLOW, FLOW), collector.texts());
    assertEquals(List.of(5, 9, 10), collector.status().versions());
  }

  @Test
  void IPv6_flows_come_in_v9_and_IPFIX() {
    Octets record =
        octets().ip("2001:db8::1").ip("2001:db8::2").u16(53).u16(5353).u8(17).u32(2).u32(200);
    List<Datagram.Spec> fields =
        List.of(ie(27, 16), ie(28, 16), ie(7, 2), ie(11, 2), ie(4, 1), ie(2, 4), ie(1, 4));
    collector
        .take(v9(1).template(300, fields).data(300, record))
        .take(ipfix(0).template(300, fields).data(300, record));
    String flow = "2001:db8::1:53 > 2001:db8::2:5353 17 2/200";
    assertEquals(List.of(flow, flow), collector.texts());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void sets_are_read_with_and_without_padding(int padding) {
    collector.take(
        v9(1).padding(padding).template(TEMPLATE, fields()).data(TEMPLATE, record(), record()));
    assertEquals(2, collector.flows.size());
    assertEquals("[]", collector.drops());
  }

  @Test
  void a_template_and_its_data_in_the_same_packet_in_any_order() {
    collector.take(ipfix(0).data(TEMPLATE, record()).template(TEMPLATE, fields()));
    assertEquals(List.of(FLOW), collector.texts());
  }

  @Test
  void reduced_size_integers_and_odd_lengths_from_1_to_8_are_read() {
    for (int length = 1; length <= 8; length++) {
      long bytes = length == 1 ? 200 : 65_000;
      Collector fresh = new Collector();
      fresh.take(
          ipfix(0)
              .template(TEMPLATE, ie(8, 4), ie(12, 4), ie(2, length), ie(1, length))
              .data(TEMPLATE, Flows.addresses().number(2, length).number(bytes, length)));
      assertEquals(List.of("10.0.0.1:0 > 10.0.0.2:0 0 2/" + bytes), fresh.texts());
    }
  }

  @Test
  void a_counter_of_9_bytes_is_skipped_and_not_the_record() {
    collector.take(
        ipfix(0)
            .template(TEMPLATE, ie(8, 4), ie(12, 4), ie(1, 9), ie(2, 4), ie(23, 4))
            .data(TEMPLATE, Flows.addresses().raw(new byte[9]).u32(10).u32(1500)));
    assertEquals(List.of("10.0.0.1:0 > 10.0.0.2:0 0 10/1500"), collector.texts());
  }

  @Test
  void enterprise_elements_are_skipped_by_their_length_and_never_taken_for_IANAs() {
    collector.take(
        ipfix(0)
            .template(
                TEMPLATE,
                List.of(
                    enterprise(43874, 1, 8), // pmacct's tag
                    ie(8, 4),
                    ie(12, 4),
                    enterprise(43874, 3, 65535), // pmacct's label
                    ie(2, 8),
                    ie(1, 8)))
            .data(
                TEMPLATE,
                octets()
                    .u64(77)
                    .ip("10.0.0.1")
                    .ip("10.0.0.2")
                    .variable(new byte[] {1, 2, 3})
                    .u64(10)
                    .u64(1500)));
    assertEquals(List.of("10.0.0.1:0 > 10.0.0.2:0 0 10/1500"), collector.texts());
  }

  @Test
  void in_v9_the_high_bit_is_not_enterprise() {
    collector.take(
        v9(1)
            .template(TEMPLATE, fields(ie(0x8001, 4)))
            .data(TEMPLATE, record().u32(99), record().u32(99)));
    assertEquals(List.of(FLOW, FLOW), collector.texts());
  }

  @Test
  void variable_lengths_are_said_in_one_byte_or_in_three_and_padding_is_recognised() {
    collector.take(
        ipfix(0)
            .padding(3)
            .template(TEMPLATE, fields(ie(371, 65535)))
            .data(
                TEMPLATE,
                record().variable(),
                record().variable(new byte[254]),
                record().variable(new byte[255]),
                record().u8(255).u16(2).u16(0)));
    assertEquals(List.of(FLOW, FLOW, FLOW, FLOW), collector.texts());
    assertEquals("[]", collector.drops());
  }

  @Test
  void a_variable_field_that_runs_past_its_set_is_counted() {
    collector.take(
        ipfix(0)
            .template(TEMPLATE, fields(ie(371, 65535)))
            .data(TEMPLATE, record().variable(new byte[4]), record().u8(200)));
    assertEquals(List.of(FLOW), collector.texts());
    assertEquals(1, collector.drops(Drop.TRUNCATED));
  }

  @Test
  void what_a_datagram_has_beyond_its_IPFIX_message_is_not_read() {
    Octets message = octets().raw(ipfix(0).template(TEMPLATE, fields()).bytes());
    collector.take(message.add(octets().u16(TEMPLATE).u16(2)).bytes());
    assertEquals("[]", collector.drops());
  }

  @Test
  void a_record_of_both_families_is_of_the_one_that_is_not_empty() {
    Datagram datagram =
        ipfix(0)
            .template(TEMPLATE, ie(8, 4), ie(12, 4), ie(27, 16), ie(28, 16), ie(2, 4), ie(1, 4))
            .data(
                TEMPLATE,
                octets().ip("10.0.0.1").ip("10.0.0.2").ip("::").ip("::").u32(1).u32(60),
                octets().u32(0).u32(0).ip("::1").ip("::2").u32(1).u32(60));
    assertEquals(
        List.of("10.0.0.1:0 > 10.0.0.2:0 0 1/60", "::1:0 > ::2:0 0 1/60"),
        collector.take(datagram).texts());
  }

  @Test
  void records_without_addresses_or_of_an_odd_IP_version_are_counted_and_skipped() {
    collector.take(
        ipfix(0)
            .template(300, ie(56, 6), ie(80, 6), ie(2, 4), ie(1, 4)) // Ethernet only
            .template(301, fields(ie(60, 1)))
            .template(302, ie(8, 4), ie(2, 4), ie(1, 4))
            .data(300, octets().raw(new byte[12]).u32(1).u32(60))
            .data(301, record().u8(4), record().u8(6), record().u8(5), record().u8(4))
            .data(302, octets().ip("10.0.0.1").u32(1).u32(60)));
    assertEquals(List.of(FLOW, FLOW), collector.texts());
    assertEquals(4, collector.drops(Drop.NO_ADDRESSES));
  }

  @Test
  void the_type_and_code_of_ICMP_are_found_wherever_they_are() {
    Octets echo = octets().ip("10.0.0.1").ip("10.0.0.2");
    collector.take(v5(0).flow("10.0.0.1", 0, "10.0.0.2", 8 << 8, 1, 1, 84));
    collector.take(
        ipfix(0)
            .template(300, ie(8, 4), ie(12, 4), ie(4, 1), ie(32, 2), ie(2, 4), ie(1, 4))
            .template(
                301, ie(8, 4), ie(12, 4), ie(4, 1), ie(176, 1), ie(177, 1), ie(2, 4), ie(1, 4))
            .template(302, fields())
            .template(303, ie(8, 4), ie(12, 4), ie(4, 1), ie(2, 4), ie(1, 4))
            .template(304, ie(27, 16), ie(28, 16), ie(4, 1), ie(139, 2), ie(2, 4), ie(1, 4))
            .template(
                305, ie(27, 16), ie(28, 16), ie(4, 1), ie(178, 1), ie(179, 1), ie(2, 4), ie(1, 4))
            .data(300, octets().add(echo).u8(1).u16(0x0800).u32(1).u32(84))
            .data(301, octets().add(echo).u8(1).u8(8).u8(0).u32(1).u32(84))
            .data(302, octets().add(echo).u16(9).u16(0x0800).u8(1).u64(1).u64(84))
            .data(303, octets().add(echo).u8(1).u32(1).u32(84))
            .data(304, octets().ip("::1").ip("::2").u8(58).u16(0x8000).u32(1).u32(64))
            .data(305, octets().ip("::1").ip("::2").u8(58).u8(128).u8(0).u32(1).u32(64)));
    String v4 = "10.0.0.1:0 > 10.0.0.2:2048 1 1/84";
    String v6 = "::1:0 > ::2:32768 58 1/64";
    assertEquals(
        List.of(v4, v4, v4, v4, "10.0.0.1:0 > 10.0.0.2:0 1 1/84", v6, v6), collector.texts());
  }

  @Test
  void a_v5_datagram_that_has_not_the_length_of_the_records_it_counts_is_refused() {
    byte[] two =
        v5(0)
            .flow("10.0.0.1", 1, "10.0.0.2", 2, 6, 1, 60)
            .flow("10.0.0.1", 1, "10.0.0.2", 2, 6, 1, 60)
            .bytes();
    byte[] many = two.clone();
    many[2] = (byte) 0xff; // a header that counts 65,282 records
    collector
        .take(Arrays.copyOf(two, two.length - 1))
        .take(Arrays.copyOf(two, two.length + 1))
        .take(many)
        .take(v5(0));
    assertEquals(List.of(), collector.texts());
    assertEquals(4, collector.drops(Drop.CONTRADICTS_LENGTH));
    assertEquals(0, collector.drops(Drop.TRUNCATED));
  }

  @Test
  void a_v5_datagram_has_30_records_at_most() {
    Datagram datagram = v5(0);
    for (int i = 0; i < 30; i++) {
      datagram.flow("10.0.0.1", 1, "10.0.0.2", 2, 6, 1, 60);
    }
    collector.take(datagram);
    assertEquals(30, collector.flows.size());
    collector.take(datagram.flow("10.0.0.1", 1, "10.0.0.2", 2, 6, 1, 60));
    assertEquals(30, collector.flows.size());
    assertEquals(1, collector.drops(Drop.CONTRADICTS_LENGTH));
  }

  @Test
  void an_ICMP_type_and_code_of_0_is_a_value_and_no_reason_to_take_the_port() {
    Octets ping = octets().ip("10.0.0.1").ip("10.0.0.2");
    collector.take(
        ipfix(0)
            .template(300, ie(8, 4), ie(12, 4), ie(11, 2), ie(4, 1), ie(32, 2), ie(2, 4), ie(1, 4))
            .template(301, ie(8, 4), ie(12, 4), ie(11, 2), ie(4, 1), ie(176, 1), ie(2, 4), ie(1, 4))
            .data(300, octets().add(ping).u16(4711).u8(1).u16(0).u32(1).u32(84))
            .data(301, octets().add(ping).u16(4711).u8(1).u8(0).u32(1).u32(84)));
    String answer = "10.0.0.1:0 > 10.0.0.2:0 1 1/84";
    assertEquals(List.of(answer, answer), collector.texts());
  }

  @Test
  void zeros_after_the_last_set_are_padding() {
    collector
        .take(v9(1).template(TEMPLATE, fields()).raw(octets().raw(new byte[96])))
        .take(v9(2).data(TEMPLATE, record()).raw(octets().raw(new byte[41])))
        .take(ipfix(0).template(TEMPLATE, fields()).raw(octets().raw(new byte[8])))
        .take(ipfix(0).data(TEMPLATE, record()).raw(octets().raw(new byte[8])));
    assertEquals(List.of(FLOW, FLOW), collector.texts());
    assertEquals("[]", collector.drops());
  }

  @Test
  void zeros_with_something_after_them_are_no_padding() {
    collector.take(
        v9(1)
            .template(TEMPLATE, fields())
            .raw(octets().raw(new byte[96]))
            .data(TEMPLATE, record()));
    assertEquals(1, collector.drops(Drop.MALFORMED_SET));
  }

  @Test
  void an_IPFIX_length_that_is_too_short_for_its_sets_gives_way_to_the_length_of_the_datagram() {
    byte[] datagram =
        ipfix(0)
            .template(TEMPLATE, fields())
            .data(TEMPLATE, record())
            .data(TEMPLATE, record())
            .bytes();
    datagram[3] = (byte) (datagram[3] - 2);
    collector.take(datagram);
    assertEquals(List.of(FLOW, FLOW), collector.texts());
    assertEquals("[]", collector.drops());
  }

  @Test
  void what_follows_a_whole_IPFIX_message_is_not_read() {
    byte[] first = ipfix(0).template(TEMPLATE, fields()).data(TEMPLATE, record()).bytes();
    collector.take(
        octets().raw(first).u16(TEMPLATE).u16(4 + record().size()).add(record()).bytes());
    assertEquals(List.of(FLOW), collector.texts());
  }

  @Test
  void a_set_that_does_not_fit_its_template_waits_for_a_new_one() {
    collector.take(ipfix(0).template(TEMPLATE, ie(8, 4), ie(12, 4), ie(1, 4), ie(2, 4)));
    collector.take(ipfix(0).data(TEMPLATE, record(), record(), record()));
    assertEquals(List.of(), collector.texts());
    collector.take(ipfix(0).template(TEMPLATE, fields()));
    assertEquals(List.of(FLOW, FLOW, FLOW), collector.texts());
    assertEquals("[]", collector.drops());
  }

  @Test
  void a_set_that_never_fits_is_counted_as_one_that_does_not_fit() {
    collector.take(v9(1).template(TEMPLATE, fields()));
    collector.take(v9(2).data(TEMPLATE, record().u32(0)));
    collector.after(PendingSets.TIMEOUT_MILLIS + 1);
    assertEquals(List.of(), collector.texts());
    assertEquals(1, collector.drops(Drop.TEMPLATE_MISMATCH));
  }

  @Test
  void padding_of_IPFIX_may_be_longer_than_32_bits_but_is_zero() {
    collector.take(ipfix(0).template(TEMPLATE, fields()));
    collector.take(ipfix(0).padding(6).data(TEMPLATE, record()));
    assertEquals(List.of(FLOW), collector.texts());
    collector.take(ipfix(1).data(TEMPLATE, record().u32(0).u16(1)));
    assertEquals(1, collector.flows.size());
  }

  @Test
  void up_to_3_bytes_of_padding_may_have_any_value() {
    collector.take(
        v9(1).template(TEMPLATE, fields()).data(TEMPLATE, record().raw(new byte[] {1, 2, 3})));
    assertEquals(List.of(FLOW), collector.texts());
  }

  @Test
  void a_record_of_two_headers_is_a_flow_of_the_outer_one() {
    collector.take(
        ipfix(0)
            .template(
                TEMPLATE,
                ie(27, 16),
                ie(28, 16),
                ie(4, 1),
                ie(8, 4),
                ie(12, 4),
                ie(4, 1),
                ie(7, 2),
                ie(11, 2),
                ie(2, 4),
                ie(1, 4))
            .data(
                TEMPLATE,
                octets()
                    .ip("2001:db8::1")
                    .ip("2001:db8::2")
                    .u8(4)
                    .ip("10.0.0.1")
                    .ip("10.0.0.2")
                    .u8(6)
                    .u16(40000)
                    .u16(443)
                    .u32(1)
                    .u32(100)));
    assertEquals(List.of("2001:db8::1:0 > 2001:db8::2:0 4 1/100"), collector.texts());
  }

  @Test
  void other_versions_are_counted_and_make_no_exporter() {
    collector.take(octets().u16(8).raw(new byte[100]).bytes()).take(new byte[0]);
    assertEquals(1, collector.drops(Drop.UNKNOWN_VERSION));
    assertEquals(1, collector.drops(Drop.TOO_SHORT));
    assertEquals(List.of(), collector.decoder.exporters());
  }

  @Test
  void the_same_element_twice_means_the_first() {
    collector.take(
        ipfix(0)
            .template(TEMPLATE, fields(ie(1, 8), ie(8, 4)))
            .data(TEMPLATE, record().u64(1).ip("10.9.9.9")));
    assertEquals(List.of(FLOW), collector.texts());
  }
}
