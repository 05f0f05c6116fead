package dev.patronus.source.netflow.exporter;

import static dev.patronus.source.netflow.Datagram.ie;
import static dev.patronus.source.netflow.Datagram.ipfix;
import static dev.patronus.source.netflow.Datagram.v9;
import static dev.patronus.source.netflow.Flows.TEMPLATE;
import static dev.patronus.source.netflow.Flows.addresses;
import static dev.patronus.source.netflow.Flows.fields;
import static dev.patronus.source.netflow.Flows.record;
import static dev.patronus.source.netflow.Octets.octets;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.source.netflow.Datagram;
import dev.patronus.source.netflow.Octets;
import dev.patronus.source.netflow.template.Collector;
import dev.patronus.source.netflow.template.Template;
import dev.patronus.source.netflow.wire.Drop;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/// How templates are learned, told apart, forgotten and remembered.
class TemplatesTest {
  private final Collector collector = new Collector();

  /// Another shape under the same id: packets and bytes change places.
  private static final List<Datagram.Spec> OTHER =
      List.of(ie(8, 4), ie(12, 4), ie(7, 2), ie(11, 2), ie(4, 1), ie(1, 8), ie(2, 8));

  private static Octets otherRecord() {
    return record(1500, 10);
  }

  @Test
  void templates_of_two_addresses_are_two_templates() {
    collector.from("192.0.2.1", 9).take(v9(1).template(TEMPLATE, fields()));
    collector.from("192.0.2.2", 9).take(v9(1).template(TEMPLATE, OTHER));
    collector.from("192.0.2.1", 9).take(v9(2).data(TEMPLATE, record()));
    collector.from("192.0.2.2", 9).take(v9(2).data(TEMPLATE, otherRecord()));
    assertEquals(20, collector.packets());
  }

  @Test
  void templates_of_two_ports_domains_and_versions_are_different_templates() {
    collector.from("192.0.2.1", 1).take(v9(1).template(TEMPLATE, fields()));
    collector.from("192.0.2.1", 2).take(v9(1).template(TEMPLATE, OTHER));
    collector.from("192.0.2.1", 1).take(v9(1).domain(7).template(TEMPLATE, OTHER));
    collector.from("192.0.2.1", 1).take(ipfix(0).template(TEMPLATE, OTHER));
    collector.from("192.0.2.1", 1).take(v9(2).data(TEMPLATE, record()));
    collector.from("192.0.2.1", 2).take(v9(2).data(TEMPLATE, otherRecord()));
    collector.from("192.0.2.1", 1).take(v9(2).domain(7).data(TEMPLATE, otherRecord()));
    collector.from("192.0.2.1", 1).take(ipfix(0).data(TEMPLATE, otherRecord()));
    assertEquals(40, collector.packets());
    assertEquals(6000, collector.bytes());
  }

  @Test
  void an_exporter_that_goes_on_from_another_port_is_understood_at_once() {
    collector.from("192.0.2.1", 1).take(v9(1).template(TEMPLATE, fields()));
    collector.from("192.0.2.1", 2).take(v9(2).data(TEMPLATE, record()));
    assertEquals(10, collector.packets());
  }

  @Test
  void ports_that_disagree_about_a_template_lend_it_to_nobody() {
    collector.from("192.0.2.1", 1).take(v9(1).template(TEMPLATE, fields()));
    collector.from("192.0.2.1", 2).take(v9(1).template(TEMPLATE, OTHER));
    collector.from("192.0.2.1", 3).take(v9(2).data(TEMPLATE, record()));
    assertEquals(0, collector.packets());
    collector.take(v9(3).template(TEMPLATE, fields()));
    assertEquals(10, collector.packets());
  }

  @Test
  void a_template_of_another_port_that_does_not_fit_is_not_borrowed() {
    collector.from("192.0.2.1", 1).take(v9(1).template(TEMPLATE, fields()));
    collector.from("192.0.2.1", 2).take(v9(1).data(TEMPLATE, record().u32(0).u32(0)));
    assertEquals(0, collector.flows.size());
    assertEquals(1, collector.status().pending());
  }

  @Test
  void of_the_same_id_the_last_definition_wins() {
    collector.take(v9(1).template(TEMPLATE, fields()).data(TEMPLATE, record()));
    collector.take(v9(2).template(TEMPLATE, OTHER).data(TEMPLATE, otherRecord()));
    assertEquals(20, collector.packets());
    assertEquals(1, collector.status().templates());
  }

  @Test
  void the_last_definition_wins_also_between_templates_and_options_templates() {
    collector.take(ipfix(0).template(TEMPLATE, fields()));
    collector.take(ipfix(0).options(TEMPLATE, 1, ie(149, 4), ie(34, 4)));
    collector.take(ipfix(0).data(TEMPLATE, octets().u32(0).u32(100)));
    assertEquals(0, collector.flows.size());
    collector.take(ipfix(1).template(TEMPLATE, fields()).data(TEMPLATE, record()));
    assertEquals(1000, collector.packets());
  }

  @Test
  void data_that_comes_before_its_template_waits_for_it() {
    collector.take(v9(1).data(TEMPLATE, record())).take(v9(2).data(TEMPLATE, record()));
    assertEquals(0, collector.packets());
    collector.after(30_000).take(v9(3).template(TEMPLATE, fields()));
    assertEquals(20, collector.packets());
    assertEquals(2, collector.status().pending());
    assertEquals(
        Datagram.EXPORT_MILLIS, collector.flows.getFirst().endMillis(), "the time that it came");
  }

  @Test
  void data_whose_template_never_comes_is_counted() {
    collector.take(v9(1).data(TEMPLATE, record()));
    assertEquals(0, collector.drops(Drop.NO_TEMPLATE));
    collector.after(PendingSets.TIMEOUT_MILLIS + 1);
    assertEquals(1, collector.drops(Drop.NO_TEMPLATE));
    collector.take(v9(2).template(TEMPLATE, fields()));
    assertEquals(0, collector.packets());
  }

  @Test
  void the_waiting_room_is_bounded_and_the_oldest_go() {
    collector.take(v9(0).template(999, fields())); // so that it is admitted
    for (int i = 0; i < PendingSets.MOST_SETS + 5; i++) {
      collector.take(v9(i).data(TEMPLATE, record()));
    }
    assertEquals(5, collector.drops(Drop.WAITING_ROOM_FULL));
    collector.take(v9(0).template(TEMPLATE, fields()));
    assertEquals(PendingSets.MOST_SETS, collector.flows.size());
  }

  @Test
  void the_waiting_room_is_bounded_in_bytes_too() {
    int size = 60_000;
    collector.take(v9(0).template(999, fields())); // so that it is admitted
    int fitting = PendingSets.MOST_BYTES / size;
    for (int i = 0; i < fitting + 3; i++) {
      collector.take(v9(i).data(TEMPLATE, octets().raw(new byte[size])));
    }
    assertEquals(3, collector.drops(Drop.WAITING_ROOM_FULL));
  }

  @Test
  void a_template_that_is_not_refreshed_expires() {
    collector.take(ipfix(0).template(TEMPLATE, fields()));
    collector.after(TemplateCache.LIFETIME_MILLIS + 1).take(ipfix(0).data(TEMPLATE, record()));
    assertEquals(0, collector.flows.size());
    collector.after(PendingSets.TIMEOUT_MILLIS + 1);
    assertEquals(1, collector.drops(Drop.TEMPLATE_EXPIRED));
  }

  @Test
  void a_refresh_prolongs_the_life_of_a_template() {
    collector.take(ipfix(0).template(TEMPLATE, fields()));
    collector.after(TemplateCache.LIFETIME_MILLIS).take(ipfix(0).template(TEMPLATE, fields()));
    collector.after(TemplateCache.LIFETIME_MILLIS).take(ipfix(0).data(TEMPLATE, record()));
    assertEquals(1, collector.flows.size());
  }

  @Test
  void what_met_an_expired_template_is_read_when_that_is_refreshed_soon() {
    collector.take(ipfix(0).template(TEMPLATE, fields()));
    collector.after(TemplateCache.LIFETIME_MILLIS + 1).take(ipfix(0).data(TEMPLATE, record()));
    collector.after(1000).take(ipfix(1).template(TEMPLATE, fields()));
    assertEquals(1, collector.flows.size());
  }

  @Test
  void a_withdrawn_template_is_forgotten_and_an_unknown_one_does_no_harm() {
    collector.take(ipfix(0).template(TEMPLATE, fields()).template(257, fields()));
    collector.take(ipfix(0).withdraw(2, TEMPLATE).withdraw(2, 999));
    assertEquals(1, collector.status().templates());
    collector.take(ipfix(0).data(TEMPLATE, record()).data(257, record()));
    assertEquals(1, collector.flows.size());
  }

  @Test
  void all_templates_of_a_kind_can_be_withdrawn() {
    collector.take(
        ipfix(0)
            .template(TEMPLATE, fields())
            .template(257, fields())
            .options(258, 1, ie(149, 4), ie(34, 4)));
    collector.take(ipfix(0).withdraw(2, 2));
    assertEquals(1, collector.status().templates());
    collector.take(ipfix(0).withdraw(3, 3));
    assertEquals(0, collector.status().templates());
  }

  @Test
  void several_templates_lie_in_one_set() {
    Octets two = octets().u16(300).u16(2).u16(8).u16(4).u16(12).u16(4);
    two.u16(301).u16(4).u16(8).u16(4).u16(12).u16(4).u16(1).u16(4).u16(2).u16(4);
    collector.take(v9(1).set(0, two).data(301, addresses().u32(1500).u32(10)));
    assertEquals(2, collector.status().templates());
    assertEquals(10, collector.packets());
  }

  @Test
  void a_template_with_too_many_fields_is_refused_and_the_next_one_read() {
    List<Datagram.Spec> many = Collections.nCopies(Template.MAX_FIELDS + 1, ie(210, 1));
    List<Datagram.Spec> most = Collections.nCopies(Template.MAX_FIELDS, ie(210, 1));
    collector.take(v9(1).template(300, many).template(301, most));
    assertEquals(1, collector.drops(Drop.TEMPLATE_TOO_LARGE));
    assertEquals(1, collector.status().templates());
  }

  @Test
  void templates_without_fields_or_length_or_with_reserved_ids_are_refused() {
    collector
        .take(v9(1).template(300))
        .take(ipfix(0).template(300, ie(8, 0), ie(12, 0)))
        .take(v9(1).template(255, ie(8, 4)))
        .take(v9(1).set(0, octets().u16(300).u16(9).u16(8).u16(4)))
        .take(v9(1).set(1, octets().u16(300).u16(3).u16(4).u32(0)));
    assertEquals(5, collector.drops(Drop.MALFORMED_TEMPLATE));
    assertEquals(0, collector.status().templates());
  }

  @Test
  void an_exporter_has_a_limited_number_of_templates_and_the_oldest_goes() {
    for (int id = 0; id < Exporter.MOST_TEMPLATES + 3; id++) {
      collector.after(1).take(v9(id).template(TEMPLATE + id, fields()));
    }
    assertEquals(Exporter.MOST_TEMPLATES, collector.status().templates());
    assertEquals(3, collector.drops(Drop.TEMPLATE_EVICTED));
    collector.take(v9(0).data(TEMPLATE, record()).data(TEMPLATE + 3, record()));
    assertEquals(1, collector.flows.size());
  }

  private Collector restarted() throws Exception {
    Collector next = new Collector();
    next.decoder.restore(collector.decoder.memory(collector.now()), next.now());
    return next;
  }

  @Test
  void templates_are_known_after_a_restart() throws Exception {
    collector.take(ipfix(0).domain(3).template(TEMPLATE, fields(ie(371, 65535))));
    Collector next = restarted();
    next.take(ipfix(0).domain(3).data(TEMPLATE, record().variable(new byte[7])));
    assertEquals(List.of("10.0.0.1:40000 > 10.0.0.2:443 6 10/1500"), next.texts());
  }

  @Test
  void sampling_rates_are_known_after_a_restart() throws Exception {
    collector.take(
        ipfix(0)
            .options(300, 1, ie(149, 4), ie(34, 4))
            .options(301, 1, ie(302, 4), ie(305, 4), ie(306, 4))
            .data(300, octets().u32(0).u32(50))
            .data(301, octets().u32(7).u32(2).u32(8))
            .template(TEMPLATE, fields())
            .template(257, fields(ie(302, 4))));
    Collector next = restarted();
    next.take(ipfix(0).data(TEMPLATE, record()).data(257, record().u32(7)));
    assertEquals(500 + 50, next.packets());
  }

  @Test
  void the_age_of_templates_survives_a_restart() throws Exception {
    collector.take(ipfix(0).template(TEMPLATE, fields()));
    Collector next = restarted().after(TemplateCache.LIFETIME_MILLIS + 1);
    next.take(ipfix(0).data(TEMPLATE, record()));
    assertEquals(0, next.flows.size());
  }

  @Test
  void what_is_worth_remembering_is_said_once() {
    Datagram datagram =
        ipfix(0)
            .template(TEMPLATE, fields())
            .options(300, 1, ie(149, 4), ie(34, 4))
            .data(300, octets().u32(0).u32(50));
    collector.take(datagram);
    assertTrue(collector.decoder.takeLearned());
    collector.take(datagram);
    assertEquals(false, collector.decoder.takeLearned());
  }

  @Test
  void a_clock_that_is_set_expires_nothing() {
    collector.take(ipfix(0).template(TEMPLATE, fields())).take(ipfix(0).data(257, record()));
    collector.clockSetBy(86_400_000L * 365);
    collector.take(ipfix(0).template(257, fields()).data(TEMPLATE, record()));
    assertEquals(2, collector.flows.size());
    collector.clockSetBy(-86_400_000L * 700).take(ipfix(0).data(TEMPLATE, record()));
    assertEquals(3, collector.flows.size());
  }

  @Test
  void the_time_between_two_runs_makes_templates_older() throws Exception {
    collector.take(ipfix(0).template(TEMPLATE, fields()));
    byte[] memory = collector.decoder.memory(collector.now());
    for (long pause : new long[] {-1000, 1000, TemplateCache.LIFETIME_MILLIS + 1}) {
      Collector next = new Collector().clockSetBy(pause);
      next.decoder.restore(memory, next.now());
      next.take(ipfix(0).data(TEMPLATE, record()));
      assertEquals(pause > 1000 ? 0 : 1, next.flows.size(), "after " + pause);
    }
  }

  private List<TemplateListing.Known> known() {
    return collector.decoder.templates().getFirst().templates();
  }

  @Test
  void a_template_is_shown_with_all_its_fields_counted_and_those_that_are_read_named() {
    collector.take(
        ipfix(0).template(TEMPLATE, List.of(ie(8, 4), ie(10, 4), ie(14, 4), ie(12, 4), ie(1, 8))));
    TemplateListing.Known template = known().getFirst();
    assertEquals(TemplateListing.Kind.DATA, template.kind());
    assertEquals(5, template.fields());
    assertEquals(24, template.recordBytes());
    assertEquals(
        List.of("sourceIPv4Address", "destinationIPv4Address", "octetDeltaCount"),
        template.elements());
  }

  @Test
  void a_restored_template_counts_its_fields_once_it_comes_again() throws Exception {
    collector.take(ipfix(0).template(TEMPLATE, fields()));
    Collector next = new Collector();
    next.decoder.restore(collector.decoder.memory(collector.now()), next.now());
    assertEquals(
        Template.UNKNOWN_FIELDS,
        next.decoder.templates().getFirst().templates().getFirst().fields());
    next.take(ipfix(0).template(TEMPLATE, fields()));
    assertEquals(
        fields().size(), next.decoder.templates().getFirst().templates().getFirst().fields());
  }

  @Test
  void data_that_waits_is_shown_with_the_template_that_it_waits_for() {
    collector.take(v9(1).data(TEMPLATE, record())).take(v9(2).data(TEMPLATE, record()));
    TemplateListing.Known missing = known().getFirst();
    assertEquals(TEMPLATE, missing.id());
    assertEquals(TemplateListing.Kind.MISSING, missing.kind());
    assertEquals(2, missing.waiting());
    assertEquals(2, collector.status().waiting());
    collector.take(v9(3).template(TEMPLATE, fields()));
    assertEquals(0, known().getFirst().waiting());
    assertEquals(0, collector.status().waiting());
  }

  @Test
  void the_ids_of_templates_that_never_came_are_kept_until_they_come() {
    collector.take(v9(1).data(TEMPLATE, record())).after(PendingSets.TIMEOUT_MILLIS + 1);
    assertEquals(List.of(TEMPLATE), collector.status().unknownTemplates());
    collector.take(v9(2).template(TEMPLATE, fields()));
    assertEquals(List.of(), collector.status().unknownTemplates());
  }

  @Test
  void the_ids_of_templates_that_data_does_not_fit_are_kept() {
    collector.take(v9(1).template(TEMPLATE, fields()));
    collector.take(v9(2).data(TEMPLATE, record().u32(7).u32(7)));
    collector.after(PendingSets.TIMEOUT_MILLIS + 1);
    assertEquals(List.of(TEMPLATE), collector.status().mismatchedTemplates());
  }

  @Test
  void the_template_of_which_most_records_were_dropped_is_named_with_its_elements() {
    collector.take(ipfix(0).domain(7).template(TEMPLATE, fields()).data(TEMPLATE, record(10, 5)));
    TemplateFault fault = collector.status().fault().orElseThrow();
    assertEquals(TEMPLATE, fault.template());
    assertEquals(7, fault.domain());
    assertEquals(1, fault.records());
    assertEquals(Drop.IMPLAUSIBLE_VOLUME, fault.why());
    assertEquals(
        List.of("octetDeltaCount", "packetDeltaCount"),
        fault.elements().stream().sorted().toList());
  }

  @Test
  void records_that_lose_nothing_are_no_fault_of_a_template() {
    collector.take(
        ipfix(0)
            .template(TEMPLATE, List.of(ie(230, 1), ie(8, 4), ie(12, 4)))
            .data(TEMPLATE, octets().u8(1).u32(1).u32(2)));
    assertEquals(1, collector.drops(Drop.NOTHING_NEW));
    assertTrue(collector.status().fault().isEmpty());
  }

  @Test
  void announced_rates_are_shown_by_domain_and_sampler() {
    collector.take(
        v9(1)
            .domain(3)
            .options(300, 1, ie(1, 4), ie(48, 1), ie(50, 4))
            .data(300, octets().u32(0).u8(9).u32(100)));
    assertEquals(
        List.of(new TemplateListing.Announced(3, 9L, new Rate(100, 1, Rate.Origin.SAMPLER))),
        collector.decoder.templates().getFirst().announced());
  }
}
