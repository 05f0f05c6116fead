package dev.patronus.daemon;

import dev.patronus.json.Json;
import dev.patronus.source.netflow.DatagramSource;
import dev.patronus.source.netflow.exporter.TemplateListing;
import dev.patronus.source.netflow.exporter.TemplateListing.Announced;
import dev.patronus.source.netflow.exporter.TemplateListing.Kind;
import dev.patronus.source.netflow.exporter.TemplateListing.Known;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The document of the `templates` request: the templates of exporters, and the sampling rates that
/// they announced.
///
/// Bounded in bytes; what is left out is counted. Pure, but for the clock that ages are measured
/// by.
final class TemplateReport {
  /// The maximum size of the rows, as text.
  static final int BYTES_MAX = 4 << 20;

  private static final int ROW_BYTES = 250;

  private final List<Json> templates = new ArrayList<>();
  private final List<Json> samplers = new ArrayList<>();
  private long templatesOmitted;
  private long samplersOmitted;
  private long bytes;

  void add(DatagramSource source) {
    for (TemplateListing exporter : source.templates()) {
      exporter.templates().forEach(known -> add(source.name(), exporter.address(), known));
      exporter.announced().forEach(rate -> add(source.name(), exporter.address(), rate));
    }
  }

  private void add(String source, String exporter, Known known) {
    bytes += ROW_BYTES + known.elements().stream().mapToInt(name -> name.length() + 4).sum();
    if (bytes > BYTES_MAX) {
      templatesOmitted++;
      return;
    }
    Json.Builder json =
        Json.object()
            .put("exporter", exporter)
            .put("source", source)
            .put("version", known.stream().version())
            .put("domain", Integer.toUnsignedLong(known.stream().domain()))
            .put("port", known.stream().port())
            .put("template", known.id())
            .put("kind", known.kind().name().toLowerCase(Locale.ROOT));
    if (known.fields() >= 0) {
      json.put("fields", known.fields());
    }
    if (known.kind() != Kind.MISSING) {
      json.put("record_bytes", known.recordBytes())
          .put("variable", known.variable())
          .put("age_seconds", DatagramSource.age(known.refreshedMillis()).toSeconds())
          .put("records_dropped", known.recordsDropped());
    }
    templates.add(
        json.put("waiting", known.waiting())
            .put("elements", known.elements().stream().<Json>map(Json.Text::new).toList())
            .build());
  }

  private void add(String source, String exporter, Announced announced) {
    bytes += ROW_BYTES;
    if (bytes > BYTES_MAX) {
      samplersOmitted++;
      return;
    }
    Json.Builder json =
        Json.object()
            .put("exporter", exporter)
            .put("source", source)
            .put("domain", Integer.toUnsignedLong(announced.domain()));
    if (announced.sampler() != null) {
      json.put("sampler", Long.toUnsignedString(announced.sampler()));
    }
    samplers.add(json.put("sampling", announced.rate().toString()).build());
  }

  Json.Obj build() {
    return Json.object()
        .put("templates", templates)
        .put("templates_omitted", templatesOmitted)
        .put("samplers", samplers)
        .put("samplers_omitted", samplersOmitted)
        .build();
  }
}
