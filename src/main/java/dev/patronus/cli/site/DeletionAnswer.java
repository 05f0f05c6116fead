package dev.patronus.cli.site;

import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.policy.PolicyId;
import dev.patronus.site.DeletedSite;
import dev.patronus.site.DeletionPlan;
import dev.patronus.site.DeletionPlan.DoomedSite;
import dev.patronus.site.TableRows;
import dev.patronus.site.failover.FailoverChange;
import dev.patronus.site.failover.FailoverChange.Goes;
import dev.patronus.site.failover.FailoverChange.LosesBackups;
import dev.patronus.site.failover.FailoverChange.Unreadable;
import dev.patronus.store.deletion.SiteDeletion;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The answers of `site delete`: what would go, what went, and until when it can come back.
final class DeletionAnswer {
  private DeletionAnswer() {}

  /// None of the sites is there, and that is fine.
  static Answer nothing(boolean dryRun) {
    String message = "none of the sites exists; nothing was changed";
    return SiteTexts.outcome(true, message, dryRun, 0).say(message);
  }

  /// What would go.
  static Answer rehearsed(DeletionPlan plan) {
    String message = "would delete " + extent(plan) + "; nothing was changed";
    return plan(plan, SiteTexts.outcome(true, message, true, plan.rows())).say(message);
  }

  private static String extent(DeletionPlan plan) {
    long tables = plan.tables().stream().map(TableRows::table).distinct().count();
    return SiteTexts.names(plan.sites(), DoomedSite::name, DoomedSite::siteId)
        + ": "
        + SiteTexts.rows(plan.rows())
        + " in "
        + SiteTexts.count(tables, "table");
  }

  /// What went.
  ///
  /// @param whole whether people have not seen the plan yet
  static Answer done(SiteDeletion.Deleted deleted, boolean whole, HumanFormat humane) {
    DeletionPlan plan = deleted.plan();
    Instant until = deleted.archives().getFirst().expiresAt();
    String message = "deleted " + extent(plan);
    Answer answer =
        SiteTexts.outcome(true, message, false, plan.rows()).member("restorable_until", until);
    if (deleted.archives().size() == 1) {
      answer.member("archive_id", deleted.archives().getFirst().archiveId());
    }
    if (whole) {
      tables(plan, deleted.archives(), answer);
    }
    return answer
        .say(message)
        .say(
            "'patronus site restore "
                + String.join(
                    " ",
                    deleted.archives().stream()
                        .map(archive -> Long.toString(archive.archiveId()))
                        .toList())
                + (deleted.archives().size() == 1 ? "' restores it" : "' restores them")
                + " until "
                + humane.time(until));
  }

  /// What goes, as tables.
  static Answer plan(DeletionPlan plan, Answer answer) {
    return tables(plan, List.of(), answer);
  }

  private static Answer tables(DeletionPlan plan, List<DeletedSite> archives, Answer answer) {
    answer.table(sites(plan, archives)).table(SiteTexts.tables(plan.tables()));
    Table failovers = failovers(plan.failovers());
    return answer.table(failovers);
  }

  private static Table sites(DeletionPlan plan, List<DeletedSite> archives) {
    Map<String, Long> numbers =
        archives.stream().collect(Collectors.toMap(DeletedSite::siteId, DeletedSite::archiveId));
    Table table =
        new Table(
            "sites",
            "",
            SiteTexts.NAME,
            SiteTexts.ID,
            Column.of("paths", Kind.COUNT),
            Column.detail("archive_id", Kind.NUMBER));
    for (DoomedSite site : plan.sites()) {
      table.row(site.name(), site.siteId(), site.paths(), numbers.get(site.siteId()));
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
            Column.of("loses", Kind.TEXT),
            Column.of("lost_path_ids", "PATHS", Kind.TEXT),
            Column.of("kept_path_ids", "KEEPS", Kind.TEXT),
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
