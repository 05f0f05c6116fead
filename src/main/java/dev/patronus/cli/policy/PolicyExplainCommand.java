package dev.patronus.cli.policy;

import dev.patronus.cli.command.Command;
import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.command.Option;
import dev.patronus.cli.option.EndpointOption;
import dev.patronus.cli.path.PathTexts;
import dev.patronus.control.Request;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.flow.FlowKey;
import dev.patronus.output.Answer;
import dev.patronus.policy.Explanation;
import dev.patronus.policy.rule.ApplicationClass;
import dev.patronus.policy.rule.PortRange;
import dev.patronus.policy.rule.ProtocolName;
import dev.patronus.route.ExplanationDocument;
import dev.patronus.route.ExplanationSummary;
import dev.patronus.route.PathExplanation;
import dev.patronus.route.PathScope;
import dev.patronus.site.EndpointAddress;
import dev.patronus.store.table.PathTable;
import dev.patronus.store.table.RoutingRows;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `patronus policy explain`: which policy takes a flow, which path carries it, and why.
public final class PolicyExplainCommand extends Command {
  private final Option<EndpointAddress> src =
      argument(
          "SRC",
          "1",
          EndpointOption::read,
          Completes.NOTHING,
          "source of the flow: 10.0.0.1, 10.0.0.1:40000, 2001:db8::1 or" + " [2001:db8::1]:40000");
  private final Option<EndpointAddress> dst =
      argument(
          "DST", "1", EndpointOption::read, Completes.NOTHING, "destination, in the same form");
  private final Option<Integer> protocol =
      option(
          "-P --protocol",
          "PROTOCOL",
          ProtocolName::parse,
          "tcp, udp, icmp, icmpv6 or a number (default: tcp)");
  private final Option<String> from =
      option(
          "--from",
          "SITE",
          text -> text,
          Completes.SITE,
          "only paths from this site, by id, name or the beginning of one");
  private final Option<String> to =
      option("--to", "SITE", text -> text, Completes.SITE, "only paths to this site");

  public PolicyExplainCommand() {
    super(
        "Shows which policy matches a flow and why policies with higher priority do"
            + " not, the candidate paths with their scores, the selected path, and what"
            + " would change the result. If a daemon runs on this database, it answers;"
            + " otherwise the result is computed from the database by the same rules.",
        "The platform does not know which addresses belong to a site: each path that"
            + " is up or degraded is a candidate, unless --from and --to restrict them. A"
            + " missing port is 0. For ICMP, the destination port is 256 * type + code: an"
            + " echo request is 2048.",
        "POLICY SCORE is from 0 to 100, higher is better: the score of the metric that the"
            + " policy prefers (LowestLatency, HighestBandwidth, LowestPacketLoss, LowestCost)"
            + " in the path's last measurement, or, with weights of its own (Custom), the sum of"
            + " all of them by weight. A path that was never measured has 0. SCORE of 'path"
            + " list' is the platform's, which has the same weights for all policies. A path"
            + " that is down is no candidate; 'patronus path list' shows it.",
        "An application class is decided by protocol and destination port alone, by the first"
            + " of these that fits: "
            + classes()
            + ".");
    example("policy explain 10.1.2.3 192.0.2.10:443", "policy and path of https traffic");
    example(
        "policy explain [2001:db8::1]:5060 [2001:db8::2]:5060 -P udp --from berlin",
        "a voice call over IPv6, with the paths from berlin");
    example("policy explain 10.1.2.3 192.0.2.10:2048 -P icmp", "a ping");
    example("policy explain 10.1.2.3 192.0.2.10:443 --json", "everything as JSON");
  }

  @Override
  protected void check() {
    if (src.get().ip().isV4() != dst.get().ip().isV4()) {
      throw new UserError(
          ExitCode.USAGE,
          "source and destination must be of the same address family (IPv4 or IPv6)");
    }
  }

  @Override
  public Answer run(Invocation call) {
    Map<String, String> names = new PathTable(call.database()).siteNames();
    PathScope scope = new PathScope(site(from, names), site(to, names));
    FlowKey flow =
        FlowKey.of(
            src.get().ip(),
            src.get().port().orElse(0),
            dst.get().ip(),
            dst.get().port().orElse(0),
            protocol.or(FlowKey.TCP));
    Optional<ExplanationDocument> live = live(call, flow, scope);
    ExplanationDocument explanation = live.orElseGet(() -> stored(call, flow, scope));
    return new ExplanationAnswer(explanation, live.isPresent(), names, call).answer();
  }

  private static String classes() {
    StringBuilder text = new StringBuilder();
    for (ApplicationClass each : ApplicationClass.values()) {
      text.append(text.isEmpty() ? "" : "; ").append(each);
      ports("tcp", each.ports(FlowKey.TCP), text);
      ports("udp", each.ports(FlowKey.UDP), text);
    }
    return text.append(" is all else").toString();
  }

  private static void ports(String protocol, List<PortRange> ports, StringBuilder text) {
    if (!ports.isEmpty()) {
      text.append(' ').append(protocol);
      ports.forEach(range -> text.append(' ').append(range));
    }
  }

  private static Optional<String> site(Option<String> typed, Map<String, String> names) {
    return typed.given()
        ? Optional.of(PathTexts.siteFinder(names).find(typed.get()).getKey())
        : Optional.empty();
  }

  private static Optional<ExplanationDocument> live(
      Invocation call, FlowKey flow, PathScope scope) {
    return new DaemonConnection(call)
        .askHere(
            new Request.Explain(flow, scope.fromSiteId(), scope.toSiteId()),
            ExplanationDocument.Live::read,
            ExplanationDocument.Live::database)
        .map(ExplanationDocument.Live::explanation);
  }

  private static ExplanationDocument stored(Invocation call, FlowKey flow, PathScope scope) {
    RoutingRows rows = RoutingRows.read(call.database());
    Explanation policies = Explanation.of(flow, rows.policies());
    return ExplanationSummary.of(
        PathExplanation.of(policies, scope, FlowRouting.paths(rows.mesh(), call)));
  }
}
