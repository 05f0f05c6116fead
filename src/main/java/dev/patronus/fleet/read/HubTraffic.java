package dev.patronus.fleet.read;

import dev.patronus.history.Reading;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.time.EpochSeconds;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// The newest counters of the policies of gateways, and earlier ones that they are compared with.
///
/// Of each policy the series says when its newest row is; those of a gateway usually have the same
/// time, and are read at once, by the index of gateway and time. Rows that lie more than a day
/// ahead of their gateway's clock are from one that was wrong, and are not the newest as long as
/// there are others.
///
/// Confined to one thread.
public final class HubTraffic {
  /// So long before are earlier counters looked for.
  private static final long EARLIER_SECONDS = 7 * 86_400L;

  /// Each policy, the time of its newest row, and the time that no true row of its gateway is later
  /// than.
  private static final String POLICIES =
      """
      SELECT p.gateway_id, p.policy_id, p.name, p.priority, p.enabled, n.newest,
        floor(extract(epoch FROM clock_timestamp()))::bigint + 86400
          + coalesce(g.sent_skew_seconds, 0)::bigint
      FROM fleet.gateways g JOIN fleet.policies p USING (gateway_id) LEFT JOIN (
        SELECT s.gateway_id, s.policy_id, max(s.newest) AS newest
        FROM fleet.series s JOIN fleet.epochs e USING (gateway_id, epoch)
        WHERE s.gateway_id = ANY (?) AND s.series_id <> 0 AND e.visible
        GROUP BY s.gateway_id, s.policy_id) n USING (gateway_id, policy_id)
      WHERE p.gateway_id = ANY (?) AND p.deleted_at IS NULL
      ORDER BY p.gateway_id, p.priority DESC, p.name COLLATE "C", p.policy_id
      """;

  /// The newest row of each policy up to a time, or else the one of a time.
  private static final String UP_TO_OR_AT =
      """
      SELECT k.gateway_id, k.policy_id, s."timestamp", s.packets_matched, s.bytes_matched,
        s.active_flows
      FROM unnest(?::integer[], ?::bigint[], ?::bigint[], ?::bigint[])
          AS k (gateway_id, policy_id, until, newest)
        CROSS JOIN LATERAL (
          (SELECT v.* FROM fleet.visible_policy_stats v
          WHERE v.gateway_id = k.gateway_id AND v.policy_id = k.policy_id
            AND v."timestamp" <= k.until
          ORDER BY v."timestamp" DESC, v.epoch DESC, v.row_id DESC LIMIT 1)
          UNION ALL
          (SELECT v.* FROM fleet.visible_policy_stats v
          WHERE v.gateway_id = k.gateway_id AND v.policy_id = k.policy_id
            AND v."timestamp" = k.newest
          ORDER BY v.epoch DESC, v.row_id DESC LIMIT 1)
          ORDER BY "timestamp" LIMIT 1) s
      """;

  /// The rows of the newest time of a gateway that is not later than a second.
  private static final String BEFORE_AT_ONCE =
      """
      SELECT v.gateway_id, v.policy_id, v."timestamp", v.packets_matched, v.bytes_matched,
        v.active_flows, k.place
      FROM unnest(?::integer[], ?::bigint[], ?::integer[]) AS k (gateway_id, until, place)
        CROSS JOIN LATERAL (
          SELECT v."timestamp" FROM fleet.visible_policy_stats v
          WHERE v.gateway_id = k.gateway_id
            AND v."timestamp" <= k.until AND v."timestamp" > k.until - ?
          ORDER BY v."timestamp" DESC LIMIT 1) m
        CROSS JOIN LATERAL (
          SELECT * FROM fleet.visible_policy_stats v
          WHERE v.gateway_id = k.gateway_id AND v."timestamp" = m."timestamp" OFFSET 0) v
      ORDER BY k.place, v.policy_id, v.epoch, v.row_id
      """;

  private static final String BEFORE =
      """
      SELECT k.gateway_id, k.policy_id, s."timestamp", s.packets_matched, s.bytes_matched,
        s.active_flows
      FROM unnest(?::integer[], ?::bigint[], ?::bigint[]) AS k (gateway_id, policy_id, until)
        CROSS JOIN LATERAL (
          SELECT v.* FROM fleet.visible_policy_stats v
          WHERE v.gateway_id = k.gateway_id AND v.policy_id = k.policy_id
            AND v."timestamp" <= k.until AND v."timestamp" > k.until - ?
          ORDER BY v."timestamp" DESC, v.epoch DESC, v.row_id DESC LIMIT 1) s
      """;

  /// By the key of each epoch; of several the newest.
  private static final String UNMATCHED =
      """
      SELECT DISTINCT ON (k.gateway_id) k.gateway_id, 0, u."timestamp", u.packets, u.bytes,
        u.active_flows
      FROM unnest(?::integer[], ?::bigint[]) AS k (gateway_id, until)
        JOIN fleet.epochs e ON e.gateway_id = k.gateway_id AND e.complete_at IS NOT NULL
        CROSS JOIN LATERAL (
          SELECT v.* FROM fleet.unmatched_stats v
          WHERE v.gateway_id = e.gateway_id AND v.epoch = e.epoch AND v."timestamp" <= k.until
          ORDER BY v."timestamp" DESC LIMIT 1) u
      ORDER BY k.gateway_id, u."timestamp" DESC, e.epoch DESC
      """;

  private static final String CLOCKS =
      """
      SELECT gateway_id, floor(extract(epoch FROM clock_timestamp()))::bigint + 86400
        + coalesce(sent_skew_seconds, 0)::bigint
      FROM fleet.gateways WHERE gateway_id = ANY (?)
      """;

  private final FleetReader reader;

  public HubTraffic(FleetReader reader) {
    this.reader = reader;
  }

  /// The policies of each gateway in order of matching, each with its newest counters; zeros and no
  /// instant where there are none.
  public Map<HubGateway, List<PolicyTraffic>> newest() {
    List<Listed> all =
        reader.list(
            POLICIES,
            row -> {
              long newest = row.getLong(6);
              return new Listed(
                  new Key(row.getInt(1), row.getLong(2)),
                  row.getString(3),
                  row.getLong(4),
                  row.getBoolean(5),
                  row.wasNull() ? Long.MIN_VALUE : newest,
                  row.getLong(7));
            },
            reader.ids(),
            reader.ids());
    Map<Key, Reading> readings = newest(all);
    Map<Integer, List<PolicyTraffic>> found = new HashMap<>();
    all.forEach(policy ->
        found
            .computeIfAbsent(policy.key().gatewayId(), _ -> new ArrayList<>())
            .add(policy.traffic(Optional.ofNullable(readings.get(policy.key())))));
    Map<HubGateway, List<PolicyTraffic>> byGateway = new HashMap<>();
    reader
        .gateways()
        .forEach(gateway -> byGateway.put(gateway, found.getOrDefault(gateway.id(), List.of())));
    return byGateway;
  }

  /// A policy of a gateway, by the numbers of the hub.
  private record Key(int gatewayId, long policyId) {}

  /// A policy as it is listed.
  ///
  /// @param newest the time of its newest row; [Long#MIN_VALUE] if it has none
  /// @param most the time that no true row is later than
  private record Listed(
      Key key, String name, long priority, boolean enabled, long newest, long most) {
    Moment moment() {
      return new Moment(key.gatewayId(), newest);
    }

    PolicyTraffic traffic(Optional<Reading> reading) {
      return new PolicyTraffic(
          key.policyId(),
          name,
          priority,
          enabled,
          reading.map(Reading::packets).orElse(0L),
          reading.map(Reading::bytes).orElse(0L),
          reading.map(Reading::activeFlows).orElse(0L),
          reading.map(of -> EpochSeconds.toInstant(of.epochSecond())).orElse(null));
    }
  }

  private Map<Key, Reading> newest(List<Listed> all) {
    Set<Moment> moments = new LinkedHashSet<>();
    List<Listed> wrong = new ArrayList<>();
    for (Listed policy : all) {
      if (policy.newest() > policy.most()) {
        wrong.add(policy);
      } else if (policy.newest() > Long.MIN_VALUE) {
        moments.add(policy.moment());
      }
    }
    Map<Moment, Map<Long, Reading>> atOnce = atOnce(List.copyOf(moments));
    Map<Key, Reading> readings = new HashMap<>();
    for (Listed policy : all) {
      Reading reading = atOnce.getOrDefault(policy.moment(), Map.of()).get(policy.key().policyId());
      if (reading != null && reading.epochSecond() == policy.newest()) {
        readings.put(policy.key(), reading);
      }
    }
    if (!wrong.isEmpty()) {
      reader.each(
          UP_TO_OR_AT,
          row -> readings.put(new Key(row.getInt(1), row.getLong(2)), reading(row)),
          wrong.stream().mapToInt(policy -> policy.key().gatewayId()).toArray(),
          wrong.stream().mapToLong(policy -> policy.key().policyId()).toArray(),
          wrong.stream().mapToLong(Listed::most).toArray(),
          wrong.stream().mapToLong(Listed::newest).toArray());
    }
    return readings;
  }

  /// The newest reading of each of these policies that is not later than a second, by policy; none
  /// of those that are a week older.
  ///
  /// @param until for each policy the second
  public Map<HubPolicy, Reading> before(Map<HubPolicy, Long> until) {
    Set<Moment> moments = new LinkedHashSet<>();
    until.forEach(
        (policy, second) -> moments.add(new Moment(reader.gateway(policy.gateway()).id(), second)));
    Map<Moment, Map<Long, Reading>> atOnce = atOnce(List.copyOf(moments));
    Map<HubPolicy, Reading> found = new HashMap<>();
    List<HubPolicy> others = new ArrayList<>();
    until.forEach((policy, second) -> {
      Map<Long, Reading> of = atOnce.get(new Moment(reader.gateway(policy.gateway()).id(), second));
      if (of != null) { // otherwise no policy of the gateway has a row
        Reading reading = of.get(policy.policyId());
        if (reading == null) {
          others.add(policy);
        } else {
          found.put(policy, reading);
        }
      }
    });
    if (!others.isEmpty()) {
      reader.each(
          BEFORE,
          row ->
              found.put(
                  new HubPolicy(reader.gateway(row.getInt(1)).name(), row.getLong(2)),
                  reading(row)),
          others.stream().mapToInt(policy -> reader.gateway(policy.gateway()).id()).toArray(),
          others.stream().mapToLong(HubPolicy::policyId).toArray(),
          others.stream().mapToLong(until::get).toArray(),
          EARLIER_SECONDS);
    }
    return found;
  }

  /// A second of a gateway.
  private record Moment(int gatewayId, long second) {}

  /// For each of these moments the readings of the newest rows that are not later, by policy;
  /// nothing where there are none.
  private Map<Moment, Map<Long, Reading>> atOnce(List<Moment> moments) {
    Map<Moment, Map<Long, Reading>> found = new HashMap<>();
    if (!moments.isEmpty()) {
      reader.each(
          BEFORE_AT_ONCE,
          row ->
              found
                  .computeIfAbsent(moments.get(row.getInt(7)), _ -> new HashMap<>())
                  .put(row.getLong(2), reading(row)), // of several the last
          moments.stream().mapToInt(Moment::gatewayId).toArray(),
          moments.stream().mapToLong(Moment::second).toArray(),
          IntStream.range(0, moments.size()).toArray(),
          EARLIER_SECONDS);
    }
    return found;
  }

  private static Reading reading(ResultSet row) throws SQLException {
    return new Reading(
        row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5), row.getLong(6));
  }

  /// What no policy of each gateway matched, as of the newest snapshot; nothing of those where
  /// nobody has counted it.
  public Map<HubGateway, PolicyTraffic> unmatched() {
    Map<Integer, Long> most = new HashMap<>();
    reader.each(CLOCKS, row -> most.put(row.getInt(1), row.getLong(2)), reader.ids());
    Map<HubGateway, Long> clocks = new HashMap<>();
    Map<HubGateway, Long> whenever = new HashMap<>();
    reader
        .gateways()
        .forEach(gateway -> {
          clocks.put(gateway, most.get(gateway.id()));
          whenever.put(gateway, Long.MAX_VALUE);
        });
    Map<HubGateway, Reading> found = unmatchedUntil(clocks);
    whenever.keySet().removeAll(found.keySet());
    Map<HubGateway, Reading> all = new HashMap<>(unmatchedUntil(whenever));
    all.putAll(found);
    Map<HubGateway, PolicyTraffic> traffic = new HashMap<>();
    all.forEach((gateway, reading) ->
        traffic.put(
            gateway,
            PolicyTraffic.unmatched(
                reading.packets(),
                reading.bytes(),
                reading.activeFlows(),
                EpochSeconds.toInstant(reading.epochSecond()))));
    return traffic;
  }

  /// The newest reading of what no policy of a gateway matched that is not later than a second.
  public Map<HubGateway, Reading> unmatchedUntil(Map<HubGateway, Long> until) {
    List<HubGateway> wanted = List.copyOf(until.keySet());
    Map<HubGateway, Reading> found = new HashMap<>();
    reader.each(
        UNMATCHED,
        row -> found.put(reader.gateway(row.getInt(1)), reading(row)),
        wanted.stream().mapToInt(HubGateway::id).toArray(),
        wanted.stream().mapToLong(until::get).toArray());
    return found;
  }
}
