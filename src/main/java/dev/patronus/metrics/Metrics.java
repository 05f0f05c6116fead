package dev.patronus.metrics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/// The counters and gauges of one process, by name and labels.
///
/// Safe from any thread. Bounded: beyond [#LIMIT] series, new ones are counted into a series of the
/// same name whose labels all read `other`.
public final class Metrics {
  /// The most series that one process keeps.
  public static final int LIMIT = 10_000;

  /// A series: its name in the field's words (`netflow_records_dropped`) and its labels in order of
  /// their names.
  public record Series(String name, Map<String, String> labels) {
    public Series {
      labels = Map.copyOf(labels);
    }
  }

  /// The value of a series when it was read.
  ///
  /// @param monotonic whether it is a counter; otherwise it is a gauge
  public record Reading(Series series, boolean monotonic, long value) {}

  private final Map<Series, Counter> counters = new ConcurrentHashMap<>();
  private final Map<Series, LongSupplier> gauges = new ConcurrentHashMap<>();

  /// The counter of this name and labels (`"reason", "no_template"`), made on first use.
  ///
  /// @throws IllegalArgumentException if the labels are not pairs
  public Counter counter(String name, String... labels) {
    Series series = new Series(name, pairs(labels));
    Counter known = counters.get(series);
    if (known != null) {
      return known;
    }
    Series bounded = counters.size() < LIMIT ? series : other(series);
    return counters.computeIfAbsent(bounded, _ -> new Counter());
  }

  /// Makes counters without labels, so that they are shown at zero before anything is counted: an
  /// increase from nothing to one is none to Prometheus.
  public void declare(String... names) {
    for (String name : names) {
      var _ = counter(name);
    }
  }

  /// Whether there is room for series that may never be needed: half of all are left for those that
  /// are.
  public boolean hasRoom() {
    return counters.size() < LIMIT / 2;
  }

  /// Registers a gauge that is read by `value`; a later one of the same name and labels replaces
  /// it.
  public void gauge(String name, LongSupplier value, String... labels) {
    Series series = new Series(name, pairs(labels));
    gauges.put(gauges.size() < LIMIT ? series : other(series), value);
  }

  /// Removes the counter of this name and labels, so that its series makes room for another; does
  /// nothing if there is none. Who still holds the counter counts into nothing.
  ///
  /// @return what it had counted; 0 if there was none
  public long remove(String name, String... labels) {
    Counter removed = counters.remove(new Series(name, pairs(labels)));
    return removed == null ? 0 : removed.value();
  }

  /// The current value of one counter; 0 if nothing was ever counted there.
  public long count(String name, String... labels) {
    Counter counter = counters.get(new Series(name, pairs(labels)));
    return counter == null ? 0 : counter.value();
  }

  /// The sum of all counters of this name, whatever their labels.
  public long total(String name) {
    return counters.entrySet().stream()
        .filter(entry -> entry.getKey().name().equals(name))
        .mapToLong(entry -> entry.getValue().value())
        .sum();
  }

  /// Everything there is, by name and then by labels.
  public List<Reading> readings() {
    List<Reading> readings = new ArrayList<>(counters.size() + gauges.size());
    counters.forEach((series, c) -> readings.add(new Reading(series, true, c.value())));
    gauges.forEach((series, g) -> readings.add(new Reading(series, false, g.getAsLong())));
    readings.sort(
        Comparator.comparing((Reading r) -> r.series().name())
            .thenComparing(r -> r.series().labels().toString()));
    return readings;
  }

  private static Map<String, String> pairs(String... labels) {
    return switch (labels.length) {
      case 0 -> Map.of();
      case 2 -> Map.of(labels[0], labels[1]);
      case 4 -> Map.of(labels[0], labels[1], labels[2], labels[3]);
      case 6 -> Map.of(labels[0], labels[1], labels[2], labels[3], labels[4], labels[5]);
      default ->
          throw new IllegalArgumentException(
              "labels must be up to three pairs of name and value, were " + labels.length);
    };
  }

  private static Series other(Series series) {
    Map<String, String> labels = new ConcurrentHashMap<>(series.labels());
    labels.replaceAll((_, _) -> "other");
    return new Series(series.name(), labels);
  }
}
