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

import dev.patronus.source.netflow.Datagram;
import dev.patronus.source.netflow.Octets;
import dev.patronus.source.netflow.template.Collector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What is missing, by each version's own unit.
class SequenceGapsTest {
  private final Collector collector = new Collector();

  private static Datagram flows(long sequence, int count) {
    Datagram datagram = v5(sequence);
    for (int i = 0; i < count; i++) {
      datagram.flow("10.0.0.1", 1, "10.0.0.2", 2, 6, 1, 60);
    }
    return datagram;
  }

  private static Octets[] records(int count) {
    Octets[] records = new Octets[count];
    Arrays.fill(records, record());
    return records;
  }

  /// Lets the window go by, so that what is missing is lost.
  private void settleV9(long next) {
    for (int i = 0; i <= SequenceGaps.WINDOW + 1; i++) {
      collector.take(v9(next + i));
    }
  }

  private long lost() {
    return collector.status().lost();
  }

  @Test
  void v5_counts_flows() {
    collector.take(flows(0, 30)).take(flows(30, 7)).take(flows(37 + 12, 1));
    for (int i = 0; i <= SequenceGaps.WINDOW + 1; i++) {
      collector.take(flows(50 + i, 1));
    }
    assertEquals(12, lost());
  }

  @Test
  void v9_counts_packets() {
    collector.take(v9(1)).take(v9(2)).take(v9(5));
    settleV9(6);
    assertEquals(2, lost());
  }

  @Test
  void IPFIX_counts_data_records_and_not_templates() {
    collector.take(ipfix(0).template(TEMPLATE, fields()).data(TEMPLATE, records(3)));
    collector.take(ipfix(3).template(TEMPLATE, fields()));
    collector.take(ipfix(3).data(TEMPLATE, records(5)));
    collector.take(ipfix(8 + 4).data(TEMPLATE, records(2)));
    for (int i = 0; i <= SequenceGaps.WINDOW + 1; i++) {
      collector.take(ipfix(14 + i).data(TEMPLATE, records(1)));
    }
    assertEquals(4, lost());
  }

  @Test
  void in_IPFIX_options_are_data_records_too() {
    collector.take(
        ipfix(0)
            .options(300, 1, ie(149, 4), ie(34, 4))
            .template(TEMPLATE, fields())
            .data(300, octets().u32(0).u32(1))
            .data(TEMPLATE, records(2)));
    for (int i = 0; i <= SequenceGaps.WINDOW + 1; i++) {
      collector.take(ipfix(3 + i).data(TEMPLATE, records(1)));
    }
    assertEquals(0, lost());
  }

  @Test
  void a_number_wraps_at_32_bits() {
    collector.take(v9(0xffff_ffffL));
    settleV9(0);
    assertEquals(0, lost());
    Collector v5 = new Collector().take(flows(0xffff_fff0L, 30)).take(flows(14, 1));
    assertEquals(0, v5.status().restarts());
  }

  @Test
  void what_comes_late_within_the_window_was_not_lost() {
    collector.take(v9(1)).take(v9(2)).take(v9(4)).take(v9(5)).take(v9(3));
    settleV9(6);
    assertEquals(0, lost());
  }

  /// One that comes after so many of those that should have followed it.
  private static long lostIfLateBy(int datagrams) {
    Collector collector = new Collector().take(v9(1));
    for (int i = 0; i < datagrams; i++) {
      collector.take(v9(3 + i));
    }
    collector.take(v9(2));
    for (int i = 0; i <= SequenceGaps.WINDOW + 1; i++) {
      collector.take(v9(3 + datagrams + i));
    }
    return collector.status().lost();
  }

  @Test
  void the_window_ends_after_so_many_datagrams() {
    assertEquals(0, lostIfLateBy(SequenceGaps.WINDOW));
    assertEquals(1, lostIfLateBy(SequenceGaps.WINDOW + 1));
  }

  @Test
  void a_datagram_that_comes_twice_and_one_from_before_fill_no_gap() {
    collector.take(v9(10)).take(v9(12)).take(v9(12)).take(v9(9));
    settleV9(13);
    assertEquals(1, lost());
  }

  @Test
  void a_number_passes_the_middle_of_32_bits() {
    for (long number = 0x7fff_ffffL - 50; number < 0x8000_0000L + 50; number++) {
      collector.take(v9(number));
    }
    collector.take(v9(0x8000_0000L + 52));
    settleV9(0x8000_0000L + 53);
    assertEquals(2, lost());
    assertEquals(0, collector.status().restarts());
  }

  @Test
  void any_order_within_the_window_is_no_loss() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Long> numbers = new ArrayList<>();
    for (long block = 0; block < 100; block++) {
      List<Long> shuffled = new ArrayList<>();
      for (long i = 0; i < SequenceGaps.WINDOW / 2; i++) {
        shuffled.add(block * SequenceGaps.WINDOW / 2 + i);
      }
      Collections.shuffle(shuffled, random);
      numbers.addAll(shuffled);
    }
    collector.take(v9(0xffff_ffffL));
    numbers.forEach(number -> collector.take(v9(number)));
    settleV9(numbers.size());
    assertEquals(0, lost(), () -> "seed " + seed);
  }

  @Test
  void a_large_jump_either_way_is_a_restart_and_no_loss() {
    collector.take(v9(100_000_000)).take(v9(1)).take(v9(2)).take(v9(2_000_000_000));
    settleV9(2_000_000_001);
    assertEquals(0, lost());
    assertEquals(2, collector.status().restarts());
  }

  @Test
  void an_exporter_that_always_sends_the_same_number_loses_nothing() {
    for (int i = 0; i < 100; i++) {
      collector.take(flows(0, 3)).take(v9(0));
    }
    assertEquals(0, lost());
  }

  @Test
  void a_number_that_includes_its_own_records_and_skips_options_is_no_loss() {
    Random random = new Random(1);
    long sequence = 0;
    for (int i = 0; i < 200; i++) {
      int count = 1 + random.nextInt(20);
      sequence += count; // softflowd counts what it sends before it sends it
      Datagram datagram = ipfix(sequence).template(TEMPLATE, fields());
      if (i % 16 == 0) {
        datagram.options(300, 1, ie(149, 4), ie(34, 4)).data(300, octets().u32(0).u32(1));
      }
      collector.take(datagram.data(TEMPLATE, records(count)));
    }
    assertEquals(0, lost());
  }

  @Test
  void a_loss_is_seen_also_where_numbers_include_their_own_records() {
    Random random = new Random(1);
    long sequence = 0;
    for (int i = 0; i < 200; i++) {
      int count = 1 + random.nextInt(20);
      sequence += count;
      if (i == 100) {
        sequence += 17; // a datagram with 17 records that never came
      }
      collector.take(ipfix(sequence).template(TEMPLATE, fields()).data(TEMPLATE, records(count)));
    }
    assertEquals(17, lost());
  }

  @Test
  void streams_of_several_exporters_behind_one_address_are_numbered_apart() {
    for (int i = 0; i < 100; i++) {
      collector.from("192.0.2.1", 1).take(v9(i)).take(v9(500 + i).domain(1));
      collector.from("192.0.2.1", 2).take(v9(5000 + i));
    }
    assertEquals(0, lost());
    assertEquals(0, collector.status().restarts());
  }

  @Test
  void records_that_could_not_be_decoded_are_no_loss() {
    collector.take(ipfix(0).template(TEMPLATE, fields()).data(TEMPLATE, records(1)));
    collector.take(ipfix(1).data(TEMPLATE, records(1)).data(999, records(4)));
    for (int i = 0; i <= SequenceGaps.WINDOW + 1; i++) {
      collector.take(ipfix(6 + i).data(TEMPLATE, records(1)));
    }
    assertEquals(0, lost());
  }
}
