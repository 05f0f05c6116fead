package dev.patronus.source.netflow.exporter;

import dev.patronus.metrics.Counter;
import dev.patronus.metrics.Metrics;
import dev.patronus.source.netflow.wire.Drop;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The counters of one exporter, in the metrics of the process.
///
/// A series is added to the metrics when its counter is first used, and removed by [#retire].
/// Counted by the decoder's thread; read by any.
public final class ExporterCounters {
  /// The `exporter` label of what comes from addresses that are not kept.
  public static final String UNKNOWN = "unknown";

  private final Metrics metrics;
  private final String source;
  private final String exporter;
  private final Counter datagrams;
  private final Counter records;
  private final Counter nothing = new Counter();
  private final Map<String, Counter> rare = new LinkedHashMap<>();
  private final Map<Drop, Counter> drops = new EnumMap<>(Drop.class);
  private volatile @Nullable Counter ingress;
  private volatile @Nullable Counter egress;

  public ExporterCounters(Metrics metrics, String source, String exporter) {
    this.metrics = metrics;
    this.source = source;
    this.exporter = exporter;
    datagrams = counter("source_datagrams_received");
    records = counter("source_records_decoded");
    var _ = rare("source_sequence_lost"); // its series is there from the start, also at zero
    if (exporter.equals(UNKNOWN)) {
      declareDrops();
    }
  }

  /// Shows the reasons of drops at zero before anything is dropped, so that the first drop is an
  /// increase; not where there are so many exporters that room must be left.
  void declareDrops() {
    if (metrics.hasRoom()) {
      for (Drop why : Drop.values()) {
        Counter _ = dropped(why);
      }
    }
  }

  private Counter counter(String name) {
    return metrics.counter(name, "source", source, "exporter", exporter);
  }

  private synchronized Counter rare(String name) {
    return rare.computeIfAbsent(name, this::counter);
  }

  /// Adds to a counter that most exporters never need.
  private void add(String name, long count) {
    if (count > 0) {
      rare(name).add(count);
    }
  }

  private synchronized long value(String name) {
    return rare.getOrDefault(name, nothing).value();
  }

  /// Counts what became no record.
  public void drop(Drop why, long count) {
    if (count > 0) {
      dropped(why).add(count);
    }
  }

  private synchronized Counter dropped(Drop why) {
    return drops.computeIfAbsent(
        why,
        _ ->
            metrics.counter(
                why.unit().metric(),
                "source",
                source,
                "exporter",
                exporter,
                "reason",
                why.reason()));
  }

  /// The reasons that occurred, and how often.
  synchronized Map<Drop, Long> drops() {
    Map<Drop, Long> counts = new EnumMap<>(Drop.class);
    drops.forEach((why, counter) -> {
      if (counter.value() > 0) {
        counts.put(why, counter.value());
      }
    });
    return counts;
  }

  Counter datagrams() {
    return datagrams;
  }

  /// Flow records handed on.
  public Counter records() {
    return records;
  }

  public void lost(long units) {
    add("source_sequence_lost", units);
  }

  long lost() {
    return value("source_sequence_lost");
  }

  public void restarts(long count) {
    add("source_sequence_restarts", count);
  }

  long restarts() {
    return value("source_sequence_restarts");
  }

  /// Counts a data set that has to wait for its template.
  public void waited() {
    add("source_sets_waited", 1);
  }

  long setsWaited() {
    return value("source_sets_waited");
  }

  /// Counts samples that an sFlow agent dropped itself.
  public void agentDropped(long samples) {
    add("source_agent_samples_dropped", samples);
  }

  long agentDropped() {
    return value("source_agent_samples_dropped");
  }

  /// Counts samples whose rate is not that of the growth of their pool.
  public void rateContradicted(long samples) {
    add("source_samples_rate_contradicted", samples);
  }

  long rateContradicted() {
    return value("source_samples_rate_contradicted");
  }

  public void samplerUnknown(long records) {
    add("source_records_sampler_unknown", records);
  }

  long samplerUnknown() {
    return value("source_records_sampler_unknown");
  }

  public void timesReplaced(long records) {
    add("source_records_times_replaced", records);
  }

  long timesReplaced() {
    return value("source_records_times_replaced");
  }

  /// Counts a record that says where it was seen (IE 61).
  public void seen(boolean goingOut) {
    Counter counter = goingOut ? egress : ingress;
    if (counter == null) {
      counter = rare(goingOut ? "source_records_egress" : "source_records_ingress");
      if (goingOut) {
        egress = counter;
      } else {
        ingress = counter;
      }
    }
    counter.increment();
  }

  long ingress() {
    return value("source_records_ingress");
  }

  long egress() {
    return value("source_records_egress");
  }

  /// Removes its series from the metrics; what they have counted goes into those of [#UNKNOWN], so
  /// that no sum becomes smaller.
  synchronized void retire() {
    retire("source_datagrams_received");
    retire("source_records_decoded");
    rare.keySet().forEach(this::retire);
    for (Drop why : drops.keySet()) {
      String name = why.unit().metric();
      long counted =
          metrics.remove(name, "source", source, "exporter", exporter, "reason", why.reason());
      metrics
          .counter(name, "source", source, "exporter", UNKNOWN, "reason", why.reason())
          .add(counted);
    }
  }

  private void retire(String name) {
    long counted = metrics.remove(name, "source", source, "exporter", exporter);
    metrics.counter(name, "source", source, "exporter", UNKNOWN).add(counted);
  }
}
