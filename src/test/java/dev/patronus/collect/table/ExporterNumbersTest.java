package dev.patronus.collect.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.FlowRecord;
import dev.patronus.flow.IpAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ExporterNumbersTest {
  private static final int MOST = 0xffff;

  private final ExporterNumbers numbers = new ExporterNumbers();

  private int take(IpAddress exporter) {
    int number = numbers.of(exporter);
    numbers.move(ExporterNumbers.NONE, number);
    return number;
  }

  private void release(int number) {
    numbers.move(number, ExporterNumbers.NONE);
  }

  @Test
  void an_exporter_has_one_number_while_a_flow_has_it() {
    IpAddress a = IpAddress.v4(1);
    int first = take(a);
    assertEquals(first, take(IpAddress.v4(1)));
    assertEquals(a, numbers.address(first));
    release(first);
    assertEquals(first, numbers.of(a));
    release(first);
    int other = take(IpAddress.v4(2));
    assertEquals(first, other, "given to another");
    assertEquals(IpAddress.v4(2), numbers.address(other));
  }

  @Test
  void a_number_that_was_given_to_another_is_not_remembered() {
    IpAddress a = IpAddress.v4(1);
    release(take(a));
    int again = take(a);
    assertEquals(a, numbers.address(again));
    release(again);
    int other = take(IpAddress.v4(2));
    assertNotEquals(other, numbers.of(a));
  }

  @Test
  void what_is_not_known_has_no_number() {
    assertEquals(ExporterNumbers.NONE, take(null));
    assertNull(numbers.address(ExporterNumbers.NONE));
  }

  @Test
  void beyond_the_limit_an_exporter_is_not_known_until_another_has_no_flows() {
    for (int i = 1; i <= MOST; i++) {
      assertEquals(i, take(IpAddress.v4(i)));
    }
    assertEquals(ExporterNumbers.NONE, take(IpAddress.v4(MOST + 1)));
    release(7);
    assertEquals(7, take(IpAddress.v4(MOST + 2)));
  }

  @Test
  void a_flow_that_ends_frees_its_exporter() {
    FlowTable table = new FlowTable(1, Duration.ofSeconds(30), 42);
    for (int i = 1; i <= MOST + 1; i++) {
      FlowKey key = FlowKey.of(IpAddress.v4(i), 1, IpAddress.v4(2), 443, 6);
      int entry = table.add(key, table.hash(key), 0, 0);
      IpAddress exporter = IpAddress.v4(i);
      table.observe(entry, new FlowRecord(key, 1, 100, 0, 0, false, false, exporter), 0);
      assertEquals(exporter, table.exporter(entry));
    }
  }
}
