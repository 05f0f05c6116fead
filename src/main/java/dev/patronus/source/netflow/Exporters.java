package dev.patronus.source.netflow;

import dev.patronus.flow.IpAddress;
import dev.patronus.metrics.Metrics;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// All exporters that were heard of.
///
/// Bounded: at the limit the exporter that was heard of longest ago goes, or its oldest template.
/// Confined to the decoder's thread, but for [#status].
final class Exporters {
  static final int MOST_EXPORTERS = 1000;
  static final int MOST_TEMPLATES = 16_384;

  private final Metrics metrics;
  private final String source;
  private final Map<IpAddress, Exporter> exporters = new LinkedHashMap<>(16, 0.75f, true);
  private volatile List<Exporter> published = List.of();
  private Exporter latest;
  private int templates;

  Exporters(Metrics metrics, String source) {
    this.metrics = metrics;
    this.source = source;
  }

  /// The exporter of that address, made if it is new.
  Exporter of(IpAddress address) {
    if (latest == null || !latest.address().equals(address)) {
      Exporter known = exporters.get(address);
      latest = known == null ? add(address) : known;
    }
    return latest;
  }

  private Exporter add(IpAddress address) {
    if (exporters.size() >= MOST_EXPORTERS) {
      Exporter evicted = exporters.remove(exporters.keySet().iterator().next());
      templates -= evicted.templates();
      metrics.counter("source_exporters_evicted", "source", source).increment();
    }
    Exporter exporter = new Exporter(address, metrics, source);
    exporters.put(address, exporter);
    published = List.copyOf(exporters.values());
    return exporter;
  }

  /// The exporter of that address, or null.
  Exporter known(IpAddress address) {
    return exporters.get(address);
  }

  /// Keeps a template that is new or means something new.
  void define(Exporter exporter, Stream stream, Template template) {
    int before = exporter.templates();
    exporter.define(stream, template);
    templates += exporter.templates() - before;
    if (templates > MOST_TEMPLATES) {
      evictOldestTemplate();
    }
  }

  private void evictOldestTemplate() {
    exporters.values().stream()
        .filter(exporter -> exporter.templates() > 0)
        .findFirst()
        .ifPresent(exporter -> {
          exporter.evictOldestTemplate();
          templates--;
        });
  }

  /// To be called when templates were removed from a stream of the exporter.
  void recount(Exporter exporter) {
    int before = exporter.templates();
    exporter.recount();
    templates += exporter.templates() - before;
  }

  Collection<Exporter> all() {
    return exporters.values();
  }

  /// What is known of each; safe from any thread.
  List<ExporterStatus> status() {
    return published.stream().map(Exporter::status).toList();
  }
}
