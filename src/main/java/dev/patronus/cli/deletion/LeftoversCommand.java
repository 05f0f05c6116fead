package dev.patronus.cli.deletion;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.Invocation;
import dev.patronus.output.Answer;
import dev.patronus.site.DeletionPlan;
import dev.patronus.site.ItemKind;
import dev.patronus.store.deletion.ItemDeletion;
import java.util.List;

/// `patronus db leftovers`: what points at sites, paths and policies that are gone.
public final class LeftoversCommand extends Command {
  /// The one thing that can be deleted: all leftovers.
  static final List<String> ALL = List.of("leftovers");

  public LeftoversCommand() {
    super(
        "Shows the rows that point at a site, path or policy that is not there, as deletions by"
            + " other programs leave them, and what depends on them.",
        "The history of policies that are gone is no leftover.");
    example("db leftovers", "what deletions by other programs have left");
  }

  @Override
  public Answer run(Invocation call) {
    DeletionPlan plan = new ItemDeletion(call.database(), ItemKind.LEFTOVERS).plan(ALL);
    Answer answer = new Answer().member("rows", plan.rows());
    answer.table(ItemTexts.tables(plan.tables()));
    return plan.isEmpty()
        ? answer.note("There are no leftovers.")
        : answer.note("'patronus db leftovers delete' archives and removes them.");
  }
}
