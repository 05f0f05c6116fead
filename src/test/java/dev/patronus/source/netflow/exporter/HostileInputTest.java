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
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.patronus.flow.IpAddress;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.netflow.Datagram;
import dev.patronus.source.netflow.template.Collector;
import dev.patronus.source.netflow.template.MemoryBudget;
import dev.patronus.source.netflow.wire.Drop;
import dev.patronus.source.netflow.wire.Timestamps;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What broken and hostile exporters send: it never throws, never loops, and is counted.
class HostileInputTest {
  private final Collector collector = new Collector();

  @Test
  void a_set_shorter_than_its_header_stops_the_packet_and_keeps_what_came_before() {
    for (int length = 0; length < 4; length++) {
      Collector fresh = new Collector();
      fresh.take(
          v9(1)
              .template(TEMPLATE, fields())
              .data(TEMPLATE, record())
              .raw(octets().u16(TEMPLATE).u16(length))
              .data(TEMPLATE, record()));
      assertEquals(1, fresh.flows.size());
      assertEquals(1, fresh.drops(Drop.MALFORMED_SET));
    }
  }

  @Test
  void a_set_that_runs_past_the_datagram_stops_the_packet() {
    collector.take(
        v9(1)
            .template(TEMPLATE, fields())
            .data(TEMPLATE, record())
            .raw(octets().u16(TEMPLATE).u16(200).add(record())));
    assertEquals(1, collector.flows.size());
    assertEquals(1, collector.drops(Drop.MALFORMED_SET));
  }

  @Test
  void reserved_sets_are_counted_and_skipped() {
    collector.take(
        v9(1).set(77, octets().u32(0)).template(TEMPLATE, fields()).data(TEMPLATE, record()));
    assertEquals(1, collector.flows.size());
    assertEquals(1, collector.drops(Drop.RESERVED_SET));
  }

  @Test
  void a_datagram_with_a_version_and_nothing_else_is_too_short() {
    for (int version : new int[] {5, 9, 10}) {
      collector.take(octets().u16(version).bytes());
    }
    assertEquals(3, collector.drops(Drop.TOO_SHORT));
  }

  private static List<Datagram> all() {
    return List.of(
        v5(7)
            .flow("10.0.0.1", 40000, "10.0.0.2", 443, 6, 10, 1500)
            .flow("10.0.0.2", 443, "10.0.0.1", 40000, 6, 10, 1500),
        v9(1)
            .template(TEMPLATE, fields(ie(22, 4), ie(21, 4), ie(61, 1)))
            .options(300, 1, ie(1, 4), ie(48, 1), ie(50, 4))
            .data(300, octets().u32(0).u8(1).u32(10))
            .data(TEMPLATE, record().u32(1).u32(2).u8(0), record().u32(1).u32(2).u8(1)),
        ipfix(0)
            .template(
                TEMPLATE,
                fields(ie(371, 65535), enterprise(29305, 1, 8), enterprise(9, 65535, 65535)))
            .options(300, 1, ie(149, 4), ie(160, 8), ie(34, 4))
            .data(300, octets().u32(0).u64(Datagram.EXPORT_MILLIS).u32(10))
            .data(
                TEMPLATE,
                record().variable(new byte[300]).u64(3000).variable(),
                record().variable(new byte[3]).u64(3000).variable(new byte[9]))
            .withdraw(2, TEMPLATE));
  }

  @Test
  void a_datagram_may_be_cut_off_at_every_byte() {
    for (Datagram datagram : all()) {
      byte[] whole = datagram.bytes();
      for (int length = 0; length <= whole.length; length++) {
        collector.from("192.0.2." + length % 256, 1).take(Arrays.copyOf(whole, length));
      }
    }
    assertTrue(collector.flows.size() > 0);
  }

  @Test
  void a_datagram_in_a_longer_buffer_is_read_to_its_length_and_no_further() {
    for (Datagram datagram : all()) {
      byte[] whole = datagram.bytes();
      for (int length = 0; length < whole.length; length++) {
        Collector cut = new Collector().take(Arrays.copyOf(whole, length));
        Collector longer = new Collector();
        longer.decoder.decode(
            Datagram.EXPORTER, 40000, whole, length, longer.now(), longer.flows::add);
        assertEquals(cut.flows, longer.flows);
      }
    }
  }

  @Test
  void any_byte_of_a_datagram_may_be_any_other() {
    for (Datagram datagram : all()) {
      byte[] whole = datagram.bytes();
      for (int at = 0; at < whole.length; at++) {
        for (int value : new int[] {0, 1, 3, 0x7f, 0x80, 0xff}) {
          byte[] changed = whole.clone();
          changed[at] = (byte) value;
          collector.from("192.0.2." + at % 256, 1).take(changed);
          collector.flows.clear();
        }
      }
    }
  }

  @Test
  void random_bytes_never_throw_and_what_is_kept_is_bounded() {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    List<byte[]> valid = all().stream().map(Datagram::bytes).toList();
    for (int i = 0; i < 40_000; i++) {
      byte[] datagram = i % 2 == 0 ? noise(random) : damaged(random, valid);
      IpAddress sender = IpAddress.v4(random.nextInt(2000));
      try {
        collector.decoder.decode(
            sender,
            random.nextInt(300),
            datagram,
            datagram.length,
            new Timestamps(Datagram.EXPORT_MILLIS + i, i),
            flow -> {});
      } catch (RuntimeException e) {
        fail("seed " + seed + ", datagram " + i, e);
      }
    }
    List<ExporterStatus> exporters = collector.decoder.exporters();
    assertTrue(exporters.size() <= Exporters.MOST_EXPORTERS + Exporters.MOST_CANDIDATES);
    long state =
        collector.metrics.readings().stream()
            .filter(reading -> reading.series().name().equals("source_state_bytes"))
            .mapToLong(Metrics.Reading::value)
            .sum();
    assertTrue(state >= 0, "seed " + seed);
    assertTrue(
        state <= MemoryBudget.ofHeap(Runtime.getRuntime().maxMemory(), 1).limit(), "seed " + seed);
  }

  @Test
  void no_datagram_tells_of_more_flows_than_it_has_room_for() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<byte[]> valid = all().stream().map(Datagram::bytes).toList();
    for (int i = 0; i < 20_000; i++) {
      byte[] datagram = i % 2 == 0 ? noise(random) : damaged(random, valid);
      Collector fresh = new Collector().take(datagram);
      // A record has two addresses of 4 bytes at least, and may be of both ways.
      assertTrue(fresh.flows.size() <= datagram.length / 8 * 2, "seed " + seed + ", " + i);
      assertTrue(
          fresh.flows.stream()
              .allMatch(flow ->
                  flow.packets() >= 0 && flow.bytes() >= 0 && flow.bytes() + flow.packets() > 0),
          "seed " + seed + ", " + i);
    }
  }

  private static byte[] noise(Random random) {
    byte[] datagram = new byte[random.nextInt(200)];
    random.nextBytes(datagram);
    if (datagram.length > 20) {
      datagram[0] = 0;
      datagram[1] = new byte[] {5, 9, 10}[random.nextInt(3)];
      int set = datagram[1] == 10 ? 16 : 20;
      datagram[set] = (byte) random.nextInt(2); // often a set that means something
      datagram[set + 2 < datagram.length ? set + 2 : set] = 0;
    }
    return datagram;
  }

  private static byte[] damaged(Random random, List<byte[]> valid) {
    byte[] datagram = valid.get(random.nextInt(valid.size())).clone();
    for (int i = random.nextInt(8); i >= 0; i--) {
      datagram[random.nextInt(datagram.length)] = (byte) random.nextInt(256);
    }
    return datagram;
  }

  @Test
  void a_damaged_memory_is_refused_and_never_throws_anything_else() {
    Collector full = new Collector();
    all().forEach(full::take);
    byte[] memory = full.decoder.memory(full.now());
    Random random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      byte[] damaged = Arrays.copyOf(memory, random.nextInt(memory.length + 1));
      for (int j = random.nextInt(4); j > 0 && damaged.length > 0; j--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      try {
        new Collector().decoder.restore(damaged, full.now());
      } catch (IOException _) {
        // Refused: that is what it should be.
      }
    }
    assertThrows(IOException.class, () -> new Collector().decoder.restore(new byte[3], full.now()));
  }

  @Test
  void a_template_that_fills_a_datagram_and_data_that_fits_it_not_at_all_do_no_harm() {
    collector.take(
        v9(1)
            .template(TEMPLATE, ie(8, 65535), ie(12, 65535), ie(1, 65535))
            .data(TEMPLATE, record()));
    assertEquals(0, collector.flows.size());
  }
}
