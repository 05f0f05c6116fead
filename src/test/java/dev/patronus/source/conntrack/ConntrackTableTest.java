package dev.patronus.source.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.Volume;
import dev.patronus.source.TotalsGrowth;
import dev.patronus.source.conntrack.ConntrackEntry.Counted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConntrackTableTest {
  private static final IpAddress CLIENT = IpAddress.parse("10.0.0.1");
  private static final IpAddress SERVER = IpAddress.parse("10.0.0.2");
  private static final int DYING = 1 << 9;

  private final ConntrackTable table = new ConntrackTable(1_000);
  private final List<FlowRecord> records = new ArrayList<>();

  private static FlowKey key(int port) {
    return FlowKey.of(CLIENT, port, SERVER, 443, FlowKey.TCP);
  }

  /// An entry that has carried so many packets of 100 bytes there, and as many of 1000 back.
  private static ConntrackEntry entry(int id, long there, long back) {
    return entry(id, 40_000 + id, there, back, 0);
  }

  private static ConntrackEntry entry(int id, int port, long there, long back, int status) {
    Counted counted = new Counted(new Volume(there, there * 100), new Volume(back, back * 1000));
    return new ConntrackEntry(id, 0, key(port), 0, status, Optional.of(counted));
  }

  private TotalsGrowth growth() {
    return (_, _, record) -> records.add(record);
  }

  private void dump(ConntrackEntry... entries) {
    dump(false, entries);
  }

  private void dump(boolean baseline, ConntrackEntry... entries) {
    table.begin(baseline);
    for (ConntrackEntry entry : entries) {
      table.present(entry, 1_000, 2_000, growth());
    }
    table.end();
  }

  private void destroyed(ConntrackEntry entry) {
    table.destroyed(entry, 1_000, 2_000, growth());
  }

  /// What was handed on since the last time: packets there and back.
  private List<Long> handedOn() {
    List<Long> packets = records.stream().map(FlowRecord::packets).toList();
    records.clear();
    return packets;
  }

  @Test
  void what_is_there_at_the_start_is_the_baseline() {
    dump(true, entry(1, 10, 20));
    assertEquals(List.of(), handedOn());
    dump(entry(1, 12, 25));
    assertEquals(List.of(2L, 5L), handedOn());
  }

  @Test
  void a_flood_of_entries_is_remembered_up_to_the_limit_and_the_rest_is_said() {
    ConntrackTable small = new ConntrackTable(3);
    small.begin(false);
    for (int i = 1; i <= 10; i++) {
      small.present(entry(i, 10, 20), 1_000, 2_000, growth());
    }
    small.end();
    assertEquals(3, small.size());
    assertEquals(7, small.beyond());
    assertEquals(6, handedOn().size());
    small.begin(false);
    for (int i = 1; i <= 10; i++) {
      small.destroyed(entry(i, 11, 22), 1_000, 2_000, growth());
    }
    assertEquals(
        List.of(1L, 2L, 1L, 2L, 1L, 2L, 11L, 22L),
        handedOn().subList(0, 8),
        "those that were not remembered count as a whole when they end");
  }

  @Test
  void an_entry_is_two_flows() {
    dump(true);
    dump(entry(1, 3, 4));
    assertEquals(
        List.of(
            new FlowRecord(key(40_001), 3, 300, 1_000, 2_000, false, false, null),
            new FlowRecord(key(40_001).reversed(), 4, 4_000, 1_000, 2_000, false, false, null)),
        records);
  }

  @Test
  void only_the_direction_that_has_carried_something_is_handed_on() {
    dump(true, entry(1, 10, 20));
    dump(entry(1, 11, 20));
    assertEquals(List.of(1L), handedOn());
    dump(entry(1, 11, 20));
    assertEquals(List.of(), handedOn());
  }

  @Test
  void a_short_flow_is_counted_from_its_end() {
    dump(true);
    destroyed(entry(1, 3, 4));
    assertEquals(List.of(3L, 4L), records.stream().map(FlowRecord::packets).toList());
    assertEquals(List.of(true, true), records.stream().map(FlowRecord::ended).toList());
  }

  @Test
  void the_end_of_a_known_flow_counts_what_is_new() {
    dump(true);
    dump(entry(1, 3, 4));
    handedOn();
    destroyed(entry(1, 5, 4));
    assertEquals(List.of(2L), handedOn());
  }

  @Test
  void an_end_while_the_baseline_is_taken_was_there_before() {
    table.begin(true);
    destroyed(entry(1, 100, 100));
    table.present(entry(2, 7, 7), 1_000, 2_000, growth());
    destroyed(entry(2, 8, 8));
    table.end();
    assertEquals(List.of(1L, 1L), handedOn());
  }

  @Test
  void ids_are_reused() {
    dump(true);
    dump(entry(1, 50, 50));
    destroyed(entry(1, 50, 50));
    handedOn();
    dump(entry(1, 3, 4));
    assertEquals(List.of(3L, 4L), handedOn());
  }

  @Test
  void a_counter_that_is_smaller_than_before_counts_from_0() {
    dump(true);
    dump(entry(1, 50, 50));
    handedOn();
    dump(entry(1, 3, 60));
    assertEquals(List.of(3L, 60L), handedOn());
  }

  @Test
  void two_entries_with_the_same_id_are_told_apart() {
    dump(true);
    dump(entry(1, 5000, 10, 10, 0), entry(1, 5001, 3, 3, 0));
    dump(entry(1, 5000, 10, 10, 0), entry(1, 5001, 3, 3, 0));
    assertEquals(List.of(10L, 10L, 3L, 3L), handedOn());
  }

  @Test
  void a_part_of_a_dump_that_is_older_than_an_end_counts_nothing() {
    dump(true);
    table.begin(false);
    destroyed(entry(1, 5, 5));
    table.present(entry(1, 4, 4), 1_000, 2_000, growth());
    table.end();
    assertEquals(List.of(5L, 5L), handedOn());
    assertEquals(0, table.size());
  }

  @Test
  void an_entry_that_is_dying_is_left_to_its_end() {
    dump(true);
    destroyed(entry(1, 5, 5));
    dump(entry(1, 40_001, 5, 5, DYING));
    assertEquals(List.of(5L, 5L), handedOn());
  }

  @Test
  void an_entry_that_one_dump_has_missed_is_still_known() {
    dump(true);
    dump(entry(1, 5, 5));
    dump();
    handedOn();
    dump(entry(1, 6, 5));
    assertEquals(List.of(1L), handedOn());
  }

  @Test
  void an_entry_that_is_gone_without_a_word_is_forgotten_and_told() {
    dump(true, entry(2, 1, 1));
    dump(entry(1, 5, 5));
    dump();
    dump();
    assertEquals(0, table.size());
    assertEquals(1, table.vanished(), "the one of the baseline has no events");
  }

  @Test
  void what_the_kernel_does_not_count_is_told() {
    dump(true);
    dump(
        new ConntrackEntry(1, 0, key(1), 0, 0, Optional.empty()),
        entry(2, 2, 1, 1, 1 << 14),
        entry(3, 3, 1, 1, 1 << 15));
    assertEquals(1, table.uncounted());
    assertEquals(2, table.offloaded());
  }

  @Test
  void what_went_by_over_a_restart_counts() {
    restore(entry(1, 10, 10));
    restore(entry(3, 10, 10));
    dump(true, entry(1, 12, 13), entry(2, 7, 7));
    assertEquals(List.of(2L, 3L), handedOn());
  }

  private void restore(ConntrackEntry entry) {
    Counted counted = entry.counted().orElseThrow();
    table.restore(entry.identity() | ConntrackEntry.REPLY, counted.reply());
    table.restore(entry.identity(), counted.original());
  }

  @Test
  void what_began_over_a_restart_counts_as_a_whole() {
    restore(entry(1, 10, 10));
    dump(false, entry(1, 10, 10), entry(2, 7, 8));
    assertEquals(List.of(7L, 8L), handedOn());
  }

  @Test
  void the_reply_to_a_ping_is_an_echo_reply() {
    FlowKey ping = FlowKey.of(CLIENT, 0, SERVER, 8 << 8, FlowKey.ICMP);
    Counted counted = new Counted(new Volume(1, 84), new Volume(1, 84));
    dump(true);
    destroyed(new ConntrackEntry(1, 0, ping, 0, 0, Optional.of(counted)));
    assertEquals(FlowKey.of(SERVER, 0, CLIENT, 0, FlowKey.ICMP), records.getLast().key());
  }

  @Test
  void a_clock_that_is_set_back_makes_no_flow_that_ends_before_it_starts() {
    dump(true);
    table.destroyed(entry(1, 1, 0), 9_000, 2_000, growth());
    assertEquals(2_000, records.getFirst().startMillis());
  }

  /// A kernel whose connections come, carry and go at random, and whose dumps are as late as real
  /// ones: all that was carried after the baseline is handed on, once.
  @Test
  void random_connections_are_counted_to_the_packet() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Map<Integer, Long> live = new HashMap<>();
    for (int port = 0; port < 20; port++) {
      live.put(port, (long) random.nextInt(1000));
    }
    table.begin(true);
    live.forEach((port, packets) -> present(port, packets));
    table.end();
    long carried = 0;
    for (int step = 0; step < 20_000; step++) {
      int port = random.nextInt(40);
      switch (random.nextInt(12)) {
        case 0 -> dumpWhileThingsHappen(random, live);
        case 1 -> {
          if (live.containsKey(port)) {
            destroyed(entry(port % 7, port, live.remove(port), 0, 0));
          }
        }
        default -> {
          int packets = 1 + random.nextInt(9);
          live.merge(port, (long) packets, Long::sum);
          carried += packets;
        }
      }
    }
    dumpWhileThingsHappen(random, live);
    long counted = records.stream().mapToLong(FlowRecord::packets).sum();
    assertEquals(carried, counted, "seed " + seed);
  }

  private void present(int port, long packets) {
    table.present(entry(port % 7, port, packets, 0, 0), 1_000, 2_000, growth());
  }

  /// Hands over a part of the table that was written before some of it ended.
  private void dumpWhileThingsHappen(Random random, Map<Integer, Long> live) {
    table.begin(false);
    Map.copyOf(live)
        .forEach((port, packets) -> {
          if (random.nextInt(10) == 0 && live.containsKey(port)) {
            destroyed(entry(port % 7, port, live.remove(port), 0, 0));
          }
          present(port, packets);
        });
    table.end();
  }

  @Test
  void the_limit_of_entries_follows_from_the_heap() {
    assertEquals(224_694, ConntrackTable.limit(192L << 20));
    assertEquals(10_000, ConntrackTable.limit(1 << 20));
    assertEquals(2_000_000, ConntrackTable.limit(8L << 30));
  }
}
