package dev.patronus.cli.site;

import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.option.Finder;
import dev.patronus.error.Counted;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.site.DeletedSite;
import dev.patronus.site.Site;
import dev.patronus.site.TableRows;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Function;

/// How sites read in answers, and how they are found.
final class SiteTexts {
  static final Column NAME = Column.of("site_name", "SITE", Kind.TEXT);
  static final Column ID = Column.of("site_id", "UUID", Kind.ID);

  private SiteTexts() {}

  static Finder<Site> finder(List<Site> sites) {
    return new Finder<>("site", sites, Site::id, Site::name, "site list");
  }

  /// The deleted sites that were meant, each once.
  static List<DeletedSite> findDeleted(List<DeletedSite> all, List<String> typed) {
    Set<DeletedSite> found = new LinkedHashSet<>();
    typed.forEach(text -> found.add(findDeleted(all, text)));
    return List.copyOf(found);
  }

  /// The deleted site that was meant. The number of an archive is taken for that before anything
  /// else: it is what tells two deletions of one site apart.
  private static DeletedSite findDeleted(List<DeletedSite> all, String text) {
    for (DeletedSite site : all) {
      if (Long.toString(site.archiveId()).equals(text)) {
        return site;
      }
    }
    List<DeletedSite> alike =
        all.stream()
            .filter(s -> s.siteId().equalsIgnoreCase(text) || s.name().equals(text))
            .toList();
    if (alike.size() > 1) {
      throw ambiguous(text, alike);
    }
    return new Finder<>("deleted site", all, DeletedSite::siteId, DeletedSite::name, "site deleted")
        .find(text);
  }

  private static UserError ambiguous(String text, List<DeletedSite> alike) {
    StringJoiner archives = new StringJoiner(", ");
    alike.forEach(
        s -> archives.add(s.archiveId() + " (" + s.siteId() + ", " + s.deletedAt() + ")"));
    return new UserError(
        ExitCode.REFUSED,
        "deleted site '" + text + "' is ambiguous; give one of these archives: " + archives);
  }

  /// The members that each answer about a change of sites begins with; the change itself is
  /// reported.
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
  static Table tables(List<TableRows> tables) {
    Table table =
        new Table(
            "tables",
            "",
            Column.of("table", Kind.ID),
            Column.of("rows", Kind.COUNT),
            Column.of("effect", Kind.TEXT));
    tables.forEach(rows -> table.row(rows.table(), rows.rows(), EnumNames.of(rows.effect())));
    return table;
  }

  /// `berlin (bdd640fb-…)`, one after another.
  static <T> String names(List<T> sites, Function<T, String> name, Function<T, String> id) {
    return String.join(
        ", ", sites.stream().map(s -> name.apply(s) + " (" + id.apply(s) + ")").toList());
  }

  static String names(List<DeletedSite> sites) {
    return names(sites, DeletedSite::name, DeletedSite::siteId);
  }

  /// `1 row`, `1,234 rows`.
  static String rows(long rows) {
    return count(rows, "row");
  }

  static String count(long count, String thing) {
    return Counted.of(count, thing);
  }
}
