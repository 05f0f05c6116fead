package dev.patronus.source.pcap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.FlowSink;
import dev.patronus.flow.IpAddress;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CaptureProgressTest {
  /// The counters, as they outlive the process: of each input the number of records and the digest.
  private final Map<String, Counted> inputs = new HashMap<>();

  private static final class Counted implements FlowSink {
    private long counted;
    private long digest;
    private long packets;

    @Override
    public void accept(FlowRecord record) {
      counted++;
      digest = record.digest(digest);
      packets += record.packets();
    }

    @Override
    public long counted() {
      return counted;
    }

    @Override
    public long digest() {
      return digest;
    }

    @Override
    public void restart() {
      counted = 0;
      digest = 0;
    }
  }

  private final FlowSink source =
      new FlowSink() {
        @Override
        public void accept(FlowRecord record) {
          throw new AssertionError("not to the source itself");
        }

        @Override
        public FlowSink input(String name) {
          return inputs.computeIfAbsent(name, _ -> new Counted());
        }
      };

  private static FlowRecord record(int port) {
    FlowKey key = FlowKey.of(IpAddress.v4(1), port, IpAddress.v4(2), 53, FlowKey.UDP);
    return FlowRecord.at(1_000, key, 1, 100);
  }

  /// Reads a capture of packets with these ports, whose first has this time.
  private void read(long firstMillis, int from, int to) {
    CaptureProgress progress = new CaptureProgress("pcap:/a", source);
    for (int port = from; port < to; port++) {
      progress.accept(record(port), firstMillis + port - from);
    }
    progress.flush();
  }

  private long packets() {
    return inputs.values().stream().mapToLong(input -> input.packets).sum();
  }

  @Test
  void a_file_counts_once_and_what_it_has_grown_by_counts_then() {
    read(5, 0, 100);
    read(5, 0, 100);
    assertEquals(100, packets());
    read(5, 0, 130);
    assertEquals(130, packets());
  }

  @Test
  void a_file_that_begins_at_another_time_counts_from_its_beginning() {
    read(5, 0, 100);
    read(6, 0, 100);
    assertEquals(200, packets());
  }

  @Test
  void a_file_that_goes_on_in_another_way_counts_from_its_beginning_when_it_is_read_again() {
    read(5, 0, 100);
    CaptureProgress other = new CaptureProgress("pcap:/a", source);
    for (int port = 0; port < 99; port++) {
      other.accept(record(port), 5);
    }
    assertThrows(CaptureProgress.Other.class, () -> other.accept(record(7), 5));
    read(5, 0, 50);
    assertEquals(150, packets());
  }

  @Test
  void a_file_that_is_shorter_than_what_was_counted_has_nothing_new() {
    read(5, 0, 100);
    read(5, 0, 60);
    assertEquals(100, packets());
  }
}
