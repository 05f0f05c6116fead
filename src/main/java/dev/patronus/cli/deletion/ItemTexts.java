package dev.patronus.cli.deletion;

import dev.patronus.cli.command.Command.Completes;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.option.Finder;
import dev.patronus.error.Counted;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Heading;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.site.DeletedItem;
import dev.patronus.site.DeletionPlan.PlannedItem;
import dev.patronus.site.ItemKind;
import dev.patronus.site.TableRows;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;

/// How sites and policies read in the answers of deletions, and how deleted ones are found.
///
/// @param kind what it is about
/// @param name the heading of their names
/// @param id the heading of their ids
/// @param names what completes deleted ones
record ItemTexts(ItemKind kind, Heading name, Heading id, Completes names) {
  /// How many things a sentence names; of more it says the number.
  static final int NAMED_MAX = 5;

  private static final Pattern NUMBER = Pattern.compile("[0-9]+");

  static ItemTexts of(ItemKind kind) {
    return switch (kind) {
      case SITE ->
          new ItemTexts(
              kind,
              Heading.of("site_name", "SITE", Kind.TEXT),
              Heading.of("site_id", "UUID", Kind.ID),
              Completes.DELETED_SITE);
      case POLICY ->
          new ItemTexts(
              kind,
              Heading.of("name", "POLICY", Kind.TEXT),
              Heading.of("policy_id", "ID", Kind.ID),
              Completes.DELETED_POLICY);
      case LEFTOVERS ->
          new ItemTexts(
              kind,
              Heading.detail("name", Kind.TEXT),
              Heading.detail("id", Kind.ID),
              Completes.NOTHING);
    };
  }

  /// The columns of archives: what is in each, its number, its rows, and until when it is kept.
  List<Column<DeletedItem>> archives() {
    return List.of(
        new Column<>(name, DeletedItem::name),
        new Column<>(id, DeletedItem::id),
        Column.of("archive_id", "ARCHIVE", Kind.NUMBER, DeletedItem::archiveId),
        Column.of("rows", Kind.COUNT, DeletedItem::rows),
        Column.of("restorable_until", Kind.TIME, DeletedItem::expiresAt));
  }

  /// That there is nothing to delete.
  String none() {
    return kind == ItemKind.LEFTOVERS ? "there are no leftovers" : "no " + kind.plural() + " match";
  }

  /// `site`.
  String word() {
    return kind.word();
  }

  /// The command of this name: `patronus site restore`.
  String command(String name) {
    return "patronus " + kind.command() + " " + name;
  }

  /// The deleted ones that were meant, each once.
  ///
  /// @param way how one is found of whose archive the number was not typed
  List<DeletedItem> findDeleted(
      List<DeletedItem> all,
      List<String> typed,
      BiFunction<Finder<DeletedItem>, String, DeletedItem> way) {
    Set<DeletedItem> found = new LinkedHashSet<>();
    typed.forEach(text -> found.add(findDeleted(all, text, way)));
    return List.copyOf(found);
  }

  /// The deleted one that was meant. The number of an archive is taken for that before anything
  /// else: it is what tells two deletions of one site apart. A number of which there is no archive
  /// is not the beginning of anything: the archive may have been restored since.
  private DeletedItem findDeleted(
      List<DeletedItem> all,
      String text,
      BiFunction<Finder<DeletedItem>, String, DeletedItem> way) {
    for (DeletedItem item : all) {
      if (Long.toString(item.archiveId()).equals(text)) {
        return item;
      }
    }
    List<DeletedItem> alike =
        all.stream().filter(s -> s.id().equalsIgnoreCase(text) || s.name().equals(text)).toList();
    if (alike.size() > 1) {
      throw ambiguous(text, alike);
    }
    Finder<DeletedItem> finder =
        new Finder<>(
            "deleted " + word(),
            all,
            DeletedItem::id,
            DeletedItem::name,
            kind.command() + " deleted");
    return NUMBER.matcher(text).matches()
        ? finder.findWhole(text, Finder.Beginnings.NONE)
        : way.apply(finder, text);
  }

  private UserError ambiguous(String text, List<DeletedItem> alike) {
    StringJoiner archives = new StringJoiner(", ");
    alike.forEach(s -> archives.add(s.archiveId() + " (" + s.id() + ", " + s.deletedAt() + ")"));
    return new UserError(
        ExitCode.REFUSED,
        "deleted "
            + word()
            + " '"
            + text
            + "' is ambiguous; give one of these archives: "
            + archives);
  }

  /// The members that each answer about a change begins with; the change itself is reported.
  ///
  /// @param rows how many rows it changed, or would
  static Answer outcome(boolean success, String message, boolean dryRun, long rows) {
    Answer answer = new Answer();
    return (dryRun ? answer : answer.report())
        .member("success", success)
        .member("message", message)
        .member("dry_run", dryRun)
        .member("rows_affected", rows);
  }

  /// Rows by table, with what happens to them.
  static Table<TableRows> tables(List<TableRows> tables) {
    List<Column<TableRows>> columns =
        List.of(
            Column.of("table", Kind.ID, TableRows::table),
            Column.of("rows", Kind.COUNT, TableRows::rows),
            Column.of("effect", Kind.TEXT, rows -> EnumNames.of(rows.effect())));
    return Table.of("tables", columns, tables);
  }

  /// `berlin (bdd640fb-…)`, one after another.
  static <T> String names(List<T> items, Function<T, String> name, Function<T, String> id) {
    return String.join(", ", items.stream().map(s -> name(name.apply(s), id.apply(s))).toList());
  }

  private static String name(String name, String id) {
    return name.equals(id) ? name : name + " (" + id + ")";
  }

  static String names(List<DeletedItem> items) {
    return names(items, DeletedItem::name, DeletedItem::id);
  }

  /// The names of a few, the number of more.
  String extent(List<PlannedItem> items) {
    return items.size() <= NAMED_MAX
        ? names(items, PlannedItem::name, PlannedItem::id)
        : count(items.size());
  }

  /// `1 site`, `2 policies`.
  String count(long count) {
    return HumanFormat.grouped(count) + " " + (count == 1 ? kind.word() : kind.plural());
  }

  /// `1 row`, `1,234 rows`.
  static String rows(long rows) {
    return count(rows, "row");
  }

  static String count(long count, String thing) {
    return Counted.of(count, thing);
  }
}
