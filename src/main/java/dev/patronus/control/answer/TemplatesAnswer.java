package dev.patronus.control.answer;

import dev.patronus.json.Json;
import java.util.List;
import java.util.Optional;

/// The templates of exporters, and the sampling rates that they announced.
///
/// Immutable.
///
/// @param templatesOmitted how many more templates there are than the document has room for
/// @param samplersOmitted likewise
public record TemplatesAnswer(
    List<Template> templates, long templatesOmitted, List<Sampler> samplers, long samplersOmitted) {

  /// A template, or the id of one that data waits for.
  ///
  /// @param version of the protocol
  /// @param domain the observation domain
  /// @param kind `data`, `options` or `missing`
  /// @param fields the number of its fields; empty if it is not known
  /// @param layout empty if the template is missing
  /// @param waiting the number of data sets that wait for it
  /// @param elements the names of the information elements that are read
  public record Template(
      String exporter,
      String source,
      long version,
      long domain,
      long port,
      long template,
      String kind,
      Optional<Long> fields,
      Optional<Layout> layout,
      long waiting,
      List<String> elements) {
    private Json.Obj json() {
      Json.Builder json =
          Json.object()
              .put("exporter", exporter)
              .put("source", source)
              .put("version", version)
              .put("domain", domain)
              .put("port", port)
              .put("template", template)
              .put("kind", kind);
      fields.ifPresent(count -> json.put("fields", count));
      layout.ifPresent(each -> each.put(json));
      return json.put("waiting", waiting).putTexts("elements", elements).build();
    }

    private static Template read(Json.Obj json) {
      return new Template(
          json.text("exporter"),
          json.text("source"),
          json.integer("version"),
          json.integer("domain"),
          json.integer("port"),
          json.integer("template"),
          json.text("kind"),
          json.findInteger("fields"),
          json.find("record_bytes").map(_ -> Layout.read(json)),
          json.integer("waiting"),
          json.texts("elements"));
    }

    /// The number of records of this template that were dropped.
    public Optional<Long> recordsDropped() {
      return layout.map(Layout::recordsDropped);
    }
  }

  /// What is known of a template that has arrived.
  ///
  /// @param recordBytes the length of a record, at least where it is variable
  /// @param ageSeconds since it was last sent
  /// @param recordsDropped the number of its records that were dropped
  public record Layout(long recordBytes, boolean variable, long ageSeconds, long recordsDropped) {
    private void put(Json.Builder json) {
      json.put("record_bytes", recordBytes)
          .put("variable", variable)
          .put("age_seconds", ageSeconds)
          .put("records_dropped", recordsDropped);
    }

    private static Layout read(Json.Obj json) {
      return new Layout(
          json.integer("record_bytes"),
          json.bool("variable"),
          json.integer("age_seconds"),
          json.integer("records_dropped"));
    }
  }

  /// A sampling rate that an exporter announced.
  ///
  /// @param domain the observation domain
  /// @param sampler its id; empty if the rate is that of the domain
  /// @param sampling as in `1:100`
  public record Sampler(
      String exporter, String source, long domain, Optional<String> sampler, String sampling) {
    private Json.Obj json() {
      return Json.object()
          .put("exporter", exporter)
          .put("source", source)
          .put("domain", domain)
          .putIfPresent("sampler", sampler)
          .put("sampling", sampling)
          .build();
    }

    private static Sampler read(Json.Obj json) {
      return new Sampler(
          json.text("exporter"),
          json.text("source"),
          json.integer("domain"),
          json.findText("sampler"),
          json.text("sampling"));
    }
  }

  public Json.Obj json() {
    return Json.object()
        .putObjects("templates", templates, Template::json)
        .put("templates_omitted", templatesOmitted)
        .putObjects("samplers", samplers, Sampler::json)
        .put("samplers_omitted", samplersOmitted)
        .build();
  }

  /// Reads what [#json()] wrote.
  ///
  /// @throws IllegalArgumentException if it is another document
  public static TemplatesAnswer read(Json.Obj json) {
    return new TemplatesAnswer(
        json.objects("templates", Template::read),
        json.integer("templates_omitted"),
        json.objects("samplers", Sampler::read),
        json.integer("samplers_omitted"));
  }
}
