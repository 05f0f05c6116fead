package dev.patronus.cli.daemon;

import dev.patronus.control.answer.ClearedAnswer;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.HumanFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// How many entries each cache lost, as an answer.
final class ClearedCaches {
  private ClearedCaches() {}

  /// @param verb what was done to them: `cleared`
  static Answer answer(ClearedAnswer cleared, String verb) {
    long total = cleared.metrics() + cleared.routing();
    Map<String, Long> entries = new LinkedHashMap<>();
    entries.put("metrics", cleared.metrics());
    entries.put("routing", cleared.routing());
    List<Column<Map.Entry<String, Long>>> columns =
        List.of(
            Column.of("cache", Kind.ID, Map.Entry::getKey),
            Column.of(
                "cleared_entries", verb.toUpperCase(Locale.ROOT), Kind.COUNT, Map.Entry::getValue));
    String message =
        HumanFormat.grouped(total) + (total == 1 ? " entry was " : " entries were ") + verb + ".";
    return new Answer()
        .report()
        .outcome(true, message)
        .member("cleared_entries", total)
        .table(Table.of("caches", columns, List.copyOf(entries.entrySet())));
  }
}
