package dev.patronus.cli;

import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.error.UserError;
import dev.patronus.flow.Volume;
import dev.patronus.history.Reading;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.policy.TrafficNow;
import dev.patronus.store.PolicyStatsTable;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Where `stats` gets its numbers: from the daemon that works on this database, else from the
/// latest snapshot in it.
final class TrafficSource {
  private TrafficSource() {}

  static TrafficNow ask(Call call) {
    return live(call).orElseGet(() -> snapshot(call));
  }

  /// The daemon's numbers; empty if none answers, or it works on another database.
  private static Optional<TrafficNow> live(Call call) {
    return new DaemonLink(call)
        .askHere(new Request.Stats(), Reply.Stats.class, Reply.Stats::database)
        .map(TrafficSource::live);
  }

  /// The policies with their rates: what came since the snapshot before. Where the daemon answers
  /// but the database cannot be read, there are no rates.
  static List<TrafficRow> rows(Call call, TrafficNow now, List<PolicyTraffic> policies) {
    Map<Long, Reading> before = before(call, now, policies);
    return policies.stream()
        .map(policy -> TrafficRow.of(policy, Optional.ofNullable(before.get(policy.policyId()))))
        .toList();
  }

  private static Map<Long, Reading> before(
      Call call, TrafficNow now, List<PolicyTraffic> policies) {
    List<PolicyTraffic> counted = policies.stream().filter(p -> p.lastUpdated() != null).toList();
    try {
      return new PolicyStatsTable(call.database())
          .lastUntil(counted, p -> p.lastUpdated().getEpochSecond() - TrafficRow.LEAST_SECONDS);
    } catch (UserError e) {
      if (now.source() == TrafficNow.Source.LIVE) {
        return Map.of();
      }
      throw e;
    }
  }

  /// The daemon's answer.
  static TrafficNow live(Reply.Stats stats) {
    return new TrafficNow(
        TrafficNow.Source.LIVE,
        Optional.of(stats.asOf()),
        stats.policies(),
        Optional.of(new Volume(stats.unmatched().packets(), stats.unmatched().bytes())),
        stats.estimated());
  }

  /// The latest snapshot in the database.
  static TrafficNow snapshot(Call call) {
    PolicyStatsTable table = new PolicyStatsTable(call.database());
    var policies = table.latest();
    return new TrafficNow(
        TrafficNow.Source.SNAPSHOT,
        policies.stream()
            .map(PolicyTraffic::lastUpdated)
            .filter(Objects::nonNull)
            .max(Comparator.naturalOrder()),
        policies,
        table.unmatched(),
        false);
  }
}
