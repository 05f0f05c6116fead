package dev.patronus.cli.stats;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.output.Answer;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.output.text.HumanFormat;
import dev.patronus.policy.rule.ProtocolName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `patronus stats flows`: the daemon's flow table from the top.
public final class StatsFlowsCommand extends Command {
  /// The columns of a flow, in the order of [#cells].
  public static final List<Column> COLUMNS =
      List.of(
          Column.of("protocol", "PROTO", Kind.ID),
          Column.of("src_ip", "SOURCE", Kind.ID),
          Column.of("src_port", "PORT", Kind.NUMBER),
          Column.of("dst_ip", "DESTINATION", Kind.ID),
          Column.of("dst_port", "PORT", Kind.NUMBER),
          Column.of("policy", "POLICY", Kind.TEXT),
          Column.of("path_id", "PATH", Kind.ID),
          Column.of("packets", "PACKETS", Kind.COUNT),
          Column.of("bytes", "BYTES", Kind.BYTES),
          Column.of("age_seconds", "AGE", Kind.SECONDS),
          Column.of("last_seen", "LAST SEEN", Kind.TIME),
          Column.of("first_seen", "FIRST SEEN", Kind.TIME),
          Column.of("policy_id", "POLICY ID", Kind.ID));

  private final Option<Request.Order> order =
      choice("-s --sort", "ORDER", Request.Order.class, "bytes, packets or age");
  private final Option<Long> limit =
      option(
          "-n --limit",
          "N",
          StatsFlowsCommand::limit,
          "show the first N flows, at most 10000 (default: 20)");
  private final Option<String> policy =
      option("-p --policy", "POLICY", text -> text, Completes.POLICY, "only flows of this policy");

  public StatsFlowsCommand() {
    super(
        "Shows the flows that the daemon has seen within the flow timeout, the"
            + " largest first. Each direction is a separate flow. PATH is the path that the"
            + " daemon selects for the flow, cached for 30 seconds.");
    example("stats flows", "the twenty largest flows");
    example("stats flows --sort age --limit 5", "the five oldest flows");
  }

  private static long limit(String text) {
    long limit = EnumNames.wholeNumber(text, 1);
    if (limit > Request.Flows.LIMIT) {
      throw new IllegalArgumentException(
          "must be at most "
              + Request.Flows.LIMIT
              + ", was '"
              + text
              + "'; 'patronus export flows' exports all flows");
    }
    return limit;
  }

  @Override
  public Answer run(Invocation call) {
    DaemonConnection daemon = new DaemonConnection(call);
    String why = "only the daemon knows individual flows.";
    Reply.Stats stats = (Reply.Stats) daemon.require(new Request.Stats(), why);
    Optional<Long> chosen =
        Optional.ofNullable(policy.get())
            .map(text -> StatsCommand.finder(stats.policies()).find(text).policyId());
    Reply.Flows flows =
        (Reply.Flows)
            daemon.require(
                new Request.Flows(order.or(Request.Order.BYTES), limit.or(20L).intValue(), chosen),
                why);
    return answer(flows, stats.names());
  }

  /// The cells of a flow, in the order of [#COLUMNS].
  ///
  /// @param names the policies' names
  public static Object[] cells(Reply.Flow flow, Instant asOf, Map<Long, String> names) {
    return new Object[] {
      ProtocolName.of(flow.key().protocol()),
      flow.key().src().toString(),
      flow.key().srcPort(),
      flow.key().dst().toString(),
      flow.key().dstPort(),
      flow.policyId().map(id -> names.getOrDefault(id, "(deleted)")).orElse(null),
      flow.pathId().map(String::valueOf).orElse(null),
      flow.packets(),
      flow.bytes(),
      Math.max(0, Duration.between(flow.firstSeen(), asOf).toSeconds()),
      flow.lastSeen(),
      flow.firstSeen(),
      flow.policyId().map(Long::toUnsignedString).orElse(null)
    };
  }

  private static Answer answer(Reply.Flows flows, Map<Long, String> names) {
    Table table = new Table("flows", "", COLUMNS.toArray(Column[]::new));
    for (Reply.Flow flow : flows.flows()) {
      table.row(cells(flow, flows.asOf(), names));
    }
    String shown = HumanFormat.grouped(flows.flows().size());
    return new Answer()
        .member("source", "live")
        .member("as_of", flows.asOf())
        .member("active_flows", flows.total())
        .note(shown + " of " + HumanFormat.grouped(flows.total()) + " active flows.")
        .table(table);
  }
}
