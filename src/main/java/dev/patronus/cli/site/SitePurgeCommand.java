package dev.patronus.cli.site;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.Answer;
import dev.patronus.output.AnswerPrinter;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.site.DeletedSite;
import dev.patronus.store.deletion.ArchiveTable;
import java.util.List;

/// `patronus site purge`: archives of deleted sites are thrown away.
public final class SitePurgeCommand extends Command {
  private final Option<List<String>> sites =
      arguments(
          "SITE",
          "0..*",
          text -> text,
          Completes.DELETED_SITE,
          "the deleted sites, expired or not (default: those that have expired)");
  private final Option<Boolean> all = flag("--all", "all deleted sites, expired or not");
  private final Option<Boolean> dryRun =
      flag("--dry-run", "show what would be deleted without changing anything");
  private final Option<Boolean> yes = flag("-y --yes", "proceed without confirmation");

  public SitePurgeCommand() {
    super(
        "Permanently deletes the archives of deleted sites: those that have expired,"
            + " or the ones given. They cannot be restored afterwards. No other command or"
            + " process deletes archives.");
    example("site purge --yes", "delete expired archives, for a cron job");
    example("site purge berlin", "confirm, then delete the archive of berlin");
  }

  @Override
  protected void check() {
    if (all.get() && sites.given() && !sites.get().isEmpty()) {
      throw new UserError(ExitCode.USAGE, "give deleted sites or --all, not both");
    }
  }

  @Override
  public Answer run(Invocation call) {
    List<DeletedSite> expired = choose(call, new ArchiveTable(call.database()).all());
    long rows = expired.stream().mapToLong(DeletedSite::rows).sum();
    if (expired.isEmpty()) {
      return answer(expired, "no archive has expired; nothing was changed", 0).report();
    }
    String what = SiteTexts.names(expired) + ": " + SiteTexts.rows(rows);
    if (dryRun.get()) {
      return answer(expired, "would permanently delete " + what + "; nothing was changed", rows);
    }
    confirm(call, expired);
    long gone = new ArchiveTable(call.writableDatabase()).purge(call.actor(), call.now(), expired);
    boolean seen = !yes.get() && call.format() == Format.TABLE;
    return answer(seen ? List.of() : expired, "permanently deleted " + what, gone);
  }

  private List<DeletedSite> choose(Invocation call, List<DeletedSite> known) {
    if (all.get()) {
      return known;
    }
    List<String> typed = sites.or(List.of());
    return typed.isEmpty()
        ? known.stream().filter(site -> site.isExpired(call.now())).toList()
        : SiteTexts.findDeleted(known, typed);
  }

  private void confirm(Invocation call, List<DeletedSite> expired) {
    if (yes.get()) {
      return;
    }
    call.requireSomebodyToAsk();
    Answer shown = new Answer().table(table(expired));
    call.session().err().println(new AnswerPrinter(Format.TABLE, call.screen(), false).text(shown));
    call.confirm(
        false,
        "Permanently delete the archive of "
            + SiteTexts.count(expired.size(), "deleted site")
            + "?");
  }

  private Answer answer(List<DeletedSite> sites, String message, long rows) {
    return SiteTexts.outcome(true, message, dryRun.get(), rows).table(table(sites)).say(message);
  }

  private static Table table(List<DeletedSite> sites) {
    Table table =
        new Table(
            "sites",
            "",
            SiteTexts.NAME,
            SiteTexts.ID,
            Column.of("archive_id", "ARCHIVE", Kind.NUMBER),
            Column.of("rows", Kind.COUNT),
            Column.of("restorable_until", Kind.TIME));
    sites.forEach(s -> table.row(s.name(), s.siteId(), s.archiveId(), s.rows(), s.expiresAt()));
    return table;
  }
}
