package dev.patronus.cli.stats;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.EnumNames;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.FilterArgument;
import dev.patronus.cli.watch.WatchedCommand;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.error.Counted;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.flow.Volume;
import dev.patronus.flow.filter.FlowFilter;
import dev.patronus.flow.filter.GroupKey;
import dev.patronus.output.Answer;
import dev.patronus.output.Format;
import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Table;
import dev.patronus.policy.rule.ProtocolName;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `patronus stats flows`: the daemon's flow table from the top.
public final class StatsFlowsCommand extends WatchedCommand {
  /// The columns of a flow.
  ///
  /// @param asOf the instant at which ages are told
  /// @param names the policies' names
  public static List<Column<Reply.Flow>> columns(Instant asOf, Map<Long, String> names) {
    return List.of(
        Column.of("protocol", "PROTO", Kind.KEY, flow -> ProtocolName.of(flow.key().protocol())),
        Column.of("src_ip", "SOURCE", Kind.KEY, flow -> flow.key().src().toString()),
        Column.of("src_port", "SPORT", Kind.NUMBER, flow -> flow.key().srcPort()),
        Column.of("dst_ip", "DESTINATION", Kind.KEY, flow -> flow.key().dst().toString()),
        Column.of("dst_port", "DPORT", Kind.NUMBER, flow -> flow.key().dstPort()),
        Column.of("policy", "POLICY", Kind.TEXT, flow -> policy(flow.policyId(), names)),
        Column.of("path_id", "PATH", Kind.ID, flow -> flow.pathId().map(String::valueOf)),
        Column.of("packets", "PACKETS", Kind.COUNT, Reply.Flow::packets),
        Column.of("bytes", "BYTES", Kind.BYTES, Reply.Flow::bytes),
        Column.of(
            "age_seconds",
            "AGE",
            Kind.SECONDS,
            flow -> Math.max(0, Duration.between(flow.firstSeen(), asOf).toSeconds())),
        Column.of("last_seen", "LAST SEEN", Kind.TIME, Reply.Flow::lastSeen),
        Column.of("first_seen", "FIRST SEEN", Kind.TIME, Reply.Flow::firstSeen),
        Column.of(
            "policy_id", "POLICY ID", Kind.ID, flow -> flow.policyId().map(Long::toUnsignedString)),
        Column.of(
            "bytes_per_second",
            "RATE",
            Kind.BYTE_RATE,
            flow ->
                Volume.perSecond(
                    flow.bytes(), flow.firstSeen().toEpochMilli(), flow.lastSeen().toEpochMilli())),
        Column.of("exporter", "EXPORTER", Kind.ID, flow -> flow.exporter().map(String::valueOf)));
  }

  /// The columns for a screen that shows flows by their rate.
  private static final List<String> RATED =
      List.of(
          "protocol",
          "src_ip",
          "src_port",
          "dst_ip",
          "dst_port",
          "policy",
          "bytes_per_second",
          "bytes",
          "packets",
          "path_id",
          "age_seconds",
          "last_seen",
          "exporter");

  private static final String WHY = "only the daemon knows individual flows.";

  private final Option<Request.Order> order =
      choice(
          "-s --sort",
          "ORDER",
          Request.Order.class,
          "bytes, packets, age or rate; with --by also flows");
  private final Option<Long> limit =
      option(
          "-n --limit",
          "N",
          StatsFlowsCommand::limit,
          "show the first N flows, at most 10000 (default: 20)");
  private final Option<String> policy =
      option("-p --policy", "POLICY", text -> text, Completes.POLICY, "only flows of this policy");

  private final Option<List<GroupKey>> by = by(this);
  private final FilterArgument filter = new FilterArgument(this);

  public StatsFlowsCommand() {
    super(
        "Shows the flows that the daemon has seen within the flow timeout, the"
            + " largest first. Each direction is a separate flow. PATH is the path that the"
            + " daemon selects for the flow, cached for 30 seconds. A rate is the average from"
            + " the first packet to the last.",
        FilterArgument.LANGUAGE,
        "With --by all flows are summed by these keys, not only those that --limit shows. Each"
            + " group that is shown is complete. Where the daemon has no memory for all, the largest are"
            + " an approximation: what is left out is said, and how much one of them can have.");
    example("stats flows", "the twenty largest flows");
    example("stats flows --sort age --limit 5", "the five oldest flows");
    example("stats flows src net 10.0.0.0/8 and dst port 443", "flows that match a filter");
    example("stats flows 'tcp and not port 80 and bytes > 1M'", "one with a comparison, quoted");
    example("stats flows --by src,dport -n 10 unmatched", "who sends what no policy matches");
    example("stats flows --check-filter 'policy voice or udp'", "check a filter in a script");
  }

  /// The option that groups flows.
  public static Option<List<GroupKey>> by(Command command) {
    return command.options(
        "--by",
        "KEY",
        word -> EnumNames.read(GroupKey.class, word),
        EnumNames.of(GroupKey.class),
        "sum flows with the same src, dst, sport, dport, proto, policy, path or exporter; several"
            + " keys with commas");
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
  protected void check() {
    filter.check();
    if (order.or(Request.Order.BYTES) == Request.Order.FLOWS && !by.given()) {
      throw new UserError(ExitCode.USAGE, "--sort flows requires --by");
    }
    super.check();
  }

  @Override
  public Answer run(Invocation call) throws IOException {
    return filter.onlyChecked() ? new Answer() : super.run(call);
  }

  @Override
  protected Answer answer(Invocation call) {
    DaemonConnection daemon = new DaemonConnection(call);
    Policies policies = new Policies(daemon);
    Optional<Long> chosen = policy.find().map(policies::id);
    FlowFilter asked = filter.read(call, policies::id);
    Request.Order sorted = order.or(Request.Order.BYTES);
    int most = limit.or(20L).intValue();
    if (by.given()) {
      Map<Long, String> names =
          by.get().contains(GroupKey.POLICY) ? policies.stats().names() : Map.of();
      Request request =
          new Request.FlowGroups(new HashSet<>(by.get()), sorted, most, chosen, asked);
      Reply.FlowGroups groups = (Reply.FlowGroups) daemon.require(request, WHY);
      return new FlowGroupsAnswer(by.get(), names).of(groups, sorted);
    }
    Request request = new Request.Flows(sorted, most, chosen, asked);
    Reply.Flows flows = (Reply.Flows) daemon.require(request, WHY);
    boolean people = call.format() == Format.TABLE && call.columns().isEmpty();
    return answer(flows, policies.names(flows), sorted, people);
  }

  /// The daemon's policies, asked for when they are needed: there may be thousands.
  private static final class Policies {
    private final DaemonConnection daemon;
    private Reply.@Nullable Stats stats;

    Policies(DaemonConnection daemon) {
      this.daemon = daemon;
    }

    Reply.Stats stats() {
      Reply.Stats known = stats;
      if (known == null) {
        known = (Reply.Stats) daemon.require(new Request.Stats(), WHY);
        stats = known;
      }
      return known;
    }

    /// The id of the policy that a text means.
    long id(String text) {
      return StatsCommand.finder(stats().policies()).find(text).policyId();
    }

    /// The names of the flows' policies; of one that was deleted there is none.
    Map<Long, String> names(Reply.Flows flows) {
      for (Reply.Flow flow : flows.flows()) {
        if (flow.policyId().isPresent() && !flows.names().containsKey(flow.policyId().get())) {
          return stats().names();
        }
      }
      return flows.names();
    }
  }

  /// The name of a policy; null for none.
  static @Nullable String policy(Optional<Long> policyId, Map<Long, String> names) {
    return policyId.map(id -> names.getOrDefault(id, "(deleted)")).orElse(null);
  }

  /// The column that rows are sorted by in this order.
  static String column(Request.Order order) {
    return switch (order) {
      case BYTES -> "bytes";
      case PACKETS -> "packets";
      case AGE -> "first_seen";
      case RATE -> "bytes_per_second";
      case FLOWS -> "active_flows";
    };
  }

  /// @param people whether people read it, and see the rate among the first columns where flows are
  ///   sorted by it
  private static Answer answer(
      Reply.Flows flows, Map<Long, String> names, Request.Order order, boolean people) {
    Table<Reply.Flow> table =
        Table.of("flows", columns(flows.asOf(), names), flows.flows())
            .inOrderOf(order == Request.Order.AGE ? "age_seconds" : column(order));
    String shown = Counted.grouped(flows.flows().size());
    return new Answer()
        .member("source", "live")
        .member("as_of", flows.asOf())
        .member("active_flows", flows.total())
        .member("matching_flows", flows.matching())
        .note(shown + " of " + flows(flows.matching(), flows.total()) + ".")
        .table(people && order == Request.Order.RATE ? table.select(RATED) : table);
  }

  /// How many flows match, in words.
  static String flows(long matching, long total) {
    return matching == total
        ? Counted.of(total, "active flow")
        : Counted.of(matching, "matching flow") + " (" + Counted.grouped(total) + " active)";
  }
}
