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
import java.util.OptionalLong;

/// `--sort` and `--limit`: the order and the number of rows, the same for all lists.
///
/// Confined to the command's thread.
public final class ListOptions {
  private final Option<String> sort;
  private final Option<Long> limit;

  public ListOptions(Command command) {
    this(command, "-n --limit", "show only the first N rows");
  }

  /// @param limitNames `-n --limit`, and older names
  public ListOptions(Command command, String limitNames, String limitText) {
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
            limitNames, "N", text -> EnumNames.wholeNumber(text, 1), Completes.NOTHING, limitText);
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

  /// How many rows are shown; empty where nothing limits them.
  public OptionalLong limit() {
    return limit.given() ? OptionalLong.of(limit.get()) : OptionalLong.empty();
  }

  /// The table sorted and limited as asked for.
  ///
  /// @throws dev.patronus.error.UserError of usage, if there is no such column
  public <T> Table<T> chosen(Table<T> table) {
    return sorted(table).first(limit.or(Long.MAX_VALUE));
  }

  private <T> Table<T> sorted(Table<T> table) {
    return sort.given() ? Invocation.selected("--sort", () -> table.sorted(sort.get())) : table;
  }

  /// The same of a table that has the rows that are [#needed] alone.
  ///
  /// @param count how many rows there are in all
  public <T> void show(Table<T> table, long count, Answer answer, Invocation call) {
    answer.table(chosen(table));
    sayMore(count, answer, call);
  }

  /// Says to people how many rows are left out.
  ///
  /// @param count how many rows there are in all
  public void sayMore(long count, Answer answer, Invocation call) {
    long more = count - limit.or(Long.MAX_VALUE);
    if (more > 0 && call.format() == Format.TABLE) {
      answer.note("(" + HumanFormat.grouped(more) + " more)");
    }
  }
}
