package dev.patronus.cli.site;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.deletion.DeleteCommand;
import dev.patronus.cli.option.Finder;
import dev.patronus.site.ItemKind;
import dev.patronus.site.Site;
import dev.patronus.store.table.SiteTable;
import java.util.function.Function;

/// `patronus site delete`: sites go with all that hangs on them, and can come back.
public final class SiteDeleteCommand extends DeleteCommand {
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
            + " restore' restores them unchanged.");
    example(
        "site delete berlin --dry-run", "preview of what would be deleted with the site berlin");
    example("site delete berlin", "preview, confirm and delete");
    example(
        "site delete bdd640fb --yes --if-exists --json",
        "for a script: no confirmation, and no error if the site does not exist");
  }

  @Override
  protected Function<String, String> finder(Invocation call) {
    Finder<Site> finder = SiteTexts.finder(new SiteTable(call.database()).all());
    return typed -> finder.findWhole(typed).id();
  }
}
