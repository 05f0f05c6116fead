package dev.patronus.cli.command;

import static java.util.stream.Collectors.joining;

import dev.patronus.output.Answer;
import dev.patronus.output.Answer.Block;
import dev.patronus.output.Answer.Facts;
import dev.patronus.output.Answer.Member;
import dev.patronus.output.Answer.Note;
import dev.patronus.output.Answer.Part;
import dev.patronus.output.Answer.Rows;
import dev.patronus.output.Answer.Sentence;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Heading;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.shell.PipeFilter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// An answer on its way through the stages behind a bar.
///
/// Immutable. Rows are looked at as people see them, so that what is on the screen is found, and
/// stay rows: with their heading on a terminal, as a document in JSON.
///
/// @param humane how values read
record PipedAnswer(HumanFormat humane) {

  /// The answer behind all stages.
  Answer through(List<PipeFilter> stages, Answer answer) {
    Answer staged = answer;
    for (PipeFilter stage : stages) {
      staged =
          switch (stage) {
            case PipeFilter.Include include -> filtered(include, staged);
            case PipeFilter.Count _ -> counted(staged);
            case PipeFilter.Json _ -> staged;
          };
    }
    return staged;
  }

  /// An answer that says how many rows there are.
  static Answer count(long rows) {
    return new Answer().member("count", rows).say(Long.toString(rows));
  }

  private static Answer counted(Answer answer) {
    long rows = 0;
    long others = 0;
    for (Part part : answer.parts()) {
      switch (part) {
        case Rows(Table<?> table) -> rows += table.rows().size();
        case Facts facts -> others += facts.values().size();
        case Sentence _, Note _ -> others++;
        case Block(String lines) -> others += lines.lines().count();
        case Member _ -> {}
      }
    }
    boolean tables = answer.parts().stream().anyMatch(Rows.class::isInstance);
    return count(tables ? rows : others).exit(answer.exitCode());
  }

  private Answer filtered(PipeFilter.Include include, Answer answer) {
    Answer filtered = new Answer().exit(answer.exitCode());
    for (Part part : answer.parts()) {
      switch (part) {
        case Rows(Table<?> table) -> filtered.table(filtered(include, table));
        case Facts facts -> filtered.facts(facts.name(), facts.title(), filtered(include, facts));
        case Member(String name, Object value) -> filtered.member(name, value);
        case Sentence(String sentence) when isWanted(include, sentence) -> filtered.say(sentence);
        case Note(String sentence) when isWanted(include, sentence) -> filtered.note(sentence);
        case Sentence _, Note _ -> {}
        case Block(String lines) -> {
          String kept = filtered(include, lines);
          if (!kept.isEmpty()) {
            filtered.block(kept);
          }
        }
      }
    }
    return filtered;
  }

  /// The rows that have the text, or lack it, in a column that people see.
  private <T> Table<T> filtered(PipeFilter.Include include, Table<T> table) {
    List<Column<T>> seen = table.withoutDetails().columns();
    return table.filter(row -> isWanted(include, text(seen, row)));
  }

  private static String filtered(PipeFilter.Include include, String lines) {
    return lines.lines().filter(line -> isWanted(include, line)).collect(joining("\n"));
  }

  private Map<Heading, Object> filtered(PipeFilter.Include include, Facts facts) {
    Map<Heading, Object> filtered = new LinkedHashMap<>();
    facts
        .values()
        .forEach((column, value) -> {
          String label = column.name().replace('_', ' ');
          if (isWanted(include, label + "  " + humane.text(column.kind(), value))) {
            filtered.put(column, value);
          }
        });
    return filtered;
  }

  private <T> String text(List<Column<T>> columns, T row) {
    StringBuilder text = new StringBuilder();
    for (Column<T> column : columns) {
      text.append(humane.text(column.kind(), column.cell(row))).append("  ");
    }
    return text.toString();
  }

  static boolean isWanted(PipeFilter.Include include, String text) {
    boolean found = text.toLowerCase(Locale.ROOT).contains(include.text().toLowerCase(Locale.ROOT));
    return found == include.wanted();
  }
}
