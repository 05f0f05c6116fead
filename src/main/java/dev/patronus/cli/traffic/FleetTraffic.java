package dev.patronus.cli.traffic;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.option.FleetOptions;
import dev.patronus.cli.option.FleetReading;
import dev.patronus.error.UserError;
import dev.patronus.fleet.read.FleetReader;
import dev.patronus.fleet.read.HubGateway;
import dev.patronus.fleet.read.HubPolicy;
import dev.patronus.fleet.read.HubTraffic;
import dev.patronus.history.Reading;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.policy.TrafficNow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the policies of gateways carry, as the hub has it.
///
/// Immutable.
///
/// @param gateways their names
/// @param now all of them together: the time of the newest snapshot, what no policy matched on any
/// @param rows gateway by gateway, in order of matching
/// @param unmatched what no policy matched on any gateway; empty where nobody counted it
public record FleetTraffic(
    List<String> gateways, TrafficNow now, List<TrafficRow> rows, Optional<TrafficRow> unmatched) {

  /// Reads what the gateways carry that the options name.
  ///
  /// @throws UserError if the hub cannot be read
  public static FleetTraffic read(Invocation call, FleetOptions options) {
    return FleetReading.read(call, options, reader -> read(reader, call.now()));
  }

  private static FleetTraffic read(FleetReader reader, Instant at) {
    HubTraffic hub = new HubTraffic(reader);
    Map<HubGateway, List<PolicyTraffic>> newest = hub.newest();
    Map<HubGateway, PolicyTraffic> unmatched = hub.unmatched();
    Map<HubGateway, Instant> ends = new LinkedHashMap<>();
    for (HubGateway gateway : reader.gateways()) {
      TrafficNow now = snapshot(of(newest, gateway), Optional.ofNullable(unmatched.get(gateway)));
      TrafficSource.end(now, at).ifPresent(end -> ends.put(gateway, end));
    }
    Map<HubPolicy, Reading> before = before(hub, newest, ends);
    List<TrafficRow> rows = new ArrayList<>();
    List<PolicyTraffic> policies = new ArrayList<>();
    for (HubGateway gateway : reader.gateways()) {
      Map<Long, Reading> ofGateway = new HashMap<>();
      for (PolicyTraffic policy : of(newest, gateway)) {
        Reading reading = before.get(new HubPolicy(gateway.name(), policy.policyId()));
        if (reading != null) {
          ofGateway.put(policy.policyId(), reading);
        }
      }
      Instant end = ends.getOrDefault(gateway, Instant.MIN);
      TrafficSource.rows(of(newest, gateway), end, ofGateway)
          .forEach(row -> rows.add(row.of(gateway.name())));
      policies.addAll(of(newest, gateway));
    }
    Optional<TrafficRow> none = unmatched(hub, unmatched, ends);
    return new FleetTraffic(
        reader.gateways().stream().map(HubGateway::name).toList(),
        snapshot(policies, none.map(TrafficRow::traffic)),
        List.copyOf(rows),
        none);
  }

  private static List<PolicyTraffic> of(
      Map<HubGateway, List<PolicyTraffic>> newest, HubGateway gateway) {
    return newest.getOrDefault(gateway, List.of());
  }

  private static TrafficNow snapshot(
      List<PolicyTraffic> policies, Optional<PolicyTraffic> unmatched) {
    return new TrafficNow(
        TrafficNow.Source.SNAPSHOT,
        TrafficSource.newest(policies, Instant.MAX),
        policies,
        unmatched,
        false,
        false);
  }

  /// The readings that rates are computed since, as on a gateway.
  private static Map<HubPolicy, Reading> before(
      HubTraffic hub, Map<HubGateway, List<PolicyTraffic>> newest, Map<HubGateway, Instant> ends) {
    Map<HubPolicy, Long> window = new HashMap<>();
    Map<HubPolicy, Long> least = new HashMap<>();
    ends.forEach((gateway, end) -> {
      for (PolicyTraffic policy : of(newest, gateway)) {
        if (policy.lastUpdated() != null) {
          HubPolicy key = new HubPolicy(gateway.name(), policy.policyId());
          window.put(key, end.getEpochSecond() - TrafficRow.WINDOW_SECONDS);
          least.put(key, end.getEpochSecond() - TrafficRow.LEAST_SECONDS);
        }
      }
    });
    Map<HubPolicy, Reading> before = new HashMap<>(hub.before(window));
    least.keySet().removeAll(before.keySet());
    before.putAll(hub.before(least));
    return before;
  }

  /// The sum of what no policy matched on each gateway.
  private static Optional<TrafficRow> unmatched(
      HubTraffic hub, Map<HubGateway, PolicyTraffic> unmatched, Map<HubGateway, Instant> ends) {
    Map<HubGateway, Long> window = new HashMap<>();
    Map<HubGateway, Long> least = new HashMap<>();
    ends.forEach((gateway, end) -> {
      window.put(gateway, end.getEpochSecond() - TrafficRow.WINDOW_SECONDS);
      least.put(gateway, end.getEpochSecond() - TrafficRow.LEAST_SECONDS);
    });
    Map<HubGateway, Reading> before = new HashMap<>(hub.unmatchedUntil(window));
    least.keySet().removeAll(before.keySet());
    before.putAll(hub.unmatchedUntil(least));
    List<TrafficRow> rows = new ArrayList<>();
    unmatched.forEach((gateway, traffic) ->
        rows.add(
            ends.containsKey(gateway)
                ? TrafficSource.unmatched(
                    traffic, ends.get(gateway), Optional.ofNullable(before.get(gateway)))
                : TrafficRow.withoutRates(traffic)));
    if (rows.size() < 2) {
      return rows.stream().findFirst();
    }
    TrafficSum sum = TrafficSum.of(rows);
    Instant newest =
        TrafficSource.newest(rows.stream().map(TrafficRow::traffic).toList(), Instant.MAX)
            .orElse(null);
    return Optional.of(
        new TrafficRow(
            PolicyTraffic.unmatched(sum.packets(), sum.bytes(), sum.activeFlows(), newest),
            sum.packetsPerSecond(),
            sum.bytesPerSecond(),
            0));
  }

  /// The rows of a policy, one of each gateway that has it.
  ///
  /// @throws UserError if no gateway has it, or one has several that fit
  public List<TrafficRow> named(String policy) {
    return NamedRows.find(policy, rows);
  }
}
