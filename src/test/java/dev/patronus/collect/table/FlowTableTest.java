package dev.patronus.collect.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.IpAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlowTableTest {
  private static final int TIMEOUT = 30;

  private static FlowTable table(int limit) {
    return new FlowTable(limit, Duration.ofSeconds(TIMEOUT), 42);
  }

  private static FlowKey key(int n) {
    return FlowKey.of(IpAddress.v4(n / 7), n % 7, IpAddress.v4(n), 443, n % 3);
  }

  private static int see(FlowTable table, FlowKey key, long packets, int tick) {
    int hash = table.hash(key);
    int entry = table.find(key, hash);
    if (entry == FlowTable.ABSENT) {
      entry = table.add(key, hash, tick, 1_000);
      table.assign(entry, (int) (key.dstLow() & 3), 1);
    }
    table.observe(entry, FlowRecord.at(1_000, key, packets, packets * 2), tick);
    return entry;
  }

  private record Model(long packets, int tick) {}

  @ParameterizedTest
  @CsvSource({"50, 1000000", "5000, 1000000", "60000, 1000000", "5000, 200", "3, 1"})
  void it_agrees_with_a_plain_map(int keys, int limit) {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    FlowTable table = table(limit);
    Map<FlowKey, Model> model = new HashMap<>();
    int tick = 0;
    for (int i = 0; i < (limit < keys ? 30_000 : 200_000); i++) {
      if (random.nextInt(200) == 0) {
        tick += random.nextInt(random.nextInt(100) == 0 ? 500 : 4);
        settle(table, model, tick);
      }
      FlowKey key = key((int) (random.nextDouble() * random.nextDouble() * keys));
      Model before = model.get(key);
      long packets = random.nextInt(100);
      int entry = see(table, key, packets, tick);
      if (before == null && model.size() == limit) {
        forgetEvicted(table, model);
      }
      model.put(key, new Model((before == null ? 0 : before.packets()) + packets, tick));
      assertEquals(model.get(key).packets(), table.packets(entry), () -> "seed " + seed);
      assertEquals(model.size(), table.size(), () -> "seed " + seed);
    }
    assertSame(table, model, seed);
    settle(table, model, tick + TIMEOUT + 1);
    assertEquals(0, table.size());
    assertEquals(0, table.active(0) + table.active(1) + table.active(2) + table.active(3));
  }

  private static void settle(FlowTable table, Map<FlowKey, Model> model, int tick) {
    while (!table.expire(tick, 100)) {
      // in small steps
    }
    model.values().removeIf(flow -> tick - flow.tick() > TIMEOUT);
  }

  private static void forgetEvicted(FlowTable table, Map<FlowKey, Model> model) {
    int oldest = Collections.min(model.values().stream().map(Model::tick).toList());
    FlowKey gone =
        model.keySet().stream()
            .filter(key -> table.find(key, table.hash(key)) == FlowTable.ABSENT)
            .findAny()
            .orElseThrow();
    assertEquals(oldest, model.remove(gone).tick());
  }

  private static void assertSame(FlowTable table, Map<FlowKey, Model> model, long seed) {
    int[] active = new int[4];
    int used = 0;
    for (int entry = 0; entry < table.entries(); entry++) {
      if (table.isUsed(entry)) {
        used++;
        FlowKey key = table.key(entry);
        assertEquals(model.get(key).packets(), table.packets(entry), () -> "seed " + seed);
        assertEquals(2 * model.get(key).packets(), table.bytes(entry), () -> "seed " + seed);
        active[table.slot(entry)]++;
      }
    }
    assertEquals(model.size(), used, () -> "seed " + seed);
    for (int slot = 0; slot < 4; slot++) {
      assertEquals(active[slot], table.active(slot), () -> "seed " + seed);
    }
  }

  @Test
  void a_flow_lives_through_its_timeout_and_not_longer() {
    FlowTable table = table(10);
    see(table, key(1), 1, 0);
    table.expire(TIMEOUT, 100);
    assertEquals(1, table.size());
    table.expire(TIMEOUT + 1, 100);
    assertEquals(0, table.size());
    assertEquals(1, table.expired());
  }

  @Test
  void a_step_looks_at_no_more_than_it_may() {
    FlowTable table = table(10_000);
    for (int n = 0; n < 5_000; n++) {
      see(table, key(n), 1, 0);
    }
    assertEquals(false, table.expire(TIMEOUT + 1, 100));
    assertEquals(4_900, table.size());
  }

  @Test
  void a_long_pause_is_one_step() {
    FlowTable table = table(10);
    see(table, key(1), 1, 0);
    assertTrue(table.expire(1_000_000_000, 100));
    assertEquals(0, table.size());
  }

  @Test
  void a_changed_assignment_moves_the_active_flow() {
    FlowTable table = table(10);
    int entry = see(table, key(4), 1, 0);
    assertEquals(1, table.active(0));
    table.assign(entry, 99, 2);
    assertEquals(0, table.active(0));
    assertEquals(1, table.active(99));
    assertEquals(2, table.generation(entry));
  }

  @Test
  void totals_of_a_flow_do_not_overflow() {
    FlowTable table = table(10);
    see(table, key(1), Long.MAX_VALUE / 2, 0);
    see(table, key(1), Long.MAX_VALUE / 2, 0);
    int entry = see(table, key(1), Long.MAX_VALUE / 2, 0);
    assertEquals(Long.MAX_VALUE, table.packets(entry));
  }

  @Test
  void limits_that_make_no_sense_are_refused() {
    assertThrows(IllegalArgumentException.class, () -> new FlowTable(0, Duration.ofSeconds(1), 1));
    assertThrows(IllegalArgumentException.class, () -> new FlowTable(1, Duration.ZERO, 1));
    assertThrows(IllegalArgumentException.class, () -> new FlowTable(1, Duration.ofDays(2), 1));
  }
}
