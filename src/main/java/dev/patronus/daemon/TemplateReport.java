package dev.patronus.daemon;

import dev.patronus.control.answer.TemplatesAnswer;
import dev.patronus.control.answer.TemplatesAnswer.Layout;
import dev.patronus.control.answer.TemplatesAnswer.Sampler;
import dev.patronus.control.answer.TemplatesAnswer.Template;
import dev.patronus.source.netflow.DatagramSource;
import dev.patronus.source.netflow.exporter.TemplateListing;
import dev.patronus.source.netflow.exporter.TemplateListing.Announced;
import dev.patronus.source.netflow.exporter.TemplateListing.Kind;
import dev.patronus.source.netflow.exporter.TemplateListing.Known;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The answer to the `templates` request, within a number of bytes; what is left out is counted.
///
/// Pure, but for the clock that ages are measured by.
final class TemplateReport {
  /// The maximum size of the rows, as text.
  static final int BYTES_MAX = 4 << 20;

  private static final int ROW_BYTES = 250;

  private final List<Template> templates = new ArrayList<>();
  private final List<Sampler> samplers = new ArrayList<>();
  private long templatesOmitted;
  private long samplersOmitted;
  private long bytes;

  private final ListedExporters listed;

  /// @param listed the exporters that are shown
  TemplateReport(ListedExporters listed) {
    this.listed = listed;
  }

  void add(DatagramSource source) {
    for (TemplateListing exporter : source.templates()) {
      if (!listed.contains(source, exporter.address())) {
        continue;
      }
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
    templates.add(
        new Template(
            exporter,
            source,
            known.stream().version(),
            Integer.toUnsignedLong(known.stream().domain()),
            known.stream().port(),
            known.id(),
            known.kind().name().toLowerCase(Locale.ROOT),
            known.fields() >= 0 ? Optional.of((long) known.fields()) : Optional.empty(),
            known.kind() == Kind.MISSING ? Optional.empty() : Optional.of(layout(known)),
            known.waiting(),
            known.elements()));
  }

  private static Layout layout(Known known) {
    return new Layout(
        known.recordBytes(),
        known.variable(),
        DatagramSource.age(known.refreshedMillis()).toSeconds(),
        known.recordsDropped());
  }

  private void add(String source, String exporter, Announced announced) {
    bytes += ROW_BYTES;
    if (bytes > BYTES_MAX) {
      samplersOmitted++;
      return;
    }
    samplers.add(
        new Sampler(
            exporter,
            source,
            Integer.toUnsignedLong(announced.domain()),
            Optional.ofNullable(announced.sampler()).map(Long::toUnsignedString),
            announced.rate().toString()));
  }

  TemplatesAnswer answer() {
    return new TemplatesAnswer(templates, templatesOmitted, samplers, samplersOmitted);
  }
}
