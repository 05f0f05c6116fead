package dev.patronus.source.netflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.FlowRecord;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.netflow.exporter.ExporterStatus;
import dev.patronus.source.netflow.template.Collector;
import dev.patronus.source.netflow.wire.Drop;
import java.io.IOException;
import java.util.Arrays;

/// Several datagrams in one input, each behind two bytes, and what holds for any of them.
///
/// ```text
/// datagram   what to do first (2 bits)  length (14 bits)  bytes
///            1: ten seconds pass   2: another port   3: another exporter
/// ```
///
/// Templates stay from one datagram to the next, so an input can teach the decoder and then use
/// what it was taught.
final class FuzzedDatagrams {
  /// What a decoder may remember here.
  private static final long BUDGET = 1 << 20;

  private static final int LENGTH = 0x3fff;

  private FuzzedDatagrams() {}

  /// An input of these datagrams, of one exporter.
  static byte[] of(Datagram... datagrams) {
    Octets input = Octets.octets();
    for (Datagram datagram : datagrams) {
      byte[] bytes = datagram.bytes();
      input.u16(bytes.length).raw(bytes);
    }
    return input.bytes();
  }

  /// Reads an input, all of whose datagrams are given this version.
  static void read(int version, byte[] input) {
    Collector collector = new Collector(BUDGET);
    int datagrams = 0;
    long bytes = 0;
    for (int at = 0; at + 2 <= input.length; ) {
      int word = (input[at] & 0xff) << 8 | (input[at + 1] & 0xff);
      int from = at + 2;
      int end = Math.min(input.length, from + (word & LENGTH));
      byte[] datagram = Arrays.copyOfRange(input, from, end);
      if (datagram.length >= 2) {
        datagram[0] = 0;
        datagram[1] = (byte) version;
      }
      prepare(collector, word >>> 14);
      collector.take(datagram);
      datagrams++;
      bytes += datagram.length;
      at = end;
    }
    check(collector, datagrams, bytes);
    checkRemembered(collector);
  }

  private static void prepare(Collector collector, int what) {
    switch (what) {
      case 1 -> collector.after(10_000);
      case 2 -> collector.from("192.0.2.1", 40_001);
      case 3 -> collector.from("192.0.2.2", 40_000);
      default -> {}
    }
  }

  private static void check(Collector collector, int datagrams, long bytes) {
    // A record has two addresses of 4 bytes at least, and may be of both ways.
    assertTrue(collector.flows.size() <= bytes / 8 * 2, "more flows than there is room for");
    for (FlowRecord flow : collector.flows) {
      assertTrue(flow.packets() >= 0 && flow.bytes() >= 0, "a negative volume");
      assertTrue(flow.packets() + flow.bytes() != 0, "a flow that carries nothing");
      // Of totals, the octets of one more packet may be told before that packet is.
      assertTrue(flow.packets() == 0 || flow.bytes() / flow.packets() <= 2 * 65_575, "impossible");
    }
    long heard = collector.decoder.exporters().stream().mapToLong(ExporterStatus::datagrams).sum();
    long refused = 0;
    for (Drop why : Drop.values()) {
      if (why.unit() == Drop.Unit.DATAGRAM) {
        refused += collector.drops(why);
      }
    }
    assertEquals(datagrams, heard + refused, "each datagram is received or dropped");
    long state = total(collector.metrics, "source_state_bytes");
    assertTrue(state >= 0 && state <= BUDGET, "the memory of exporters is " + state);
  }

  /// What a decoder writes for the next start, another one reads.
  private static void checkRemembered(Collector collector) {
    byte[] memory = collector.decoder.memory(collector.now());
    Collector next = new Collector(BUDGET);
    try {
      next.decoder.restore(memory, collector.now());
    } catch (IOException e) {
      throw new AssertionError("what was written is not read", e);
    }
    assertEquals(memory.length, next.decoder.memory(collector.now()).length, "what is remembered");
  }

  private static long total(Metrics metrics, String name) {
    return metrics.readings().stream()
        .filter(reading -> reading.series().name().equals(name))
        .mapToLong(Metrics.Reading::value)
        .sum();
  }
}
