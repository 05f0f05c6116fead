package dev.patronus.cli.traffic;

import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.error.UserError;
import dev.patronus.flow.Volume;
import dev.patronus.history.Reading;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.policy.TrafficNow;
import dev.patronus.store.table.PolicyStatsTable;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Where `stats` gets its numbers: from the daemon that works on this database, else from the
/// latest snapshot in it.
public final class TrafficSource {
  private TrafficSource() {}

  public static TrafficNow ask(Invocation call) {
    return live(call).orElseGet(() -> snapshot(call));
  }

  /// The daemon's numbers; empty if none answers, or it works on another database.
  private static Optional<TrafficNow> live(Invocation call) {
    return new DaemonConnection(call)
        .askHere(new Request.Stats(), Reply.Stats.class, Reply.Stats::database)
        .map(TrafficSource::live);
  }

  /// The policies with their rates: what came between the snapshot before and the answer's own
  /// time, which is nothing for a policy whose last packet is older. Where the daemon answers but
  /// the database cannot be read, there are no rates.
  public static List<TrafficRow> rows(
      Invocation call, TrafficNow now, List<PolicyTraffic> policies) {
    Optional<Instant> end = end(now, call.now());
    if (end.isEmpty()) {
      return policies.stream().map(TrafficRow::withoutRates).toList();
    }
    Instant at = end.get();
    Map<Long, Reading> before = before(call, now, policies, at);
    return policies.stream()
        .map(policy ->
            isLater(policy, at)
                ? TrafficRow.withoutRates(policy)
                : TrafficRow.of(policy, at, Optional.ofNullable(before.get(policy.policyId()))))
        .toList();
  }

  /// Where the time of rates ends. Snapshots that a wrong clock stamped with a time to come do not
  /// count, as long as there are others.
  private static Optional<Instant> end(TrafficNow now, Instant at) {
    return now.source() == TrafficNow.Source.LIVE
        ? now.asOf()
        : newest(now.policies().stream().filter(policy -> !isLater(policy, at)).toList())
            .or(now::asOf);
  }

  private static boolean isLater(PolicyTraffic policy, Instant at) {
    return policy.lastUpdated() != null && policy.lastUpdated().isAfter(at);
  }

  private static Map<Long, Reading> before(
      Invocation call, TrafficNow now, List<PolicyTraffic> policies, Instant at) {
    try {
      return new PolicyStatsTable(call.database())
          .lastUntil(policies, at.getEpochSecond() - TrafficRow.LEAST_SECONDS);
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
  static TrafficNow snapshot(Invocation call) {
    PolicyStatsTable table = new PolicyStatsTable(call.database());
    var policies = table.latest();
    return new TrafficNow(
        TrafficNow.Source.SNAPSHOT, newest(policies), policies, table.unmatched(), false);
  }

  private static Optional<Instant> newest(List<PolicyTraffic> policies) {
    return policies.stream()
        .map(PolicyTraffic::lastUpdated)
        .filter(Objects::nonNull)
        .max(Comparator.naturalOrder());
  }
}
