package dev.patronus.daemon;

import dev.patronus.daemon.source.SourceSupervisor;
import dev.patronus.flow.Snapshot.PolicyTotal;
import dev.patronus.json.Json;
import dev.patronus.metrics.Metrics;
import dev.patronus.metrics.Metrics.Reading;
import dev.patronus.source.Health;
import dev.patronus.source.conntrack.ConntrackCheck;
import dev.patronus.source.conntrack.ConntrackSource;
import dev.patronus.source.netflow.DatagramSource;
import dev.patronus.source.netflow.exporter.ExporterStatus;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The document of the `status` request, which `doctor` evaluates, too.
///
/// Pure.
final class StatusReport {
  private final Json.Builder json = Json.object();

  StatusReport process(Instant now, Instant started, String database, String version) {
    json.put("as_of", now.toString())
        .put("pid", ProcessHandle.current().pid())
        .put("version", version)
        .put("started_at", started.toString())
        .put("database", database);
    return this;
  }

  /// @param live whether all threads work
  StatusReport live(boolean live) {
    json.put("live", live);
    return this;
  }

  /// @param address the address of the metrics page; empty if there is none
  StatusReport metricsListen(Optional<InetSocketAddress> address) {
    address.ifPresentOrElse(
        at -> json.put("metrics_listen", at.getAddress().getHostAddress() + " " + at.getPort()),
        () -> json.putNull("metrics_listen"));
    return this;
  }

  /// @param notReadyReason why the daemon is not ready; empty if it is
  StatusReport ready(Optional<String> notReadyReason) {
    json.put("ready", notReadyReason.isEmpty());
    notReadyReason.ifPresent(why -> json.put("not_ready_because", why));
    return this;
  }

  /// The problem with the heap size, and its remedy; no members if there is none.
  StatusReport heap(HeapPlan plan) {
    if (!plan.fits()) {
      json.put("heap_trouble", plan.problem()).put("heap_remedy", plan.remedy());
    }
    return this;
  }

  /// @param future the stamp of the newest row, if a wrong clock stamped it in the future
  StatusReport keeping(
      Optional<Instant> lastSaved, Optional<String> trouble, Optional<Instant> future) {
    lastSaved.ifPresentOrElse(
        at -> json.put("last_snapshot", at.toString()), () -> json.putNull("last_snapshot"));
    trouble.ifPresentOrElse(
        text -> json.put("snapshot_trouble", text), () -> json.putNull("snapshot_trouble"));
    future.ifPresentOrElse(
        at -> json.put("future_snapshot", at.toString()), () -> json.putNull("future_snapshot"));
    return this;
  }

  StatusReport counting(
      int policies,
      long packets,
      long activeFlows,
      PolicyTotal unmatched,
      PolicyTotal tunnels,
      boolean estimated) {
    json.put("policies", policies)
        .put("packets", packets)
        .put("active_flows", activeFlows)
        .put("estimated", estimated)
        .put("unmatched", volume(unmatched))
        .put("tunnels", volume(tunnels));
    return this;
  }

  /// @param hub where the history is sent to; null for nowhere
  StatusReport hub(Json hub) {
    json.put("hub", hub);
    return this;
  }

  /// @param policies the names of those with a counter that has reached its limit
  StatusReport saturated(List<String> policies) {
    json.put("saturated", policies.stream().<Json>map(Json.Text::new).toList());
    return this;
  }

  private static Json volume(PolicyTotal total) {
    return Json.object().put("packets", total.packets()).put("bytes", total.bytes()).build();
  }

  /// The sources with their counters, each by its name without its own labels.
  StatusReport sources(List<SourceSupervisor> sources, Metrics metrics) {
    List<Reading> readings = metrics.readings();
    json.put("sources", sources.stream().map(source -> source(source, readings)).toList());
    List<Json> exporters = sources.stream().flatMap(StatusReport::exporters).toList();
    json.put("exporters", exporters);
    json.put(
        "payload_bytes",
        exporters.stream().anyMatch(each -> ((Json.Obj) each).bool("payload_bytes")));
    sources.stream()
        .map(SourceSupervisor::source)
        .filter(ConntrackSource.class::isInstance)
        .map(ConntrackSource.class::cast)
        .findFirst()
        .ifPresent(source ->
            json.put(
                "conntrack",
                KernelReport.of(ConntrackCheck.run().problems(source.losesEntries()))));
    List<Json> counters = new ArrayList<>();
    for (Reading reading : readings) {
      if (!reading.series().labels().containsKey("exporter")) {
        counters.add(counter(reading));
      }
    }
    json.put("counters", counters);
    return this;
  }

  private static Json source(SourceSupervisor source, List<Reading> readings) {
    Json.Builder json = Json.object().put("source", source.name());
    switch (source.health()) {
      case Health.Idle _ -> json.put("state", "idle");
      case Health.Running _ -> json.put("state", "running");
      case Health.Ended(String remark) -> ended(json, remark);
      case Health.Failed(String reason) -> json.put("state", "failed").put("reason", reason);
      case Health.Unreadable(String reason) -> json.put("state", "failed").put("reason", reason);
    }
    if (source.source() instanceof DatagramSource udp) {
      ExporterReport.put(udp, json);
      json.put("strangers", strangers(readings, source.name()));
    }
    return json.put("received", sum(readings, source.name(), "_received"))
        .put("decoded", sum(readings, source.name(), "_decoded"))
        .put("dropped", sum(readings, source.name(), "_dropped"))
        .put("lost", sum(readings, source.name(), "_lost"))
        .build();
  }

  /// The drops from unknown senders, by reason.
  private static Json strangers(List<Reading> readings, String source) {
    Json.Builder json = Json.object();
    for (Reading reading : readings) {
      Map<String, String> labels = reading.series().labels();
      if (source.equals(labels.get("source"))
          && "unknown".equals(labels.get("exporter"))
          && labels.containsKey("reason")) {
        json.put(labels.get("reason"), reading.value());
      }
    }
    return json.build();
  }

  private static void ended(Json.Builder json, String remark) {
    json.put("state", "ended");
    if (!remark.isEmpty()) {
      json.put("remark", remark); // a capture that is cut off
    }
  }

  private static Stream<Json> exporters(SourceSupervisor source) {
    return source.source() instanceof DatagramSource udp
        ? udp.status().exporters().stream()
            .filter(StatusReport::hasSentAnything)
            .map(each -> ExporterReport.of(source.name(), udp.exporterNames(), each))
        : Stream.empty();
  }

  /// Whether an address has sent more than empty datagrams; such senders, of which there may be any
  /// number, are only counted.
  private static boolean hasSentAnything(ExporterStatus exporter) {
    return exporter.records() > 0
        || exporter.templates() > 0
        || exporter.pending() > 0
        || !exporter.drops().isEmpty();
  }

  private static long sum(List<Reading> readings, String source, String ending) {
    return readings.stream()
        .filter(reading -> source.equals(reading.series().labels().get("source")))
        .filter(reading -> reading.series().name().endsWith(ending))
        .mapToLong(Reading::value)
        .sum();
  }

  private static Json counter(Reading reading) {
    Json.Builder json = Json.object().put("name", reading.series().name());
    reading.series().labels().forEach(json::put);
    return json.put("value", reading.value()).build();
  }

  Json.Obj build() {
    return json.build();
  }
}
