package dev.patronus.cli.traffic;

import dev.patronus.cli.command.DaemonConnection;
import dev.patronus.cli.command.Invocation;
import dev.patronus.control.Reply;
import dev.patronus.control.Request;
import dev.patronus.error.UserError;
import dev.patronus.history.Reading;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.policy.TrafficNow;
import dev.patronus.store.table.PolicyStatsTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

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

  /// The policies with their rates: what came between an earlier snapshot and the answer's own
  /// time, which is nothing for a policy whose last packet is older. Where the daemon answers but
  /// the database cannot be read, there are no rates.
  public static List<TrafficRow> rows(
      Invocation call, TrafficNow now, List<PolicyTraffic> policies) {
    Optional<Instant> end = end(now, call.now());
    if (end.isEmpty()) {
      return rows(policies, Instant.MIN, Map.of());
    }
    return rows(policies, end.get(), before(call, now, policies, end.get()));
  }

  /// What no policy matched, with its rates; empty where nobody counted it.
  public static Optional<TrafficRow> unmatched(Invocation call, TrafficNow now) {
    Optional<Instant> end = end(now, call.now());
    if (now.unmatched().isEmpty() || end.isEmpty()) {
      return now.unmatched().map(TrafficRow::withoutRates);
    }
    PolicyTraffic traffic = now.unmatched().get();
    Optional<Reading> before =
        earlier(
            now,
            () -> unmatchedBefore(new PolicyStatsTable(call.database()), end.get()),
            Optional.empty());
    return Optional.of(unmatched(traffic, end.get(), before));
  }

  static TrafficRow unmatched(PolicyTraffic traffic, Instant end, Optional<Reading> before) {
    return isLater(traffic, end)
        ? TrafficRow.withoutRates(traffic)
        : TrafficRow.of(traffic, end, before);
  }

  /// The policies with their rates since these readings.
  ///
  /// @param end where the time of rates ends; [Instant#MIN] where nothing was counted
  static List<TrafficRow> rows(
      List<PolicyTraffic> policies, Instant end, Map<Long, Reading> before) {
    List<TrafficRow> rows = new ArrayList<>();
    for (PolicyTraffic policy : policies) {
      rows.add(
          end.equals(Instant.MIN) || isLater(policy, end)
              ? TrafficRow.withoutRates(policy)
              : TrafficRow.of(policy, end, Optional.ofNullable(before.get(policy.policyId()))));
    }
    return rows;
  }

  /// Where the time of rates ends. Snapshots that a wrong clock stamped with a time to come do not
  /// count, as long as there are others.
  static Optional<Instant> end(TrafficNow now, Instant at) {
    if (now.source() == TrafficNow.Source.LIVE) {
      return now.asOf();
    }
    Optional<Instant> newest = newest(now.policies(), at);
    return newest.isPresent() ? newest : now.asOf();
  }

  private static boolean isLater(PolicyTraffic policy, Instant at) {
    return policy.lastUpdated() != null && policy.lastUpdated().isAfter(at);
  }

  private static Optional<Reading> unmatchedBefore(PolicyStatsTable table, Instant at) {
    Optional<Reading> before =
        table.unmatchedUntil(at.getEpochSecond() - TrafficRow.WINDOW_SECONDS);
    return before.isPresent()
        ? before
        : table.unmatchedUntil(at.getEpochSecond() - TrafficRow.LEAST_SECONDS);
  }

  private static Map<Long, Reading> before(
      Invocation call, TrafficNow now, List<PolicyTraffic> policies, Instant at) {
    return earlier(
        now, () -> before(new PolicyStatsTable(call.database()), policies, at), Map.of());
  }

  private static Map<Long, Reading> before(
      PolicyStatsTable table, List<PolicyTraffic> policies, Instant at) {
    Map<Long, Reading> before =
        new HashMap<>(table.lastUntil(policies, at.getEpochSecond() - TrafficRow.WINDOW_SECONDS));
    List<PolicyTraffic> younger = new ArrayList<>();
    for (PolicyTraffic policy : policies) {
      if (!before.containsKey(policy.policyId()) && policy.lastUpdated() != null) {
        younger.add(policy);
      }
    }
    before.putAll(table.lastUntil(younger, at.getEpochSecond() - TrafficRow.LEAST_SECONDS));
    return before;
  }

  /// Reads from the database, without which the daemon's answer has no rates.
  private static <T> T earlier(TrafficNow now, Supplier<T> read, T none) {
    try {
      return read.get();
    } catch (UserError e) {
      if (now.source() == TrafficNow.Source.LIVE) {
        return none;
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
        Optional.of(
            PolicyTraffic.unmatched(
                stats.unmatched().packets(),
                stats.unmatched().bytes(),
                stats.unmatched().activeFlows(),
                null)),
        stats.estimated(),
        stats.payloadBytes());
  }

  /// The latest snapshot in the database.
  static TrafficNow snapshot(Invocation call) {
    PolicyStatsTable table = new PolicyStatsTable(call.database());
    var policies = table.latest();
    return new TrafficNow(
        TrafficNow.Source.SNAPSHOT,
        newest(policies, Instant.MAX),
        policies,
        table.unmatched(),
        false,
        false);
  }

  /// The newest time of a snapshot that is not after the limit.
  static Optional<Instant> newest(List<PolicyTraffic> policies, Instant limit) {
    Instant newest = null;
    for (PolicyTraffic policy : policies) {
      Instant at = policy.lastUpdated();
      if (at != null && !at.isAfter(limit) && (newest == null || at.isAfter(newest))) {
        newest = at;
      }
    }
    return Optional.ofNullable(newest);
  }
}
