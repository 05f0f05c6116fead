package dev.patronus.cli.deletion;

import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.policy.PolicyId;
import dev.patronus.site.DeletedItem;
import dev.patronus.site.DeletionPlan;
import dev.patronus.site.DeletionPlan.PlannedItem;
import dev.patronus.site.ItemKind;
import dev.patronus.site.TableRows;
import dev.patronus.site.failover.FailoverChange;
import dev.patronus.site.failover.FailoverChange.Goes;
import dev.patronus.site.failover.FailoverChange.LosesBackups;
import dev.patronus.site.failover.FailoverChange.Unreadable;
import dev.patronus.store.deletion.ItemDeletion;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The answers of `site delete`, `policy delete` and `db leftovers delete`: what would go, what
/// went, and until when it can come back.
final class DeletionAnswer {
  private final ItemTexts texts;
  private final ActiveFlows activeFlows;
  private final HumanFormat humane;

  DeletionAnswer(ItemTexts texts, ActiveFlows activeFlows, HumanFormat humane) {
    this.texts = texts;
    this.activeFlows = activeFlows;
    this.humane = humane;
  }

  /// There is nothing to delete, and that is fine.
  static Answer nothing(String message, boolean dryRun) {
    return ItemTexts.outcome(true, message, dryRun, 0).say(message);
  }

  /// What would go.
  Answer rehearsed(DeletionPlan plan) {
    String message = "would delete " + extent(plan) + "; nothing was changed";
    return plan(plan, ItemTexts.outcome(true, message, true, plan.rows())).say(message);
  }

  private String extent(DeletionPlan plan) {
    long tables = plan.tables().stream().map(TableRows::table).distinct().count();
    return texts.extent(plan.items())
        + ": "
        + ItemTexts.rows(plan.rows())
        + " in "
        + ItemTexts.count(tables, "table");
  }

  /// What went.
  ///
  /// @param whole whether people have not seen the plan yet
  Answer done(ItemDeletion.Deleted deleted, boolean whole) {
    DeletionPlan plan = deleted.plan();
    Instant until = deleted.archives().getFirst().expiresAt();
    String message = "deleted " + extent(plan);
    Answer answer =
        ItemTexts.outcome(true, message, false, plan.rows()).member("restorable_until", until);
    if (deleted.archives().size() == 1) {
      answer.member("archive_id", deleted.archives().getFirst().archiveId());
    }
    if (whole) {
      tables(plan, deleted.archives(), answer);
    }
    return answer
        .say(message)
        .say(
            "'"
                + texts.command("restore ")
                + String.join(
                    " ",
                    deleted.archives().stream()
                        .map(archive -> Long.toString(archive.archiveId()))
                        .toList())
                + (deleted.archives().size() == 1 ? "' restores it" : "' restores them")
                + " until "
                + humane.time(until));
  }

  /// What goes, as tables, and which of it takes traffic.
  Answer plan(DeletionPlan plan, Answer answer) {
    tables(plan, List.of(), answer);
    for (PlannedItem item : plan.items()) {
      long flows = activeFlows.byId().getOrDefault(item.id(), 0L);
      if (flows > 0) {
        answer.say(traffic(item, flows));
      }
    }
    return answer;
  }

  private String traffic(PlannedItem item, long flows) {
    String when =
        activeFlows
            .snapshot()
            .map(at -> " took traffic at the last snapshot, " + humane.time(at) + ": ")
            .orElse(" takes traffic right now: ");
    return item.name()
        + when
        + ItemTexts.count(flows, "active flow")
        + "; the policies after it will be asked for them";
  }

  private void tables(DeletionPlan plan, List<DeletedItem> archives, Answer answer) {
    if (plan.kind() != ItemKind.LEFTOVERS) { // which have nothing but rows
      answer.table(items(plan, archives));
    }
    answer.table(ItemTexts.tables(plan.tables()));
    Table failovers = failovers(plan.failovers());
    answer.table(failovers);
  }

  private Table items(DeletionPlan plan, List<DeletedItem> archives) {
    Map<String, Long> numbers =
        archives.stream().collect(Collectors.toMap(DeletedItem::id, DeletedItem::archiveId));
    Table table =
        new Table(
            plan.kind().plural(),
            "",
            texts.name(),
            texts.id(),
            switch (plan.kind()) {
              case SITE -> Column.of("paths", Kind.COUNT);
              case POLICY -> Column.of("active_flows", "FLOWS", Kind.COUNT);
              case LEFTOVERS -> Column.of("rows", Kind.COUNT);
            },
            Column.detail("archive_id", Kind.NUMBER));
    for (PlannedItem item : plan.items()) {
      Long count =
          switch (plan.kind()) {
            case SITE -> Long.valueOf(item.paths());
            case POLICY -> activeFlows.byId().get(item.id());
            case LEFTOVERS -> Long.valueOf(plan.rows());
          };
      table.row(item.name(), item.id(), count, numbers.get(item.id()));
    }
    return table;
  }

  private static Table failovers(List<FailoverChange> changes) {
    Table table =
        new Table(
            "failover_policies",
            "",
            Column.of("name", "FAILOVER POLICY", Kind.TEXT),
            Column.of("effect", Kind.TEXT),
            Column.of("loses", "ROLE", Kind.TEXT),
            Column.of("lost_path_ids", "REMOVED", Kind.TEXT),
            Column.of("kept_path_ids", "REMAINING", Kind.TEXT),
            Column.of("events", Kind.COUNT),
            Column.detail("policy_id", Kind.ID));
    changes.forEach(change -> table.row(cells(change)));
    return table;
  }

  private static Object[] cells(FailoverChange change) {
    String id = PolicyId.format(change.policyId());
    return switch (change) {
      case Goes goes ->
          new Object[] {
            goes.name(),
            "deleted",
            "primary",
            List.of(goes.primaryPathId()),
            null,
            goes.events(),
            id
          };
      case LosesBackups loses ->
          new Object[] {loses.name(), "rewritten", "backup", loses.lost(), loses.kept(), null, id};
      case Unreadable unreadable ->
          new Object[] {unreadable.name(), "unreadable", null, null, null, null, id};
    };
  }
}
