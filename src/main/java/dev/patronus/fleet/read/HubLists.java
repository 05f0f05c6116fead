package dev.patronus.fleet.read;

import dev.patronus.policy.Policy;
import dev.patronus.policy.rule.Preference;
import dev.patronus.policy.rule.Rules;
import dev.patronus.site.Path;
import dev.patronus.site.PathMeasurement;
import dev.patronus.site.PathStatus;
import dev.patronus.site.PublicKey;
import dev.patronus.site.Site;
import dev.patronus.site.SiteOverview;
import dev.patronus.site.SiteStatus;
import dev.patronus.store.table.PathTable;
import dev.patronus.store.table.PolicyTable;
import dev.patronus.time.EpochSeconds;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The sites, policies and paths of gateways as each has them now, and those that were deleted.
///
/// Gateway by gateway, each list in the order that it has on a gateway. Confined to one thread.
public final class HubLists {
  private static final String SITES =
      """
      SELECT s.gateway_id, s.deleted_at, s.site_id, s.site_name, s.created_at, s.last_seen,
        s.status, s.endpoints, coalesce(p.up, 0), coalesce(p.degraded, 0), coalesce(p.down, 0),
        coalesce(p.other, 0)
      FROM fleet.sites s LEFT JOIN (
        SELECT gateway_id, site_id,
          count(*) FILTER (WHERE status = 'up') AS up,
          count(*) FILTER (WHERE status = 'degraded') AS degraded,
          count(*) FILTER (WHERE status = 'down') AS down,
          count(*) FILTER (WHERE status NOT IN ('up', 'degraded', 'down')) AS other
        FROM (
          SELECT gateway_id, src_site_id AS site_id, lower(status) AS status FROM fleet.paths
          WHERE gateway_id = ANY (?) AND deleted_at IS NULL
          UNION ALL
          SELECT gateway_id, dst_site_id, lower(status) FROM fleet.paths
          WHERE gateway_id = ANY (?) AND deleted_at IS NULL AND dst_site_id <> src_site_id) e
        GROUP BY 1, 2) p USING (gateway_id, site_id)
      WHERE s.gateway_id = ANY (?) AND (s.deleted_at IS NULL OR ?)
      ORDER BY s.gateway_id, s.site_name COLLATE "C", s.site_id COLLATE "C"
      """;

  private static final String POLICIES =
      """
      SELECT gateway_id, deleted_at, policy_id, name, priority, enabled, match_rules,
        path_preference
      FROM fleet.policies WHERE gateway_id = ANY (?) AND (deleted_at IS NULL OR ?)
      """;

  /// The newest measurement of each path by one step in the index of gateway, path and time. One
  /// that lies more than a day ahead of the gateway's clock is from a wrong clock, and is the
  /// newest only where there is no other.
  private static final String PATHS =
      """
      SELECT p.gateway_id, p.deleted_at, p.path_id, p.src_site_id, p.dst_site_id, p.src_endpoint,
        p.dst_endpoint, p.wg_interface, p.status,
        m."timestamp", m.latency_ms, m.jitter_ms, m.packet_loss_pct, m.bandwidth_mbps, m.mtu,
        m.score
      FROM fleet.paths p JOIN fleet.gateways g USING (gateway_id)
        LEFT JOIN LATERAL (
          SELECT * FROM (
            (SELECT v.*, 1 AS choice FROM fleet.visible_path_metrics v
              WHERE v.gateway_id = p.gateway_id AND v.path_id = p.path_id
                AND v."timestamp" <= floor(extract(epoch FROM clock_timestamp()))::bigint + 86400
                  + coalesce(g.sent_skew_seconds, 0)::bigint
              ORDER BY v."timestamp" DESC, v.epoch DESC, v.row_id DESC LIMIT 1)
            UNION ALL
            (SELECT v.*, 2 FROM fleet.visible_path_metrics v
              WHERE v.gateway_id = p.gateway_id AND v.path_id = p.path_id
              ORDER BY v."timestamp" DESC, v.epoch DESC, v.row_id DESC LIMIT 1)) c
          ORDER BY c.choice LIMIT 1) m ON true
      WHERE p.gateway_id = ANY (?) AND (p.deleted_at IS NULL OR ?)
      ORDER BY p.gateway_id, p.path_id
      """;

  private static final String SITE_NAMES =
      """
      SELECT gateway_id, site_id, site_name FROM fleet.sites WHERE gateway_id = ANY (?)
      """;

  private final FleetReader reader;

  public HubLists(FleetReader reader) {
    this.reader = reader;
  }

  /// All sites with their paths counted, by name.
  ///
  /// @param deleted whether deleted ones are in the list, too
  public List<HubItem<SiteOverview>> sites(boolean deleted) {
    List<HubItem<SiteOverview>> sites =
        reader.list(
            SITES, row -> item(row, site(row)), reader.ids(), reader.ids(), reader.ids(), deleted);
    return byGateway(sites, (_, _) -> 0);
  }

  private <T> HubItem<T> item(ResultSet row, T item) throws SQLException {
    return new HubItem<>(reader.gateway(row.getInt(1)), item, HubItem.deletedAt(row, 2));
  }

  private static <T> List<HubItem<T>> byGateway(
      List<HubItem<T>> items, Comparator<? super T> order) {
    List<HubItem<T>> sorted = new ArrayList<>(items);
    sorted.sort((a, b) -> {
      int byName = a.gateway().name().compareTo(b.gateway().name());
      return byName == 0 ? order.compare(a.item(), b.item()) : byName;
    });
    return sorted;
  }

  /// The hub does not have public keys.
  private static SiteOverview site(ResultSet row) throws SQLException {
    Site site =
        new Site(
            row.getString(3),
            row.getString(4),
            PublicKey.of(new byte[0]),
            EpochSeconds.toInstant(row.getLong(5)),
            EpochSeconds.toInstant(row.getLong(6)),
            SiteStatus.of(row.getString(7)));
    return new SiteOverview(
        site, row.getLong(8), row.getLong(9), row.getLong(10), row.getLong(11), row.getLong(12));
  }

  /// All policies in order of evaluation.
  ///
  /// @param deleted whether deleted ones are in the list, too
  public List<HubItem<PolicyTable.Row>> policies(boolean deleted) {
    List<HubItem<PolicyTable.Row>> policies =
        reader.list(POLICIES, row -> item(row, policy(row)), reader.ids(), deleted);
    return byGateway(policies, (a, b) -> Policy.ORDER.compare(a.policy(), b.policy()));
  }

  private static PolicyTable.Row policy(ResultSet row) throws SQLException {
    String matchRules = row.getString(7);
    String pathPreference = row.getString(8);
    Policy policy =
        new Policy(
            row.getLong(3),
            row.getString(4),
            row.getLong(5),
            row.getBoolean(6),
            Rules.read(matchRules),
            Preference.read(pathPreference));
    return new PolicyTable.Row(policy, matchRules, pathPreference);
  }

  /// All paths by id, each with its newest measurement.
  ///
  /// @param deleted whether deleted ones are in the list, too
  public List<HubItem<PathTable.Row>> paths(boolean deleted) {
    List<HubItem<PathTable.Row>> paths =
        reader.list(PATHS, row -> item(row, path(row)), reader.ids(), deleted);
    return byGateway(paths, (_, _) -> 0);
  }

  private static PathTable.Row path(ResultSet row) throws SQLException {
    Path path =
        new Path(
            row.getLong(3),
            row.getString(4),
            row.getString(5),
            row.getString(6),
            row.getString(7),
            Optional.ofNullable(row.getString(8)),
            PathStatus.of(row.getString(9)));
    long measured = row.getLong(10);
    return new PathTable.Row(
        path,
        row.wasNull()
            ? Optional.empty()
            : Optional.of(
                new PathMeasurement(
                    EpochSeconds.toInstant(measured),
                    row.getDouble(11),
                    row.getDouble(12),
                    row.getDouble(13),
                    row.getDouble(14),
                    row.getLong(15),
                    row.getLong(16))));
  }

  /// The names of the sites of each gateway by their ids, deleted ones included.
  public Map<String, Map<String, String>> siteNames() {
    Map<String, Map<String, String>> names = new HashMap<>();
    reader.each(
        SITE_NAMES,
        row ->
            names
                .computeIfAbsent(reader.gateway(row.getInt(1)).name(), _ -> new HashMap<>())
                .put(row.getString(2), row.getString(3)),
        reader.ids());
    return names;
  }
}
