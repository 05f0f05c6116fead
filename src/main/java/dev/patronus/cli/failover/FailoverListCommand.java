package dev.patronus.cli.failover;

import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.option.ListOptions;
import dev.patronus.cli.option.StatusOption;
import dev.patronus.cli.path.PathTexts;
import dev.patronus.cli.watch.WatchedCommand;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.policy.PolicyId;
import dev.patronus.site.Path;
import dev.patronus.site.PathStatus;
import dev.patronus.site.failover.FailoverEvent;
import dev.patronus.site.failover.FailoverPolicy;
import dev.patronus.store.table.FailoverTable;
import dev.patronus.store.table.PathTable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// `patronus failover list`: the failover policies, each with the path that carries its traffic.
public final class FailoverListCommand extends WatchedCommand {
  /// A failover policy, the path that carries its traffic, and the newest of its events.
  ///
  /// @param lastSwitch that made the path the active one; empty if none did
  private record Row(
      FailoverPolicy policy,
      String active,
      Optional<Path> path,
      Optional<FailoverEvent> lastSwitch,
      Optional<FailoverEvent> event) {
    String status() {
      return FailoverTexts.status(path);
    }
  }

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
  protected Answer answer(Invocation call) {
    FailoverTable failover = new FailoverTable(call.database());
    FailoverTexts.sayIfMissing(failover, call);
    Map<String, Path> paths = FailoverTexts.paths(call);
    Map<String, String> names = new PathTable(call.database()).siteNames();
    List<Row> all = failover.all().stream().map(policy -> row(policy, failover, paths)).toList();
    Predicate<String> wanted = status.filter(all.stream().map(Row::status).toList());
    List<Row> shown = all.stream().filter(row -> wanted.test(row.status())).toList();
    Answer answer = new Answer();
    list.show(Table.of("failover_policies", columns(names, call.now()), shown), answer, call);
    if (shown.isEmpty()) {
      answer.note(
          all.isEmpty() ? "There are no failover policies." : "No matching failover policies.");
    }
    return answer;
  }

  private static List<String> statuses() {
    List<String> statuses = new ArrayList<>(EnumNames.of(PathStatus.Known.class));
    statuses.add(FailoverTexts.MISSING);
    return statuses;
  }

  private static Row row(FailoverPolicy policy, FailoverTable failover, Map<String, Path> paths) {
    Optional<FailoverEvent> lastSwitch = policy.active(failover.lastSwitch(policy.id()));
    String active = policy.activePathId(lastSwitch);
    return new Row(
        policy,
        active,
        Optional.ofNullable(paths.get(active)),
        lastSwitch,
        failover.recent(policy.id(), 1).stream().findFirst());
  }

  private static List<Column<Row>> columns(Map<String, String> names, Instant now) {
    List<Column<Row>> columns = new ArrayList<>();
    columns.add(Column.of("name", "FAILOVER POLICY", Kind.TEXT, row -> row.policy().name()));
    columns.add(Column.of("enabled", "ON", Kind.FLAG, row -> row.policy().enabled()));
    columns.add(Column.of("active_path_id", "PATH", Kind.ID, Row::active));
    columns.addAll(Column.of(PathTexts.siteNames(names), row -> row.path().orElse(null)));
    columns.add(
        Column.of("role", Kind.TEXT, row -> FailoverTexts.role(row.policy(), row.active())));
    columns.add(Column.of("status", Kind.STATUS, Row::status));
    columns.addAll(
        Column.of(
            List.of(
                Column.of("event_type", "LAST EVENT", Kind.TEXT, FailoverEvent::type),
                Column.of(
                    "age_seconds",
                    "AGE",
                    Kind.SECONDS,
                    event -> Duration.between(event.at(), now).toSeconds())),
            row -> row.event().orElse(null)));
    columns.add(Column.detail("policy_id", Kind.ID, row -> PolicyId.format(row.policy().id())));
    columns.add(Column.detail("event_at", Kind.TIME, row -> row.event().map(FailoverEvent::at)));
    columns.add(Column.detail("reason", Kind.TEXT, row -> row.event().map(FailoverEvent::reason)));
    columns.add(
        Column.detail("active_since", Kind.TIME, row -> row.lastSwitch().map(FailoverEvent::at)));
    columns.add(Column.detail("primary_path_id", Kind.ID, row -> row.policy().primaryPathId()));
    columns.add(Column.detail("backup_path_ids", Kind.TEXT, row -> row.policy().backupPathIds()));
    return columns;
  }
}
