package dev.patronus.cli.deletion;

import dev.patronus.cli.command.Invocation;
import dev.patronus.site.ItemKind;
import dev.patronus.store.deletion.ItemDeletion;
import java.util.List;

/// `patronus db leftovers delete`: what points at sites, paths and policies that are gone goes, and
/// can come back.
public final class LeftoversDeleteCommand extends DeleteCommand {
  public LeftoversDeleteCommand() {
    super(
        ItemKind.LEFTOVERS,
        "Deletes all rows that point at a site, path or policy that is not there, and what"
            + " depends on them, in one transaction. Flows of a policy that is gone stay without"
            + " it, and failover policies lose backup paths that are gone.",
        "All rows are first saved in an archive in the same database; 'patronus db leftovers"
            + " restore' restores them unchanged. The history of policies that are gone is no"
            + " leftover: it stays.");
    example("db leftovers delete --dry-run", "preview of what would be deleted");
    example("db leftovers delete", "preview, confirm and delete");
  }

  @Override
  protected List<String> chosen(Invocation call) {
    return new ItemDeletion(call.database(), ItemKind.LEFTOVERS)
            .plan(LeftoversCommand.ALL)
            .isEmpty()
        ? List.of()
        : LeftoversCommand.ALL;
  }
}
