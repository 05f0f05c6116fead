package dev.patronus.cli.site;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.deletion.DeleteCommand;
import dev.patronus.cli.option.Finder;
import dev.patronus.cli.option.Finder.Beginnings;
import dev.patronus.site.ItemKind;
import dev.patronus.site.Site;
import dev.patronus.store.table.SiteTable;
import dev.patronus.time.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BiFunction;

/// `patronus site delete`: sites go with all that hangs on them, and can come back.
public final class SiteDeleteCommand extends DeleteCommand {
  private final Option<Duration> inactiveFor =
      option(
          "--inactive-for",
          "DURATION",
          DurationText::parse,
          "all sites that the platform has not seen for so long and that are older than that: a new"
              + " one that was never seen is not inactive");

  public SiteDeleteCommand() {
    super(
        ItemKind.SITE,
        Completes.SITE,
        "the sites, by UUID, the beginning of a UUID, or full name",
        "Deletes sites with their endpoints, paths, measurements, health rows and"
            + " flows, the failover policies that lose their primary path, and all other"
            + " rows that reference them, in one transaction. Failover policies that lose a"
            + " backup path keep their other paths. Routing policies are not deleted.",
        "All rows are first saved in an archive in the same database; 'patronus site"
            + " restore' restores them unchanged.",
        "For a cron job: 'patronus site delete --inactive-for 90d --yes -o csv --columns site_name"
            + " --no-headers' prints the names of the sites that it deleted, and nothing if there"
            + " were none. With -q it prints nothing in either case.");
    example(
        "site delete berlin --dry-run", "preview of what would be deleted with the site berlin");
    example("site delete berlin", "preview, confirm and delete");
    example(
        "site delete berlin --yes --if-exists --json",
        "for a script: no confirmation, and no error if the site does not exist");
    example("site delete --inactive-for 90d --dry-run", "sites that were not seen for 90 days");
    example("site delete --from sites.txt", "the sites named in a file");
  }

  @Override
  protected boolean choosesItself() {
    return inactiveFor.given();
  }

  @Override
  protected List<String> chosen(Invocation call) {
    Instant since = call.now().minus(inactiveFor.get());
    return new SiteTable(call.database())
        .all().stream()
            .filter(site -> site.lastSeen().isBefore(since) && site.createdAt().isBefore(since))
            .map(Site::id)
            .toList();
  }

  @Override
  protected BiFunction<String, Beginnings, String> finder(Invocation call) {
    Finder<Site> finder = SiteTexts.finder(new SiteTable(call.database()).all());
    return (typed, beginnings) -> finder.findWhole(typed, beginnings).id();
  }
}
