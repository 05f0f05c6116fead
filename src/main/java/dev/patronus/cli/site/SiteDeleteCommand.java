package dev.patronus.cli.site;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.Finder;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.output.Answer;
import dev.patronus.output.AnswerPrinter;
import dev.patronus.output.Format;
import dev.patronus.site.DeletionPlan;
import dev.patronus.site.DeletionPlan.PlannedSite;
import dev.patronus.site.Site;
import dev.patronus.store.deletion.SiteDeletion;
import dev.patronus.store.table.SiteTable;
import dev.patronus.time.DurationText;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// `patronus site delete`: sites go with all that hangs on them, and can come back.
public final class SiteDeleteCommand extends Command {
  static final Duration DEFAULT_KEEP = Duration.ofDays(30);

  private final Option<List<String>> sites =
      arguments(
          "SITE",
          "1..*",
          text -> text,
          Completes.SITE,
          "the sites, by UUID, the beginning of a UUID, or full name");
  private final Option<Boolean> dryRun =
      flag("--dry-run", "show what would be deleted without changing anything");
  private final Option<Boolean> yes = flag("-y --yes", "proceed without confirmation");
  private final Option<Boolean> ifExists = flag("--if-exists", "a missing site is not an error");
  private final Option<Duration> keep =
      option(
          "--keep",
          "DURATION",
          DurationText::parse,
          "how long the sites can be restored (default: setting deleted-sites-keep,"
              + " else 30d)");

  public SiteDeleteCommand() {
    super(
        "Deletes sites with their endpoints, paths, measurements, health rows and"
            + " flows, the failover policies that lose their primary path, and all other"
            + " rows that reference them, in one transaction. Failover policies that lose a"
            + " backup path keep their other paths. Routing policies are not deleted.",
        "All rows are first saved in an archive in the same database; 'patronus site"
            + " restore' restores them unchanged.");
    example(
        "site delete berlin --dry-run", "preview of what would be deleted with the site berlin");
    example("site delete berlin", "preview, confirm and delete");
    example(
        "site delete bdd640fb --yes --if-exists --json",
        "for a script: no confirmation, and no error if the site does not exist");
  }

  @Override
  public Answer run(Invocation call) {
    List<String> ids = choose(new SiteTable(call.database()).all());
    if (ids.isEmpty()) {
      return DeletionAnswer.nothing(dryRun.get());
    }
    if (dryRun.get()) {
      return DeletionAnswer.rehearsed(new SiteDeletion(call.database()).plan(ids));
    }
    Optional<DeletionPlan> agreed = yes.get() ? Optional.empty() : Optional.of(ask(call, ids));
    SiteDeletion.Deleted deleted =
        new SiteDeletion(call.writableDatabase())
            .delete(call.actor(), call.now(), keep(call), ids, agreed);
    new DaemonConnection(call).tellChanged();
    boolean seen = agreed.isPresent() && call.format() == Format.TABLE;
    return DeletionAnswer.done(deleted, !seen, call.screen().humane());
  }

  private List<String> choose(List<Site> all) {
    Finder<Site> finder = SiteTexts.finder(all);
    Set<String> ids = new LinkedHashSet<>();
    for (String text : sites.get()) {
      try {
        ids.add(finder.findWhole(text).id());
      } catch (UserError e) {
        if (e.exitCode() != ExitCode.NOT_FOUND || !ifExists.get()) {
          throw e;
        }
      }
    }
    return List.copyOf(ids);
  }

  private Duration keep(Invocation call) {
    Optional<String> setting = call.settings().text("deleted-sites-keep");
    return keep.given() ? keep.get() : setting.map(DurationText::parse).orElse(DEFAULT_KEEP);
  }

  /// Shows what would go and asks; returns what was shown.
  private static DeletionPlan ask(Invocation call, List<String> ids) {
    call.requireSomebodyToAsk();
    DeletionPlan plan = new SiteDeletion(call.database()).plan(ids);
    Answer shown = DeletionAnswer.plan(plan, new Answer());
    call.session().err().println(new AnswerPrinter(Format.TABLE, call.screen(), false).text(shown));
    if (!plan.isSevere()) {
      call.confirm(false, "Delete " + names(plan) + "?");
    } else if (plan.sites().size() == 1) {
      PlannedSite site = plan.sites().getFirst();
      String paths = SiteTexts.count(site.paths(), "path");
      call.confirmByTyping(
          "Its " + paths + " will be deleted too. Type the site's name to confirm", site.name());
    } else {
      String words = "delete " + plan.sites().size() + " sites";
      call.confirmByTyping("Type '" + words + "' to confirm", words);
    }
    return plan;
  }

  private static String names(DeletionPlan plan) {
    return SiteTexts.names(plan.sites(), PlannedSite::name, PlannedSite::siteId);
  }
}
