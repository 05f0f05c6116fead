package dev.patronus.cli.report;

import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.flow.HostPort;
import dev.patronus.flow.filter.FlowFilter;
import dev.patronus.output.html.TrafficReport.Flow;
import dev.patronus.output.html.TrafficReport.Flows;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.policy.rule.ProtocolName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The largest flows that the daemon of a database sees, for a report.
///
/// A report about some policies tells of their flows alone: its reader may be one of many whose
/// traffic goes through the gateway.
///
/// @param only the policies that the report is about; empty for all
record ReportFlows(Invocation call, List<Long> only) {
  private static final int LARGEST = 20;

  ReportFlows {
    only = List.copyOf(only);
  }

  /// What the daemon sees; empty without one.
  Optional<Flows> read() {
    return new DaemonConnection(call)
        .askHere(new Request.Stats(), Reply.Stats.class, Reply.Stats::database)
        .flatMap(this::read);
  }

  private Optional<Flows> read(Reply.Stats stats) {
    Map<Long, String> names = stats.names();
    if (only.isEmpty()) {
      return ask(Optional.empty()).map(reply -> flows(reply, reply.total(), names));
    }
    List<Reply.Flow> found = new ArrayList<>();
    Optional<Reply.Flows> last = Optional.empty();
    for (long policy : only) {
      last = ask(Optional.of(policy));
      last.ifPresent(reply -> found.addAll(reply.flows()));
    }
    found.sort(Comparator.comparingLong(Reply.Flow::bytes).reversed());
    long total =
        stats.policies().stream()
            .filter(each -> only.contains(each.policyId()))
            .mapToLong(PolicyTraffic::activeFlows)
            .sum();
    List<Reply.Flow> largest = found.subList(0, Math.min(LARGEST, found.size()));
    return last.map(
        reply -> flows(new Reply.Flows(reply.asOf(), total, total, largest, names), total, names));
  }

  private Optional<Reply.Flows> ask(Optional<Long> policy) {
    return new DaemonConnection(call)
        .tryAsk(new Request.Flows(Request.Order.BYTES, LARGEST, policy, FlowFilter.ALL))
        .map(Reply.Flows.class::cast);
  }

  private static Flows flows(Reply.Flows reply, long total, Map<Long, String> names) {
    List<Flow> flows = new ArrayList<>();
    for (Reply.Flow flow : reply.flows()) {
      flows.add(
          new Flow(
              ProtocolName.of(flow.key().protocol()),
              endpoint(flow.key().src().toString(), flow.key().srcPort()),
              endpoint(flow.key().dst().toString(), flow.key().dstPort()),
              flow.policyId().map(id -> names.getOrDefault(id, "(deleted)")).orElse("(unmatched)"),
              flow.packets(),
              flow.bytes(),
              Math.max(0, Duration.between(flow.firstSeen(), reply.asOf()).toSeconds())));
    }
    return new Flows(reply.asOf(), total, flows);
  }

  private static String endpoint(String address, int port) {
    return new HostPort(address, port).toString();
  }
}
