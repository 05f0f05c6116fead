package dev.patronus.cli.db;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.store.maintenance.FreeQuery;
import dev.patronus.store.maintenance.FreeQuery.Result;
import dev.patronus.time.DurationText;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/// `patronus sql`: runs one read-only SQL query.
public final class SqlCommand extends Command {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);
  private static final long DEFAULT_LIMIT = 1000;

  private final Option<List<String>> query =
      arguments(
          "QUERY", "1..*", text -> text, Completes.NOTHING, "SELECT, WITH, VALUES or EXPLAIN …");
  private final Option<Long> limit =
      option(
          "-n --limit",
          "ROWS",
          text -> EnumNames.wholeNumber(text, 1),
          "maximum number of rows (default: 1000)");
  private final Option<Duration> timeout =
      option(
          "--timeout",
          "DURATION",
          DurationText::parse,
          "stop a query that takes longer (default: 10s)");

  public SqlCommand() {
    super(
        "Runs one query and shows its rows. The connection is read-only, and only"
            + " statements that begin like a query are accepted.",
        "Values are shown as stored, times in epoch seconds. The column policy_id is"
            + " shown unsigned, as in all other commands; in the query itself, the upper"
            + " half of the ids is negative. A blob is shown as x'0a0b'. 'SELECT name FROM"
            + " sqlite_schema' lists the tables.",
        "In 'patronus shell' the query needs no quotes around it.");
    example("sql 'SELECT count(*) FROM sdwan_paths'", "the number of paths");
    example("sql --json 'SELECT site_name FROM sdwan_sites'", "the result as a JSON document");
  }

  @Override
  public Answer run(Invocation call) {
    long most = limit.or(DEFAULT_LIMIT);
    Result result =
        new FreeQuery(call.database(), timeout.or(DEFAULT_TIMEOUT))
            .run(String.join(" ", query.get()), most);
    Answer answer = new Answer().table(table(result)).member("truncated", result.cut());
    if (result.cut()) {
      String cut =
          "Only the first "
              + (result.rows().size() == 1
                  ? "row is"
                  : HumanFormat.grouped(result.rows().size()) + " rows are")
              + " shown; use --limit to show more.";
      answer.say(cut);
      if (call.format() == Format.CSV || call.format() == Format.NDJSON) {
        call.say(cut);
      }
    }
    return result.rows().isEmpty() ? answer.note("No rows.") : answer;
  }

  private static Table<Object[]> table(Result result) {
    List<Column<Object[]>> columns =
        IntStream.range(0, result.columns().size()).mapToObj(i -> column(result, i)).toList();
    return Table.of("rows", columns, result.rows());
  }

  /// Only the query knows what its cells are, so that they have but their places.
  private static Column<Object[]> column(Result result, int index) {
    String name = HumanFormat.visible(result.columns().get(index));
    boolean numbers =
        result.rows().stream().allMatch(r -> r[index] == null || r[index] instanceof Number);
    boolean empty = result.rows().stream().allMatch(r -> r[index] == null);
    Kind kind = numbers && !empty && !isPolicyId(name) ? Kind.PLAIN_NUMBER : Kind.TEXT;
    return Column.of(
        name,
        name.toUpperCase(Locale.ROOT),
        kind,
        row ->
            row[index] instanceof Long id && isPolicyId(name)
                ? Long.toUnsignedString(id)
                : row[index]);
  }

  private static boolean isPolicyId(String name) {
    return name.equalsIgnoreCase("policy_id");
  }
}
