package dev.patronus.source.netflow.exporter;

import static dev.patronus.source.netflow.Datagram.ie;
import static dev.patronus.source.netflow.Datagram.ipfix;
import static dev.patronus.source.netflow.Datagram.v5;
import static dev.patronus.source.netflow.Datagram.v9;
import static dev.patronus.source.netflow.Flows.TEMPLATE;
import static dev.patronus.source.netflow.Flows.fields;
import static dev.patronus.source.netflow.Flows.record;
import static dev.patronus.source.netflow.Octets.octets;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.metrics.Metrics;
import dev.patronus.source.netflow.Datagram;
import dev.patronus.source.netflow.Octets;
import dev.patronus.source.netflow.template.Collector;
import dev.patronus.source.netflow.template.MemoryBudget;
import dev.patronus.source.netflow.template.Template;
import dev.patronus.source.netflow.wire.Drop;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What floods of datagrams do to the exporters that are there: nothing.
class FloodTest {
  private static final String EXPORTER = "192.0.2.1";
  private static final long MEGABYTE = 1 << 20;

  private final Collector collector = new Collector();

  /// Options that say 1 in 10, and a template.
  private void exporterIsKnown(Collector collector) {
    collector
        .from(EXPORTER, 9)
        .take(
            ipfix(0)
                .options(300, 1, ie(149, 4), ie(34, 4))
                .data(300, octets().u32(0).u32(10))
                .template(TEMPLATE, fields()));
  }

  private static String stranger(int i) {
    return "10." + (i >> 16 & 255) + "." + (i >> 8 & 255) + "." + (i & 255);
  }

  private static long state(Collector collector) {
    return collector.metrics.readings().stream()
        .filter(reading -> reading.series().name().equals("source_state_bytes"))
        .mapToLong(Metrics.Reading::value)
        .sum();
  }

  @Test
  void datagrams_of_addresses_of_which_nothing_decodes_displace_no_exporter() {
    exporterIsKnown(collector);
    for (int i = 0; i < 1100; i++) {
      collector.from(stranger(i), 9).take(v9(i)); // 20 bytes: a header alone
    }
    collector.from(EXPORTER, 9).take(ipfix(0).data(TEMPLATE, record(1, 100)));
    assertEquals(10, collector.packets(), "its template and its rate");
    assertEquals(1 + Exporters.MOST_CANDIDATES, collector.decoder.exporters().size());
    assertEquals(
        1100 - Exporters.MOST_CANDIDATES, collector.metrics.total("source_candidates_evicted"));
  }

  @Test
  void streams_of_which_nothing_decodes_take_no_more_than_the_budget() {
    Collector small = new Collector(MEGABYTE);
    for (int i = 0; i < 2_000; i++) {
      small.from(stranger(i % 100), 9).take(v9(0).domain(i / 100)); // 4 MB of streams
    }
    assertTrue(state(small) <= MEGABYTE, () -> state(small) + " bytes");
  }

  @Test
  void data_that_waits_is_displaced_by_no_data_of_addresses_that_nobody_knows() {
    collector.from(EXPORTER, 9).take(v9(0).template(999, fields()));
    collector.take(v9(1).data(TEMPLATE, record()));
    for (int i = 0; i < 2 * PendingSets.MOST_SETS; i++) {
      collector.from(stranger(i % 100), 9).take(v9(i).data(TEMPLATE, record()));
    }
    collector.from(EXPORTER, 9).take(v9(2).template(TEMPLATE, fields()));
    assertEquals(10, collector.packets());
  }

  @Test
  void exporters_that_send_displace_no_exporter_that_does_too() {
    exporterIsKnown(collector);
    for (int i = 0; i < Exporters.MOST_EXPORTERS + 100; i++) {
      collector.from(stranger(i), 9).take(v9(1).template(TEMPLATE, fields()));
    }
    collector.from(EXPORTER, 9).take(ipfix(0).data(TEMPLATE, record(1, 100)));
    assertEquals(10, collector.packets());
    assertEquals(Exporters.MOST_EXPORTERS + 101, collector.decoder.exporters().size());
    assertEquals(0, collector.metrics.total("source_exporters_evicted"));
  }

  @Test
  void what_an_exporter_sends_counts_also_where_there_is_no_room_to_keep_it() {
    for (int i = 0; i < Exporters.MOST_EXPORTERS; i++) {
      collector.from(stranger(i), 9).take(v5(1).flow("10.0.0.1", 1, "10.0.0.2", 2, 6, 1, 60));
    }
    collector.from(EXPORTER, 9).take(v9(1).template(TEMPLATE, fields()));
    collector.take(v9(2).data(TEMPLATE, record()));
    assertEquals(Exporters.MOST_EXPORTERS + 10, collector.packets());
  }

  @Test
  void an_exporter_that_was_silent_for_long_makes_room_and_so_do_its_series() {
    collector.from(EXPORTER, 9).take(v5(1).flow("10.0.0.1", 1, "10.0.0.2", 2, 6, 1, 60));
    collector.after(1).take(v5(2).flow("10.0.0.1", 1, "10.0.0.2", 2, 6, 0, 0));
    collector.after(Admissions.SILENCE_MILLIS);
    for (int i = 0; i < Exporters.MOST_EXPORTERS; i++) {
      collector.from(stranger(i), 9).take(v9(1).template(TEMPLATE, fields()));
    }
    assertEquals(1, collector.metrics.total("source_exporters_evicted"));
    assertEquals(
        0,
        collector.metrics.readings().stream()
            .filter(each -> EXPORTER.equals(each.series().labels().get("exporter")))
            .count());
    assertEquals(
        1,
        collector.metrics.count(
            "source_records_decoded", "source", "netflow", "exporter", ExporterCounters.UNKNOWN),
        "no sum becomes smaller");
    assertEquals(
        1,
        collector.metrics.count(
            "source_records_dropped",
            "source",
            "netflow",
            "exporter",
            ExporterCounters.UNKNOWN,
            "reason",
            "no_volume"));
  }

  private long reasonsOf(String exporter) {
    return collector.metrics.readings().stream()
        .filter(each -> each.series().labels().containsKey("reason"))
        .filter(each -> exporter.equals(each.series().labels().get("exporter")))
        .count();
  }

  @Test
  void each_reason_of_a_drop_is_shown_before_anything_is_dropped() {
    assertEquals(Drop.values().length, reasonsOf(ExporterCounters.UNKNOWN));
    exporterIsKnown(collector);
    assertEquals(Drop.values().length, reasonsOf(EXPORTER));
    assertEquals("[]", collector.drops());
  }

  @Test
  void the_reasons_of_many_exporters_leave_room_for_other_series() {
    for (int i = 0; i < Exporters.MOST_EXPORTERS; i++) {
      collector.from(stranger(i), 9).take(v5(1).flow("10.0.0.1", 1, "10.0.0.2", 2, 6, 1, 60));
    }
    assertTrue(collector.metrics.readings().size() < Metrics.LIMIT);
    collector.from(stranger(7), 9).take(v5(2).flow("10.0.0.1", 1, "10.0.0.2", 2, 6, 0, 0));
    assertEquals(
        1,
        collector.metrics.count(
            "source_records_dropped",
            "source",
            "netflow",
            "exporter",
            stranger(7),
            "reason",
            "no_volume"));
  }

  @Test
  void after_a_flood_of_addresses_a_new_exporter_has_series_of_its_own() {
    for (int i = 0; i < 20_000; i++) {
      collector.from(stranger(i), 9).take(v9(i).data(TEMPLATE, record()));
    }
    collector.from(EXPORTER, 9).take(v5(1).flow("10.0.0.1", 1, "10.0.0.2", 2, 6, 1, 60));
    assertEquals(
        1,
        collector.metrics.count(
            "source_records_decoded", "source", "netflow", "exporter", EXPORTER));
  }

  @Test
  void ports_and_domains_of_which_nothing_decodes_displace_none_that_does() {
    exporterIsKnown(collector);
    for (int i = 0; i < 1100; i++) {
      collector.from(EXPORTER, 1000 + i).take(ipfix(0).domain(i));
    }
    collector.from(EXPORTER, 9).take(ipfix(0).data(TEMPLATE, record(1, 100)));
    assertEquals(10, collector.packets());
  }

  @Test
  void ports_and_domains_that_send_templates_displace_none_that_sends() {
    exporterIsKnown(collector);
    for (int i = 0; i < 1100; i++) {
      collector.from(EXPORTER, 1000 + i).take(ipfix(0).domain(1 + i).template(TEMPLATE, fields()));
    }
    collector.from(EXPORTER, 9).take(ipfix(0).data(TEMPLATE, record(1, 100)));
    assertEquals(10, collector.packets());
    assertTrue(
        collector.status().templates()
            <= Exporter.MOST_STREAMS + Exporter.MOST_CANDIDATE_STREAMS + 2);
  }

  private static List<Datagram.Spec> manyThatAreRead() {
    List<Datagram.Spec> fields = new ArrayList<>(fields(ie(22, 4), ie(21, 4), ie(61, 1)));
    for (int i = 0; i < 20; i++) {
      fields.add(i, ie(371, 65535));
    }
    return fields;
  }

  @Test
  void templates_of_a_few_addresses_take_no_more_than_the_budget_and_cost_the_others_nothing() {
    Collector small = new Collector(MEGABYTE);
    exporterIsKnown(small);
    small.take(ipfix(0).data(TEMPLATE, record(1, 100)));
    for (int address = 0; address < 5; address++) {
      small.from(stranger(address), 9);
      for (int i = 0; i < 3000; i++) {
        small.take(ipfix(0).template(256 + i, manyThatAreRead()));
        assertTrue(state(small) <= MEGABYTE);
      }
    }
    small.from(EXPORTER, 9).take(ipfix(1).data(TEMPLATE, record(1, 100)));
    assertEquals(20, small.packets());
    assertTrue(small.drops(Drop.TEMPLATE_EVICTED) > 0);
    assertTrue(small.decoder.memory(small.now()).length <= MEGABYTE);
  }

  @Test
  void samplers_take_no_more_than_the_budget() {
    Collector small = new Collector(MEGABYTE);
    exporterIsKnown(small);
    small.take(ipfix(0).data(TEMPLATE, record(1, 100)));
    for (int address = 0; address < 50; address++) {
      small.from(stranger(address), 9);
      for (int domain = 0; domain < 20; domain++) {
        Octets rates = octets();
        for (int sampler = 0; sampler < 256; sampler++) {
          rates.u16(sampler).u32(100 + sampler);
        }
        small.take(ipfix(0).domain(domain).options(300, 1, ie(302, 2), ie(50, 4)).set(300, rates));
        assertTrue(state(small) <= MEGABYTE);
      }
    }
    small.from(EXPORTER, 9).take(ipfix(1).data(TEMPLATE, record(1, 100)));
    assertEquals(20, small.packets());
  }

  @Test
  void fields_that_are_not_read_take_no_memory() {
    List<Datagram.Spec> most = Collections.nCopies(Template.MAX_FIELDS, ie(210, 1));
    collector.take(v9(1).template(TEMPLATE, most));
    assertTrue(state(collector) < 4096, state(collector) + " bytes");
  }

  @Test
  void all_that_is_given_back_is_given_back_whole() {
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 300; i++) {
        collector
            .from(stranger(i), i)
            .take(
                ipfix(0)
                    .domain(i)
                    .template(TEMPLATE, fields())
                    .template(257, manyThatAreRead())
                    .options(300, 1, ie(302, 2), ie(50, 4))
                    .data(300, octets().u16(7).u32(50)))
            .take(ipfix(0).domain(i).withdraw(2, 2).withdraw(3, 3));
      }
    }
    assertEquals(300L * (MemoryBudget.STREAM_BYTES + MemoryBudget.SAMPLER_BYTES), state(collector));
  }

  @Test
  void a_definition_looks_at_no_set_that_waits_for_another() {
    collector.take(v9(0).template(999, fields()));
    for (int i = 0; i < PendingSets.MOST_SETS; i++) {
      collector.take(v9(i).data(TEMPLATE, octets().u32(i)));
    }
    Octets definitions = octets();
    for (int i = 0; i < 8100; i++) {
      definitions.u16(20_000 + i).u16(1).u16(8).u16(4);
    }
    collector.take(v9(0).set(0, definitions));
    assertEquals(0, collector.decoder.pendingSetsLooked());
  }

  @Test
  void a_set_that_cannot_be_read_is_looked_at_for_a_few_definitions_only() {
    collector.take(v9(0).template(999, fields()));
    for (int i = 0; i < 100; i++) {
      collector.take(v9(i).data(TEMPLATE, octets().u32(i)));
    }
    Octets definitions = octets();
    for (int i = 0; i < 8100; i++) {
      definitions.u16(TEMPLATE).u16(1).u16(8).u16(100 + i % 2);
    }
    collector.take(v9(0).set(0, definitions));
    assertTrue(
        collector.decoder.pendingSetsLooked() <= 100L * PendingSets.MOST_LOOKS,
        collector.decoder.pendingSetsLooked() + " looks");
    assertEquals(100, collector.drops(Drop.NO_TEMPLATE));
  }
}
