package dev.patronus.daemon.metrics;

import dev.patronus.alert.AlertState.Phase;
import dev.patronus.control.Reply;
import dev.patronus.daemon.alert.AlertEvaluator;
import dev.patronus.metrics.Metrics;
import dev.patronus.metrics.Metrics.Reading;
import dev.patronus.metrics.Metrics.Series;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.route.CacheStatistics;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/// Converts our counters to the Prometheus client's model, whose writer produces the text format.
///
/// Pure. Names get the prefix `patronus_`, and microseconds are shown in seconds; labels are only
/// those of policies, sources, caches and alerts, which are bounded.
public final class Exposition {
  private static final String PREFIX = "patronus_";
  private static final String MICROS = "_micros";
  private static final Map<String, String> HELP = help();

  private Exposition() {}

  /// What each name means, for the `# HELP` lines, by the name without its prefix and ending.
  static Map<String, String> help() {
    Map<String, String> texts = new HashMap<>();
    try (InputStream in = Exposition.class.getResourceAsStream("metrics.txt")) {
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        int blank = line.indexOf(' ');
        texts.put(line.substring(0, blank), line.substring(blank).strip());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return texts;
  }

  /// Writes all metrics in Prometheus' text format, one at a time; never more than one is in
  /// memory.
  ///
  /// @param lastSaved when this process last saved a snapshot; empty if it has not yet
  /// @param alerts the alerts as of the newest evaluation
  public static void write(
      OutputStream out,
      Metrics metrics,
      Reply.Stats stats,
      Optional<Instant> lastSaved,
      Map<String, CacheStatistics> caches,
      List<AlertEvaluator.View> alerts)
      throws IOException {
    List<PolicyTraffic> policies = stats.policies();
    Reply.Bucket unmatched = stats.unmatched();
    for (Map.Entry<String, List<Reading>> each : byName(metrics.readings()).entrySet()) {
      write(out, ofSeries(each.getKey(), each.getValue()));
    }
    write(out, counter("policy_packets", policies, PolicyTraffic::packets));
    write(out, counter("policy_bytes", policies, PolicyTraffic::bytes));
    write(out, flows(policies));
    write(out, counter("unmatched_packets", unmatched.packets()));
    write(out, counter("unmatched_bytes", unmatched.bytes()));
    write(out, gauge("unmatched_active_flows", unmatched.activeFlows()));
    if (lastSaved.isPresent()) {
      write(out, gauge("last_snapshot_timestamp_seconds", lastSaved.get().getEpochSecond()));
    }
    write(out, ofCaches("cache_hits", caches, CacheStatistics::hits));
    write(out, ofCaches("cache_misses", caches, CacheStatistics::misses));
    write(out, ofCaches("cache_evictions", caches, CacheStatistics::evictions));
    write(out, entries(caches));
    if (!alerts.isEmpty()) {
      write(out, ofAlerts("alert_firing", alerts, alert -> alert.phase() == Phase.FIRING));
      write(out, ofAlerts("alert_pending", alerts, alert -> alert.phase() == Phase.PENDING));
      write(out, ofAlerts("alert_silenced", alerts, AlertEvaluator.View::silenced));
    }
  }

  private static MetricSnapshot ofAlerts(
      String name, List<AlertEvaluator.View> alerts, Predicate<AlertEvaluator.View> state) {
    GaugeSnapshot.Builder gauge = gauge(name);
    for (AlertEvaluator.View alert : alerts) {
      gauge.dataPoint(
          GaugeDataPointSnapshot.builder()
              .labels(Labels.of("alert", alert.name()))
              .value(state.test(alert) ? 1 : 0)
              .build());
    }
    return gauge.build();
  }

  private static void write(OutputStream out, MetricSnapshot metric) throws IOException {
    PrometheusTextFormatWriter.create().write(out, new MetricSnapshots(metric));
  }

  private static CounterSnapshot.Builder counter(String name) {
    return CounterSnapshot.builder().name(PREFIX + name).help(HELP.get(name));
  }

  private static GaugeSnapshot.Builder gauge(String name) {
    return GaugeSnapshot.builder().name(PREFIX + name).help(HELP.get(name));
  }

  private static Map<String, List<Reading>> byName(List<Reading> readings) {
    Map<String, List<Reading>> byName = new LinkedHashMap<>();
    for (Reading reading : readings) {
      byName.computeIfAbsent(reading.series().name(), _ -> new ArrayList<>()).add(reading);
    }
    return byName;
  }

  static MetricSnapshot ofSeries(String name, List<Reading> readings) {
    if (readings.getFirst().monotonic()) {
      CounterSnapshot.Builder counter = counter(name);
      for (Reading reading : readings) {
        counter.dataPoint(
            CounterDataPointSnapshot.builder()
                .labels(labels(reading.series()))
                .value((double) reading.value())
                .build());
      }
      return counter.build();
    }
    boolean micros = name.endsWith(MICROS);
    GaugeSnapshot.Builder gauge = gauge(name);
    if (micros) {
      gauge.name(PREFIX + name.substring(0, name.length() - MICROS.length()) + "_seconds");
    }
    for (Reading reading : readings) {
      gauge.dataPoint(
          GaugeDataPointSnapshot.builder()
              .labels(labels(reading.series()))
              .value(micros ? reading.value() / 1e6 : (double) reading.value())
              .build());
    }
    return gauge.build();
  }

  private static Labels labels(Series series) {
    Labels.Builder labels = Labels.builder();
    new TreeMap<>(series.labels()).forEach(labels::label);
    return labels.build();
  }

  private static MetricSnapshot counter(
      String name, List<PolicyTraffic> policies, ToLongFunction<PolicyTraffic> value) {
    CounterSnapshot.Builder counter = counter(name);
    for (PolicyTraffic policy : policies) {
      counter.dataPoint(
          CounterDataPointSnapshot.builder()
              .labels(labels(policy))
              .value((double) value.applyAsLong(policy))
              .build());
    }
    return counter.build();
  }

  private static MetricSnapshot counter(String name, long value) {
    return counter(name)
        .dataPoint(CounterDataPointSnapshot.builder().value((double) value).build())
        .build();
  }

  private static MetricSnapshot gauge(String name, long value) {
    return gauge(name)
        .dataPoint(GaugeDataPointSnapshot.builder().value((double) value).build())
        .build();
  }

  private static MetricSnapshot flows(List<PolicyTraffic> policies) {
    GaugeSnapshot.Builder gauge = gauge("policy_active_flows");
    for (PolicyTraffic policy : policies) {
      gauge.dataPoint(
          GaugeDataPointSnapshot.builder()
              .labels(labels(policy))
              .value((double) policy.activeFlows())
              .build());
    }
    return gauge.build();
  }

  private static MetricSnapshot ofCaches(
      String name, Map<String, CacheStatistics> caches, ToLongFunction<CacheStatistics> value) {
    CounterSnapshot.Builder counter = counter(name);
    caches.forEach((cache, statistics) ->
        counter.dataPoint(
            CounterDataPointSnapshot.builder()
                .labels(Labels.of("cache", cache))
                .value((double) value.applyAsLong(statistics))
                .build()));
    return counter.build();
  }

  private static MetricSnapshot entries(Map<String, CacheStatistics> caches) {
    GaugeSnapshot.Builder gauge = gauge("cache_entries");
    caches.forEach((cache, statistics) ->
        gauge.dataPoint(
            GaugeDataPointSnapshot.builder()
                .labels(Labels.of("cache", cache))
                .value((double) statistics.entries())
                .build()));
    return gauge.build();
  }

  private static Labels labels(PolicyTraffic policy) {
    return Labels.of(
        "policy_id", Long.toUnsignedString(policy.policyId()), "policy", policy.name());
  }
}
