package dev.patronus.cli.fleet;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.option.ListOptions;
import dev.patronus.cli.watch.WatchedCommand;
import dev.patronus.fleet.Hub;
import dev.patronus.fleet.HubGateways;
import dev.patronus.fleet.HubGateways.Gateway;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import java.time.Duration;
import java.util.List;

/// `patronus fleet status`: the gateways of a hub.
public final class FleetStatusCommand extends WatchedCommand {
  /// A gateway that was not heard of for longer is late.
  private static final Duration LATE = Duration.ofMinutes(5);

  private static final List<Column<Gateway>> COLUMNS =
      List.of(
          Column.of("gateway", "GATEWAY", Kind.ID, Gateway::name),
          Column.of("state", "STATE", Kind.STATUS, FleetStatusCommand::state),
          Column.of("last_contact", "CONTACT", Kind.TIME, Gateway::lastContact),
          Column.of("waiting", "WAITING", Kind.COUNT, Gateway::waiting),
          Column.of("waiting_since", "SINCE", Kind.TIME, Gateway::waitingSince).partOf("waiting"),
          Column.of("epoch", "EPOCH", Kind.NUMBER, Gateway::epoch),
          Column.of("version", "VERSION", Kind.TEXT, Gateway::version),
          Column.of("clock_skew_seconds", "SKEW", Kind.SECONDS, Gateway::skewSeconds),
          Column.of("records_kept", "RECORDS", Kind.COUNT, Gateway::recordsKept),
          Column.detail("last_batch", Kind.TIME, Gateway::lastBatch),
          Column.detail("batches", Kind.NUMBER, Gateway::batches),
          Column.detail("epoch_begun", Kind.TIME, Gateway::epochBegun),
          Column.detail("epoch_complete", Kind.FLAG, Gateway::complete),
          Column.detail("database_id", Kind.ID, Gateway::databaseId),
          Column.detail("role", Kind.ID, Gateway::role),
          Column.detail("enrolled_at", Kind.TIME, Gateway::enrolled),
          Column.detail("revoked_at", Kind.TIME, Gateway::revoked),
          Column.detail("quota_per_day", Kind.NUMBER, Gateway::quotaDay),
          Column.detail("quota_left", Kind.NUMBER, Gateway::recordsLeft),
          Column.detail("quota_kept", Kind.NUMBER, Gateway::quotaKept));

  private final HubOption hub = new HubOption(this);
  private final ListOptions list = new ListOptions(this);

  public FleetStatusCommand() {
    super(
        "Shows the gateways of a hub: when each was heard of last, how many records wait on it and"
            + " since when, its epoch, version, and the difference of its clock to the hub's.",
        "States: ok; late, not heard of for 5 minutes; behind, records wait; loading, the history"
            + " of a new epoch is under way; full, it may keep no more records; revoked; new,"
            + " enrolled and not heard of yet.");
    example("fleet status", "all gateways of the hub that the setting fleet names");
    example("fleet status --hub postgresql:///patronus", "those of the hub on this machine");
  }

  private static String state(Gateway gateway) {
    if (gateway.revoked().isPresent()) {
      return "revoked";
    }
    if (gateway.lastContact().isEmpty()) {
      return "new";
    }
    if (gateway.recordsKept() >= gateway.quotaKept()) {
      return "full";
    }
    if (Duration.between(gateway.lastContact().get(), gateway.now()).compareTo(LATE) > 0) {
      return "late";
    }
    if (!gateway.complete()) {
      return "loading";
    }
    return gateway.waiting().orElse(0) > 0 ? "behind" : "ok";
  }

  @Override
  protected Answer answer(Invocation call) {
    List<Gateway> gateways;
    try (Hub open = hub.open(call)) {
      gateways = HubGateways.list(open);
    }
    Answer answer = new Answer();
    list.show(Table.of("gateways", COLUMNS, gateways), answer, call);
    return gateways.isEmpty()
        ? answer.note("No gateway is enrolled; 'patronus fleet enrol NAME' does that.")
        : answer;
  }
}
