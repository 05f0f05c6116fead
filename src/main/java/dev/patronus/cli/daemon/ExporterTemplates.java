package dev.patronus.cli.daemon;

import dev.patronus.cli.command.Invocation;
import dev.patronus.control.answer.ExporterAnswer;
import dev.patronus.control.answer.TemplatesAnswer;
import dev.patronus.control.answer.TemplatesAnswer.Layout;
import dev.patronus.control.answer.TemplatesAnswer.Sampler;
import dev.patronus.control.answer.TemplatesAnswer.Template;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.HumanFormat;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The tables of `patronus status --templates`.
final class ExporterTemplates {
  private static final List<Column<ExporterAnswer>> RATES =
      List.of(
          Column.of("exporter", Kind.ID, ExporterAnswer::exporter),
          Column.of("name", Kind.TEXT, ExporterAnswer::name),
          Column.of("source", Kind.TEXT, ExporterAnswer::source),
          Column.of("templates", Kind.COUNT, ExporterAnswer::templates),
          Column.of("sampling", Kind.TEXT, ExporterAnswer::sampling),
          Column.of("sampling_from", "RATE FROM", Kind.TEXT, ExporterAnswer::samplingFrom),
          Column.of("sampling_since", "RATE SINCE", Kind.TIME, ExporterAnswer::samplingSince));

  private static final List<Column<Template>> TEMPLATES =
      List.of(
          Column.of("exporter", Kind.ID, Template::exporter),
          Column.detail("source", Kind.TEXT, Template::source),
          Column.detail("version", Kind.COUNT, Template::version),
          Column.of("domain", Kind.COUNT, Template::domain),
          Column.detail("port", Kind.PLAIN_NUMBER, Template::port),
          Column.of("template", Kind.PLAIN_NUMBER, Template::template),
          Column.of("kind", Kind.STATUS, Template::kind),
          Column.of("fields", Kind.COUNT, Template::fields),
          Column.of(
              "record_bytes", "BYTES", Kind.COUNT, each -> each.layout().map(Layout::recordBytes)),
          Column.detail("variable", Kind.FLAG, each -> each.layout().map(Layout::variable)),
          Column.of(
              "age_seconds", "AGE", Kind.SECONDS, each -> each.layout().map(Layout::ageSeconds)),
          Column.of("waiting", Kind.COUNT, Template::waiting),
          Column.of("records_dropped", "DROPPED", Kind.COUNT, Template::recordsDropped),
          Column.of("elements", "ELEMENTS READ", Kind.TEXT, Template::elements));

  private static final List<Column<Sampler>> SAMPLERS =
      List.of(
          Column.of("exporter", Kind.ID, Sampler::exporter),
          Column.detail("source", Kind.TEXT, Sampler::source),
          Column.of("domain", Kind.COUNT, Sampler::domain),
          Column.of("sampler", Kind.ID, Sampler::sampler),
          Column.of("sampling", Kind.TEXT, Sampler::sampling));

  /// The number of rows that people see of a long table; `--wide` and JSON have all.
  private static final int ROWS_SHOWN = 20;

  private ExporterTemplates() {}

  static void addRates(List<ExporterAnswer> exporters, Answer answer) {
    answer.table(Table.of("exporters", RATES, exporters));
    if (exporters.isEmpty()) {
      answer.note("No exporter has sent anything yet.");
    }
  }

  static void add(TemplatesAnswer known, Invocation call, Answer answer) {
    List<Template> templates = new ArrayList<>(known.templates());
    if (call.format() == Format.TABLE) {
      templates.sort(Comparator.comparing(each -> !isTroubled(each)));
    }
    Table<Template> table = Table.of("templates", TEMPLATES, templates).titled("Templates");
    add(table, known.templatesOmitted(), call, answer);
    Table<Sampler> rates =
        Table.of("samplers", SAMPLERS, known.samplers()).titled("Announced sampling rates");
    add(rates, known.samplersOmitted(), call, answer);
  }

  /// Whether data waits for a template or was dropped; people see such templates first.
  private static boolean isTroubled(Template template) {
    return template.waiting() > 0 || template.recordsDropped().orElse(0L) > 0;
  }

  /// Adds a table, to people its first rows alone unless they ask for all.
  private static void add(Table<?> table, long omitted, Invocation call, Answer answer) {
    boolean people = call.format() == Format.TABLE;
    boolean all = !people || call.wide();
    int more = all ? 0 : Math.max(0, table.rows().size() - ROWS_SHOWN);
    if (!people || !table.isEmpty()) {
      answer.table(table.first(table.rows().size() - more));
    }
    answer.member(table.name() + "_omitted", omitted);
    if (more > 0) {
      answer.note(
          "("
              + HumanFormat.grouped(more)
              + " more; --wide and -o json show all"
              + (omitted > 0 ? " but the last " + HumanFormat.grouped(omitted) : "")
              + ")");
    } else if (omitted > 0) {
      answer.note(
          "(" + HumanFormat.grouped(omitted) + " more, which the daemon's reply has no room for)");
    }
  }
}
