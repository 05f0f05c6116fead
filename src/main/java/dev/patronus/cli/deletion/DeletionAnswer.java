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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The answers of `site delete`, `policy delete` and `db leftovers delete`: what would go, what
/// went, and until when it can come back.
final class DeletionAnswer {
  private static final List<Column<FailoverChange>> FAILOVERS =
      List.of(
          Column.of("name", "FAILOVER POLICY", Kind.TEXT, FailoverChange::name),
          Column.of("effect", Kind.TEXT, DeletionAnswer::effect),
          Column.of("loses", "ROLE", Kind.TEXT, DeletionAnswer::loses),
          Column.of("lost_path_ids", "REMOVED", Kind.TEXT, DeletionAnswer::lost),
          Column.of(
              "kept_path_ids",
              "REMAINING",
              Kind.TEXT,
              change -> change instanceof LosesBackups loses ? loses.kept() : null),
          Column.of(
              "events", Kind.COUNT, change -> change instanceof Goes goes ? goes.events() : null),
          Column.detail("policy_id", Kind.ID, change -> PolicyId.format(change.policyId())));

  private final ItemTexts texts;
  private final ActiveFlows activeFlows;
  private final Optional<List<String>> missing;
  private final HumanFormat humane;

  /// @param missing the names that nothing has; empty where that is an error
  DeletionAnswer(
      ItemTexts texts,
      ActiveFlows activeFlows,
      Optional<List<String>> missing,
      HumanFormat humane) {
    this.texts = texts;
    this.activeFlows = activeFlows;
    this.missing = missing;
    this.humane = humane;
  }

  /// There is nothing to delete, and that is fine: the tables are there, without a row.
  Answer nothing(String message, boolean dryRun) {
    Answer answer = outcome(message, dryRun, 0);
    tables(new DeletionPlan(texts.kind(), List.of(), List.of(), List.of()), List.of(), answer);
    return answer.report().say(message);
  }

  private Answer outcome(String message, boolean dryRun, long rows) {
    Answer answer = ItemTexts.outcome(true, message, dryRun, rows);
    missing.ifPresent(names -> answer.member("missing", names));
    return answer;
  }

  /// What would go.
  ///
  /// @param neededBy the deleted ones that could then only be restored together with it
  Answer rehearsed(DeletionPlan plan, List<DeletedItem> neededBy) {
    String message = "would delete " + extent(plan) + "; nothing was changed";
    Answer answer = outcome(message, true, plan.rows());
    answer.member(
        "needed_by_archives",
        neededBy.stream().map(item -> Long.toString(item.archiveId())).toList());
    return plan(plan, neededBy, answer).say(message);
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
    Answer answer = outcome(message, false, plan.rows()).member("restorable_until", until);
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

  /// What goes, as tables, which of it takes traffic, and what could then only be restored together
  /// with it.
  Answer plan(DeletionPlan plan, List<DeletedItem> neededBy, Answer answer) {
    tables(plan, List.of(), answer);
    for (PlannedItem item : plan.items()) {
      long flows = activeFlows.byId().getOrDefault(item.id(), 0L);
      if (flows > 0) {
        answer.say(traffic(item, flows));
      }
    }
    if (!neededBy.isEmpty()) {
      answer.say(together(plan, neededBy));
    }
    return answer;
  }

  private static String together(DeletionPlan plan, List<DeletedItem> neededBy) {
    List<String> named = new ArrayList<>();
    neededBy.stream()
        .limit(ItemTexts.NAMED_MAX)
        .forEach(item -> named.add(item.name() + " (archive " + item.archiveId() + ")"));
    if (neededBy.size() > ItemTexts.NAMED_MAX) {
      named.add((neededBy.size() - ItemTexts.NAMED_MAX) + " more");
    }
    return "deleted before: "
        + String.join(", ", named)
        + "; after this deletion "
        + (neededBy.size() == 1 ? "it" : "each of them")
        + " can only be restored together with "
        + (plan.items().size() == 1 ? plan.items().getFirst().name() : "these");
  }

  private String traffic(PlannedItem item, long flows) {
    String when =
        activeFlows
            .snapshot()
            .map(at -> " carried traffic at the last snapshot, " + humane.time(at) + ": ")
            .orElse(" carries traffic now: ");
    return item.name()
        + when
        + ItemTexts.count(flows, "active flow")
        + "; policies of lower priority may match this traffic";
  }

  private void tables(DeletionPlan plan, List<DeletedItem> archives, Answer answer) {
    if (plan.kind() != ItemKind.LEFTOVERS) { // which have nothing but rows
      answer.table(items(plan, archives));
    }
    answer
        .table(ItemTexts.tables(plan.tables()))
        .table(Table.of("failover_policies", FAILOVERS, plan.failovers()));
  }

  private Table<PlannedItem> items(DeletionPlan plan, List<DeletedItem> archives) {
    Map<String, Long> numbers =
        archives.stream().collect(Collectors.toMap(DeletedItem::id, DeletedItem::archiveId));
    List<Column<PlannedItem>> columns =
        List.of(
            new Column<>(texts.name(), PlannedItem::name),
            new Column<>(texts.id(), PlannedItem::id),
            switch (plan.kind()) {
              case SITE -> Column.of("paths", Kind.COUNT, PlannedItem::paths);
              case POLICY ->
                  Column.of(
                      "active_flows",
                      "FLOWS",
                      Kind.COUNT,
                      item -> activeFlows.byId().get(item.id()));
              case LEFTOVERS -> Column.of("rows", Kind.COUNT, _ -> plan.rows());
            },
            Column.detail("archive_id", Kind.NUMBER, item -> numbers.get(item.id())));
    return Table.of(plan.kind().plural(), columns, plan.items());
  }

  private static String effect(FailoverChange change) {
    return switch (change) {
      case Goes _ -> "deleted";
      case LosesBackups _ -> "rewritten";
      case Unreadable _ -> "unreadable";
    };
  }

  private static @Nullable String loses(FailoverChange change) {
    return switch (change) {
      case Goes _ -> "primary";
      case LosesBackups _ -> "backup";
      case Unreadable _ -> null;
    };
  }

  private static @Nullable List<String> lost(FailoverChange change) {
    return switch (change) {
      case Goes goes -> List.of(goes.primaryPathId());
      case LosesBackups loses -> loses.lost();
      case Unreadable _ -> null;
    };
  }
}
