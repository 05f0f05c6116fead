package dev.patronus.cli.failover;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.path.PathTexts;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.policy.PolicyId;
import dev.patronus.site.failover.FailoverEvent;
import dev.patronus.site.failover.FailoverPolicy;
import dev.patronus.site.failover.FailoverUse;
import dev.patronus.store.table.FailoverTable;
import dev.patronus.store.table.PathHealthTable;
import dev.patronus.store.table.PathTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `patronus failover show`: one failover policy, its paths and its last events.
public final class FailoverShowCommand extends Command {
  private static final int DEFAULT_ROWS = 10;
  private static final int ROWS_MAX = 100_000;

  private final Option<String> policy =
      argument(
          "POLICY",
          "1",
          text -> text,
          Completes.FAILOVER_POLICY,
          "the failover policy: id, name or the beginning of one");
  private final Option<Long> limit =
      option(
          "-n --limit",
          "N",
          text -> EnumNames.wholeNumber(text, 0),
          "number of events (default: " + DEFAULT_ROWS + ")");

  public FailoverShowCommand() {
    super(
        "Shows a failover policy: the active path (as in 'patronus failover list'), its"
            + " thresholds, its paths in order with their newest health score, and its last"
            + " events.");
    example("failover show 1", "the failover policy with the id 1");
    example("failover show 1 -n 100 -o json", "with the last 100 events, as JSON");
  }

  @Override
  public Answer run(Invocation call) {
    FailoverTable failover = new FailoverTable(call.database());
    FailoverTexts.sayIfMissing(failover, call);
    FailoverPolicy found = FailoverTexts.finder(failover.all()).find(policy.get());
    Optional<FailoverEvent> lastSwitch = found.active(failover.lastSwitch(found.id()));
    String active = found.activePathId(lastSwitch);
    Answer answer = new Answer().facts("failover_policy", "", facts(found, active, lastSwitch));
    if (found.backupPathIds().isEmpty()) {
      answer.say("The list of backup paths cannot be read; correct it in the platform.");
    }
    paths(call, found, active, answer);
    int rows = (int) Math.min(limit.or((long) DEFAULT_ROWS), ROWS_MAX);
    events(failover.recent(found.id(), rows), answer);
    return answer;
  }

  private static Map<Column, Object> facts(
      FailoverPolicy policy, String active, Optional<FailoverEvent> lastSwitch) {
    Map<Column, Object> facts = new LinkedHashMap<>();
    facts.put(Column.of("policy_id", Kind.ID), PolicyId.format(policy.id()));
    facts.put(Column.of("name", Kind.TEXT), policy.name());
    facts.put(Column.of("enabled", Kind.FLAG), policy.enabled());
    facts.put(Column.of("active_path_id", Kind.ID), active);
    facts.put(Column.of("role", Kind.TEXT), policy.use(active).map(FailoverUse::role).orElse(null));
    facts.put(Column.of("active_since", Kind.TIME), lastSwitch.map(FailoverEvent::at).orElse(null));
    facts.put(Column.of("failover_threshold", Kind.NUMBER), policy.failoverThreshold());
    facts.put(Column.of("failback_threshold", Kind.NUMBER), policy.failbackThreshold());
    facts.put(Column.of("failback_delay_secs", Kind.NUMBER), policy.failbackDelaySeconds());
    return facts;
  }

  private static void paths(Invocation call, FailoverPolicy policy, String active, Answer answer) {
    Table table =
        new Table(
            "paths",
            "",
            Column.of("path_id", "PATH", Kind.ID),
            Column.of("role", Kind.TEXT),
            Column.of("active", Kind.FLAG),
            Column.of("src_site_name", "FROM", Kind.TEXT),
            Column.of("dst_site_name", "TO", Kind.TEXT),
            Column.of("status", Kind.STATUS),
            Column.of("health_score", "HEALTH SCORE", Kind.NUMBER));
    Map<String, PathTable.Row> paths = FailoverTexts.paths(call);
    Map<String, String> names = new PathTable(call.database()).siteNames();
    PathHealthTable health = new PathHealthTable(call.database());
    List<String> ids = new ArrayList<>();
    ids.add(policy.primaryPathId());
    ids.addAll(policy.backupPathIds().orElse(List.of()));
    for (int i = 0; i < ids.size(); i++) {
      String id = ids.get(i);
      PathTable.Row row = paths.get(id);
      table.row(
          id,
          i == 0 ? FailoverUse.PRIMARY : FailoverUse.BACKUP,
          id.equals(active),
          row == null ? null : PathTexts.siteName(names, row.path().srcSiteId()),
          row == null ? null : PathTexts.siteName(names, row.path().dstSiteId()),
          row == null ? "missing" : row.path().status().text(),
          row == null
              ? null
              : health.recent(row.path().id(), 1).stream()
                  .map(newest -> newest.score())
                  .findFirst()
                  .orElse(null));
    }
    answer.table(table);
  }

  private static void events(List<FailoverEvent> events, Answer answer) {
    Table table =
        new Table(
            "events",
            events.isEmpty() ? "" : "Last events",
            Column.of("time", Kind.TIME),
            Column.of("event_type", "EVENT", Kind.TEXT),
            Column.of("from_path_id", "FROM PATH", Kind.ID),
            Column.of("to_path_id", "TO PATH", Kind.ID),
            Column.of("reason", Kind.TEXT),
            Column.detail("timestamp", Kind.ID),
            Column.detail("event_id", Kind.ID));
    for (FailoverEvent event : events) {
      table.row(
          event.at(),
          event.type(),
          event.fromPathId().orElse(null),
          event.toPathId().orElse(null),
          event.reason(),
          event.at().getEpochSecond(),
          Long.toString(event.id()));
    }
    answer.table(table);
    if (events.isEmpty()) {
      answer.note("There are no events.");
    }
  }
}
