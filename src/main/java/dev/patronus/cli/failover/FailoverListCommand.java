package dev.patronus.cli.failover;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.option.ListOptions;
import dev.patronus.cli.option.StatusOption;
import dev.patronus.cli.path.PathTexts;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.policy.PolicyId;
import dev.patronus.site.PathStatus;
import dev.patronus.site.failover.FailoverEvent;
import dev.patronus.site.failover.FailoverPolicy;
import dev.patronus.site.failover.FailoverUse;
import dev.patronus.store.table.FailoverTable;
import dev.patronus.store.table.PathTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// `patronus failover list`: the failover policies, each with the path that carries its traffic.
public final class FailoverListCommand extends Command {
  private static final Column[] COLUMNS = {
    Column.of("name", "FAILOVER POLICY", Kind.TEXT),
    Column.of("enabled", "ON", Kind.FLAG),
    Column.of("active_path_id", "PATH", Kind.ID),
    Column.of("src_site_name", "FROM", Kind.TEXT),
    Column.of("dst_site_name", "TO", Kind.TEXT),
    Column.of("role", Kind.TEXT),
    Column.of("status", Kind.STATUS),
    Column.of("event_type", "LAST EVENT", Kind.TEXT),
    Column.of("age_seconds", "AGE", Kind.SECONDS),
    Column.detail("policy_id", Kind.ID),
    Column.detail("event_at", Kind.TIME),
    Column.detail("reason", Kind.TEXT),
    Column.detail("active_since", Kind.TIME),
    Column.detail("primary_path_id", Kind.ID),
    Column.detail("backup_path_ids", Kind.TEXT),
  };

  private static final int STATUS = 6;

  /// What stands for the status of a path that does not exist.
  private static final String MISSING = "missing";

  private final StatusOption status = new StatusOption(this, "active path", statuses());
  private final ListOptions list = new ListOptions(this);

  public FailoverListCommand() {
    super(
        "Lists the failover policies by name. PATH is the active path: the one of the last"
            + " recorded switch as long as the policy names it, else the primary path; ROLE"
            + " tells which, STATUS is that path's. LAST EVENT and AGE are those of the"
            + " newest event of the policy.");
    example("failover list", "all failover policies");
    example("failover list --status down,missing", "those whose traffic has no path now");
    example("failover list -o json", "with ids, reasons and backup paths, as JSON");
  }

  @Override
  public Answer run(Invocation call) {
    FailoverTable failover = new FailoverTable(call.database());
    FailoverTexts.sayIfMissing(failover, call);
    Map<String, PathTable.Row> paths = FailoverTexts.paths(call);
    Map<String, String> names = new PathTable(call.database()).siteNames();
    List<Object[]> all = new ArrayList<>();
    for (FailoverPolicy policy : failover.all()) {
      all.add(cells(policy, failover, paths, names, call).toArray());
    }
    Predicate<String> wanted =
        status.filter(all.stream().map(cells -> (String) cells[STATUS]).toList());
    Table table = new Table("failover_policies", "", COLUMNS);
    all.stream().filter(cells -> wanted.test((String) cells[STATUS])).forEach(table::row);
    Answer answer = new Answer();
    list.show(table, answer, call);
    if (table.isEmpty()) {
      answer.note(
          all.isEmpty() ? "There are no failover policies." : "No matching failover policies.");
    }
    return answer;
  }

  private static List<String> statuses() {
    List<String> statuses = new ArrayList<>(EnumNames.of(PathStatus.Known.class));
    statuses.add(MISSING);
    return statuses;
  }

  private static List<Object> cells(
      FailoverPolicy policy,
      FailoverTable failover,
      Map<String, PathTable.Row> paths,
      Map<String, String> names,
      Invocation call) {
    Optional<FailoverEvent> lastSwitch = policy.active(failover.lastSwitch(policy.id()));
    Optional<FailoverEvent> event = failover.recent(policy.id(), 1).stream().findFirst();
    String active = policy.activePathId(lastSwitch);
    PathTable.Row path = paths.get(active);
    List<Object> cells = new ArrayList<>();
    cells.add(policy.name());
    cells.add(policy.enabled());
    cells.add(active);
    cells.add(path == null ? null : PathTexts.siteName(names, path.path().srcSiteId()));
    cells.add(path == null ? null : PathTexts.siteName(names, path.path().dstSiteId()));
    cells.add(policy.use(active).map(FailoverUse::role).orElse(null));
    cells.add(path == null ? MISSING : path.path().status().text());
    cells.add(event.map(FailoverEvent::type).orElse(null));
    cells.add(event.map(last -> Duration.between(last.at(), call.now()).toSeconds()).orElse(null));
    cells.addAll(
        Arrays.asList(
            PolicyId.format(policy.id()),
            event.map(FailoverEvent::at).orElse(null),
            event.map(FailoverEvent::reason).orElse(null),
            lastSwitch.map(FailoverEvent::at).orElse(null),
            policy.primaryPathId(),
            policy.backupPathIds().orElse(null)));
    return cells;
  }
}
