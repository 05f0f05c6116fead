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
import dev.patronus.site.Path;
import dev.patronus.site.PathHealth;
import dev.patronus.site.failover.FailoverEvent;
import dev.patronus.site.failover.FailoverPolicy;
import dev.patronus.site.failover.FailoverUse;
import dev.patronus.store.table.FailoverTable;
import dev.patronus.store.table.PathHealthTable;
import dev.patronus.store.table.PathTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `patronus failover show`: one failover policy, its paths and its last events.
public final class FailoverShowCommand extends Command {
  private static final int DEFAULT_ROWS = 10;
  private static final int ROWS_MAX = 100_000;

  private static final List<Column<FailoverEvent>> EVENTS =
      List.of(
          Column.of("time", Kind.TIME, FailoverEvent::at),
          Column.of("event_type", "EVENT", Kind.TEXT, FailoverEvent::type),
          Column.of("from_path_id", "FROM PATH", Kind.ID, FailoverEvent::fromPathId),
          Column.of("to_path_id", "TO PATH", Kind.ID, FailoverEvent::toPathId),
          Column.of("reason", Kind.TEXT, FailoverEvent::reason),
          Column.detail("timestamp", Kind.ID, event -> event.at().getEpochSecond()),
          Column.detail("event_id", Kind.ID, event -> Long.toString(event.id())));

  /// A path of a failover policy, and the newest score of its health.
  ///
  /// @param path empty if there is none of this id
  private record Member(String id, String role, Optional<Path> path, Optional<Double> score) {}

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
    Answer answer = new Answer().facts("failover_policy", "", facts(active, lastSwitch), found);
    if (found.backupPathIds().isEmpty()) {
      answer.say("The list of backup paths cannot be read; correct it in the platform.");
    }
    paths(call, found, active, answer);
    int rows = (int) Math.min(limit.or((long) DEFAULT_ROWS), ROWS_MAX);
    events(failover.recent(found.id(), rows), answer);
    return answer;
  }

  private static List<Column<FailoverPolicy>> facts(
      String active, Optional<FailoverEvent> lastSwitch) {
    return List.of(
        Column.of("policy_id", Kind.ID, policy -> PolicyId.format(policy.id())),
        Column.of("name", Kind.TEXT, FailoverPolicy::name),
        Column.of("enabled", Kind.FLAG, FailoverPolicy::enabled),
        Column.of("active_path_id", Kind.ID, _ -> active),
        Column.of("role", Kind.TEXT, policy -> FailoverTexts.role(policy, active)),
        Column.of("active_since", Kind.TIME, _ -> lastSwitch.map(FailoverEvent::at)),
        Column.of("failover_threshold", Kind.NUMBER, FailoverPolicy::failoverThreshold),
        Column.of("failback_threshold", Kind.NUMBER, FailoverPolicy::failbackThreshold),
        Column.of("failback_delay_secs", Kind.NUMBER, FailoverPolicy::failbackDelaySeconds));
  }

  private static void paths(Invocation call, FailoverPolicy policy, String active, Answer answer) {
    Map<String, String> names = new PathTable(call.database()).siteNames();
    List<Column<Member>> columns = new ArrayList<>();
    columns.add(Column.of("path_id", "PATH", Kind.ID, Member::id));
    columns.add(Column.of("role", Kind.TEXT, Member::role));
    columns.add(Column.of("active", Kind.FLAG, member -> member.id().equals(active)));
    columns.addAll(Column.of(PathTexts.siteNames(names), member -> member.path().orElse(null)));
    columns.add(Column.of("status", Kind.STATUS, member -> FailoverTexts.status(member.path())));
    columns.add(Column.of("health_score", "HEALTH SCORE", Kind.NUMBER, Member::score));
    answer.table(Table.of("paths", columns, members(call, policy)));
  }

  private static List<Member> members(Invocation call, FailoverPolicy policy) {
    Map<String, Path> paths = FailoverTexts.paths(call);
    PathHealthTable health = new PathHealthTable(call.database());
    List<Member> members = new ArrayList<>();
    members.add(member(policy.primaryPathId(), FailoverUse.PRIMARY, paths, health));
    for (String id : policy.backupPathIds().orElse(List.of())) {
      members.add(member(id, FailoverUse.BACKUP, paths, health));
    }
    return members;
  }

  private static Member member(
      String id, String role, Map<String, Path> paths, PathHealthTable health) {
    Optional<Path> path = Optional.ofNullable(paths.get(id));
    Optional<Double> score =
        path.flatMap(
            known -> health.recent(known.id(), 1).stream().map(PathHealth::score).findFirst());
    return new Member(id, role, path, score);
  }

  private static void events(List<FailoverEvent> events, Answer answer) {
    answer.table(Table.of("events", EVENTS, events).titled(events.isEmpty() ? "" : "Last events"));
    if (events.isEmpty()) {
      answer.note("There are no events.");
    }
  }
}
