package dev.patronus.cli.option;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Command.Completes;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.HumanFormat;
import java.util.List;

/// `--sort` and `--limit`: the order and the number of rows, the same for all lists.
///
/// Confined to the command's thread.
public final class ListOptions {
  private final Option<String> sort;
  private final Option<Long> limit;

  public ListOptions(Command command) {
    sort =
        command.option(
            "-s --sort",
            "COLUMN",
            text -> text,
            Completes.COLUMN,
            "sort by this column, by name or title: largest numbers and latest times first, texts"
                + " in order");
    limit =
        command.option(
            "-n --limit",
            "N",
            text -> EnumNames.wholeNumber(text, 1),
            Completes.NOTHING,
            "show only the first N rows");
  }

  /// Adds the table to the answer, sorted and limited as asked for, and says to people how many
  /// rows were left out.
  ///
  /// @throws dev.patronus.error.UserError of usage, if there is no such column
  public <T> void show(Table<T> table, Answer answer, Invocation call) {
    show(table, table.rows().size(), answer, call);
  }

  /// The first of these that will be shown whatever their cells hold; all of them where rows are
  /// sorted. For rows that take long to read.
  public <T> List<T> needed(List<T> all) {
    return sort.given()
        ? all
        : all.subList(0, (int) Math.min(all.size(), limit.or(Long.MAX_VALUE)));
  }

  /// The same of a table that has the rows that are [#needed] alone.
  ///
  /// @param count how many rows there are in all
  public <T> void show(Table<T> table, long count, Answer answer, Invocation call) {
    Table<T> sorted =
        sort.given() ? Invocation.selected("--sort", () -> table.sorted(sort.get())) : table;
    long most = limit.or(Long.MAX_VALUE);
    answer.table(sorted.first(most));
    long more = count - most;
    if (more > 0 && call.format() == Format.TABLE) {
      answer.note("(" + HumanFormat.grouped(more) + " more)");
    }
  }
}
