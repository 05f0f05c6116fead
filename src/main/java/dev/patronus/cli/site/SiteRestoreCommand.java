package dev.patronus.cli.site;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.error.ExitCode;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.site.DeletedSite;
import dev.patronus.site.Restoration;
import dev.patronus.site.RestoreConflict;
import dev.patronus.store.Database;
import dev.patronus.store.deletion.ArchiveTable;
import dev.patronus.store.deletion.SiteRestoration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;

/// `patronus site restore`: deleted sites come back, every row with every value.
public final class SiteRestoreCommand extends Command {
  /// Without these nothing of a site is left that could come back.
  private static final Set<String> ESSENTIAL =
      Set.of("sdwan_sites", "sdwan_endpoints", "sdwan_paths");

  private final Option<List<String>> sites =
      arguments(
          "SITE",
          "1..*",
          text -> text,
          Completes.DELETED_SITE,
          "the deleted sites, by UUID, name, the beginning of one, or archive number");
  private final Option<Boolean> dryRun =
      flag("--dry-run", "show what would be restored without changing anything");
  private final Option<List<String>> without =
      options(
          "--without",
          "TABLE",
          text -> text.toLowerCase(Locale.ROOT),
          Completes.NOTHING,
          "do not restore the rows of this table, permanently; may be repeated");

  public SiteRestoreCommand() {
    super(
        "Restores deleted sites from their archives in one transaction: all rows with"
            + " their original values, and the paths that failover policies lost. If a row"
            + " cannot be restored, the command reports it with the reason and changes"
            + " nothing.",
        "Sites deleted one after another must be restored in the reverse order; name"
            + " them in one command, and the order is chosen automatically.");
    example("site restore berlin", "restore the site berlin");
    example("site restore berlin hamburg --dry-run", "check whether both can be restored");
  }

  @Override
  public Answer run(Invocation call) {
    List<DeletedSite> chosen =
        SiteTexts.findDeleted(new ArchiveTable(call.database()).all(), sites.get());
    List<Long> archives = chosen.stream().map(DeletedSite::archiveId).toList();
    Set<String> left = Set.copyOf(without.or(List.of()));
    Database database = call.writableDatabase();
    SiteRestoration restoration = new SiteRestoration(database);
    Restoration outcome =
        dryRun.get()
            ? restoration.rehearse(call.actor(), call.now(), archives, left)
            : restoration.restore(call.actor(), call.now(), archives, left);
    if (!outcome.obstacles().isEmpty()) {
      return refused(outcome, call);
    }
    if (!dryRun.get()) {
      new DaemonConnection(call).tellChanged();
    }
    return done(outcome);
  }

  private Answer done(Restoration outcome) {
    String what = SiteTexts.names(outcome.sites()) + ": " + SiteTexts.rows(outcome.rows());
    String message =
        dryRun.get() ? "would restore " + what + "; nothing was changed" : "restored " + what;
    Answer answer = answer(outcome, true, message);
    outcome.notes().forEach(answer::say);
    return answer.say(message);
  }

  private Answer answer(Restoration outcome, boolean success, String message) {
    long rows = success ? outcome.rows() : 0;
    Answer answer =
        SiteTexts.outcome(success, message, dryRun.get(), rows).member("notes", outcome.notes());
    if (success) {
      answer.table(sites(outcome.sites())).table(SiteTexts.tables(outcome.tables()));
    }
    return answer;
  }

  private static Table sites(List<DeletedSite> sites) {
    Table table =
        new Table(
            "sites",
            "",
            SiteTexts.NAME,
            SiteTexts.ID,
            Column.of("archive_id", "ARCHIVE", Kind.NUMBER),
            Column.of("rows", Kind.COUNT));
    sites.forEach(s -> table.row(s.name(), s.siteId(), s.archiveId(), s.rows()));
    return table;
  }

  private Answer refused(Restoration outcome, Invocation call) {
    String message = refusal(outcome);
    call.warn(message);
    return answer(outcome, false, message)
        .member("error", ExitCode.REFUSED.word())
        .member("exit_code", ExitCode.REFUSED.code())
        .table(conflicts(outcome.obstacles()))
        .exit(ExitCode.REFUSED);
  }

  private static String refusal(Restoration outcome) {
    String names = SiteTexts.names(outcome.sites());
    List<DeletedSite> first = outcome.neededFirst();
    if (!first.isEmpty()) {
      StringJoiner archives = new StringJoiner(" ");
      first.forEach(site -> archives.add(Long.toString(site.archiveId())));
      outcome.sites().forEach(site -> archives.add(Long.toString(site.archiveId())));
      return names
          + " cannot be restored without deleted "
          + SiteTexts.names(first)
          + "; restore them together: 'patronus site restore "
          + archives
          + "'";
    }
    long rows = outcome.obstacles().stream().mapToLong(RestoreConflict::rows).sum();
    Set<String> tables = new LinkedHashSet<>();
    outcome.obstacles().forEach(obstacle -> tables.add(obstacle.table()));
    String message =
        names
            + " cannot be restored: "
            + SiteTexts.rows(rows)
            + " of "
            + String.join(", ", tables)
            + " cannot; nothing was changed";
    return tables.stream().anyMatch(ESSENTIAL::contains)
        ? message
        : message + "; '--without " + String.join(",", tables) + "' restores the rest";
  }

  private static Table conflicts(List<RestoreConflict> obstacles) {
    Table table =
        new Table(
            "conflicts",
            "",
            Column.of("table", Kind.ID),
            Column.of("row", Kind.TEXT),
            Column.of("rows", Kind.COUNT),
            Column.of("reason", Kind.TEXT),
            Column.detail("needs_site_id", Kind.ID),
            Column.detail("needs_archive_id", Kind.NUMBER));
    for (RestoreConflict obstacle : obstacles) {
      table.row(
          obstacle.table(),
          obstacle.row(),
          obstacle.rows(),
          obstacle.reason(),
          obstacle.neededFirst().map(DeletedSite::siteId).orElse(null),
          obstacle.neededFirst().map(DeletedSite::archiveId).orElse(null));
    }
    return table;
  }
}
