package dev.patronus.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private final Metrics metrics = new Metrics();

  private List<String> readings() {
    return metrics.readings().stream()
        .map(r -> r.series().name() + r.series().labels() + (r.monotonic() ? "+" : "=") + r.value())
        .toList();
  }

  @Test
  void a_counter_is_the_same_one_for_the_same_name_and_labels() {
    Counter counter = metrics.counter("dropped", "reason", "short");
    assertSame(counter, metrics.counter("dropped", "reason", "short"));
    counter.add(3);
    metrics.counter("dropped", "reason", "long").increment();
    assertEquals(3, metrics.count("dropped", "reason", "short"));
    assertEquals(1, metrics.count("dropped", "reason", "long"));
    assertEquals(4, metrics.total("dropped"));
  }

  @Test
  void the_order_of_labels_makes_no_other_series() {
    Counter counter = metrics.counter("dropped", "a", "1", "b", "2");
    assertSame(counter, metrics.counter("dropped", "b", "2", "a", "1"));
  }

  @Test
  void asking_for_a_count_makes_no_series() {
    assertEquals(0, metrics.count("dropped"));
    assertEquals(0, metrics.total("dropped"));
    assertEquals(List.of(), metrics.readings());
  }

  @Test
  void a_declared_counter_is_shown_at_zero() {
    metrics.declare("saved", "failed");
    assertEquals(List.of("failed{}+0", "saved{}+0"), readings());
  }

  @Test
  void readings_come_by_name_then_by_labels_and_tell_counters_from_gauges() {
    AtomicLong size = new AtomicLong(7);
    metrics.gauge("size", size::get);
    metrics.counter("dropped", "reason", "short").increment();
    metrics.counter("dropped", "reason", "long").add(2);
    assertEquals(
        List.of("dropped{reason=long}+2", "dropped{reason=short}+1", "size{}=7"), readings());
    size.set(8);
    assertEquals("size{}=8", readings().getLast());
  }

  @Test
  void a_later_gauge_of_the_same_name_replaces_the_one_before() {
    metrics.gauge("size", () -> 1);
    metrics.gauge("size", () -> 2);
    assertEquals(List.of("size{}=2"), readings());
  }

  @Test
  void a_removed_counter_tells_what_it_had_counted_and_begins_at_zero_when_made_again() {
    Counter before = metrics.counter("dropped");
    before.add(5);
    assertEquals(5, metrics.remove("dropped"));
    assertEquals(0, metrics.remove("dropped"));
    before.increment();
    assertEquals(0, metrics.counter("dropped").value());
  }

  @Test
  void beyond_the_limit_new_series_are_counted_together_under_other() {
    for (int i = 0; i < Metrics.LIMIT; i++) {
      metrics.counter("records", "exporter", "e" + i).increment();
    }
    metrics.counter("records", "exporter", "new").increment();
    metrics.counter("records", "exporter", "newer").increment();
    metrics.counter("records", "exporter", "e7").increment();
    assertEquals(2, metrics.count("records", "exporter", "other"));
    assertEquals(0, metrics.count("records", "exporter", "new"));
    assertEquals(2, metrics.count("records", "exporter", "e7"));
    assertEquals(Metrics.LIMIT + 3, metrics.total("records"));
    assertEquals(Metrics.LIMIT + 1, metrics.readings().size());
  }

  @Test
  void labels_that_are_not_pairs_are_refused() {
    assertThrows(IllegalArgumentException.class, () -> metrics.counter("dropped", "reason"));
  }

  @Test
  void the_labels_of_a_series_do_not_change_with_the_map_that_it_was_made_of() {
    Map<String, String> labels = new java.util.HashMap<>(Map.of("a", "1"));
    Metrics.Series series = new Metrics.Series("name", labels);
    labels.put("a", "2");
    assertEquals(Map.of("a", "1"), series.labels());
  }
}
