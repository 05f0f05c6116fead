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
  static final Duration USUAL_KEEP = Duration.ofDays(30);

  private final Option<List<String>> sites =
      arguments(
          "SITE",
          "1..*",
          text -> text,
          Completes.SITE,
          "the sites, by UUID, the beginning of one, or whole name");
  private final Option<Boolean> dryRun = flag("--dry-run", "show what would go, and stop there");
  private final Option<Boolean> yes = flag("-y --yes", "do not ask");
  private final Option<Boolean> ifExists = flag("--if-exists", "a site that is not there is fine");
  private final Option<Duration> keep =
      option(
          "--keep",
          "DURATION",
          DurationText::parse,
          "how long it can be restored (default: setting deleted-sites-keep, else 30d)");

  public SiteDeleteCommand() {
    super(
        "Deletes sites with their endpoints, paths, measurements, health rows and flows, with the"
            + " failover policies that lose their primary path, and with whatever else points at"
            + " them, in one transaction. Failover policies that lose a backup path keep the others."
            + " Routing policies stay.",
        "All rows go into an archive in the same database first; 'patronus site restore' brings"
            + " every one of them back as it was.");
    example("site delete berlin --dry-run", "what would go if the site berlin went");
    example("site delete berlin", "shows it, asks, and deletes");
    example(
        "site delete bdd640fb --yes --if-exists --json",
        "for a script: no question, and no failure if it is gone already");
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
    return keep.given() ? keep.get() : setting.map(DurationText::parse).orElse(USUAL_KEEP);
  }

  /// Shows what would go and asks; gives what was shown to whoever agreed.
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
          "Its " + paths + " go too. Type the site's name to delete it", site.name());
    } else {
      String words = "delete " + plan.sites().size() + " sites";
      call.confirmByTyping("Type '" + words + "' to go on", words);
    }
    return plan;
  }

  private static String names(DeletionPlan plan) {
    return SiteTexts.names(plan.sites(), PlannedSite::name, PlannedSite::siteId);
  }
}
