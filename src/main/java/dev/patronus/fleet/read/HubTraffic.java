package dev.patronus.fleet.read;

import dev.patronus.history.Reading;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.time.EpochSeconds;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The newest counters of the policies of gateways, and earlier ones that they are compared with.
///
/// Of each policy the series says when its newest row is, so that each is one step in the index of
/// gateway and time. Rows that lie more than a day ahead of their gateway's clock are from one that
/// was wrong, and are not the newest as long as there are others.
///
/// Confined to one thread.
public final class HubTraffic {
  /// So long before are earlier counters looked for.
  private static final long EARLIER_SECONDS = 7 * 86_400L;

  private static final String NEWEST =
      """
      WITH g AS MATERIALIZED (
        SELECT gateway_id, floor(extract(epoch FROM clock_timestamp()))::bigint + 86400
          + coalesce(sent_skew_seconds, 0)::bigint AS most
        FROM fleet.gateways WHERE gateway_id = ANY (?)),
      n AS MATERIALIZED (
        SELECT gateway_id, policy_id, max(newest) AS newest
        FROM fleet.visible_series WHERE gateway_id = ANY (?) AND series_id <> 0 GROUP BY 1, 2)
      SELECT p.gateway_id, p.policy_id, p.name, p.priority, p.enabled,
        coalesce(s.packets_matched, f.packets_matched, 0),
        coalesce(s.bytes_matched, f.bytes_matched, 0),
        coalesce(s.active_flows, f.active_flows, 0),
        coalesce(s."timestamp", f."timestamp")
      FROM g JOIN fleet.policies p USING (gateway_id) LEFT JOIN n USING (gateway_id, policy_id)
        LEFT JOIN LATERAL (
          SELECT v.packets_matched, v.bytes_matched, v.active_flows, v."timestamp"
          FROM fleet.visible_policy_stats v
          WHERE v.gateway_id = p.gateway_id AND v.policy_id = p.policy_id
            AND v."timestamp" <= least(n.newest, g.most)
            AND v."timestamp" >= CASE WHEN n.newest <= g.most THEN n.newest
              ELSE -9223372036854775807 END
          ORDER BY v."timestamp" DESC, v.epoch DESC, v.row_id DESC LIMIT 1) s
          ON n.newest IS NOT NULL
        LEFT JOIN LATERAL (
          SELECT v.packets_matched, v.bytes_matched, v.active_flows, v."timestamp"
          FROM fleet.visible_policy_stats v
          WHERE v.gateway_id = p.gateway_id AND v.policy_id = p.policy_id
            AND v."timestamp" = n.newest
          ORDER BY v.epoch DESC, v.row_id DESC LIMIT 1) f
          ON n.newest > g.most AND s."timestamp" IS NULL
      WHERE p.deleted_at IS NULL
      ORDER BY p.gateway_id, p.priority DESC, p.name COLLATE "C", p.policy_id
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
    Map<Integer, List<PolicyTraffic>> found = new HashMap<>();
    reader.each(
        NEWEST,
        row -> found.computeIfAbsent(row.getInt(1), _ -> new ArrayList<>()).add(traffic(row)),
        reader.ids(),
        reader.ids());
    Map<HubGateway, List<PolicyTraffic>> byGateway = new HashMap<>();
    reader
        .gateways()
        .forEach(gateway -> byGateway.put(gateway, found.getOrDefault(gateway.id(), List.of())));
    return byGateway;
  }

  private static PolicyTraffic traffic(ResultSet row) throws SQLException {
    long second = row.getLong(9);
    Instant lastUpdated = row.wasNull() ? null : EpochSeconds.toInstant(second);
    return new PolicyTraffic(
        row.getLong(2),
        row.getString(3),
        row.getLong(4),
        row.getBoolean(5),
        row.getLong(6),
        row.getLong(7),
        row.getLong(8),
        lastUpdated);
  }

  /// The newest reading of each of these policies that is not later than a second, by policy; none
  /// of those that are a week older.
  ///
  /// @param until for each policy the second
  public Map<HubPolicy, Reading> before(Map<HubPolicy, Long> until) {
    List<HubPolicy> wanted = List.copyOf(until.keySet());
    Map<HubPolicy, Reading> found = new HashMap<>();
    reader.each(
        BEFORE,
        row ->
            found.put(
                new HubPolicy(reader.gateway(row.getInt(1)).name(), row.getLong(2)), reading(row)),
        wanted.stream().mapToInt(policy -> reader.gateway(policy.gateway()).id()).toArray(),
        wanted.stream().mapToLong(HubPolicy::policyId).toArray(),
        wanted.stream().mapToLong(until::get).toArray(),
        EARLIER_SECONDS);
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
