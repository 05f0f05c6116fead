package dev.patronus.store.table;

import dev.patronus.site.Endpoint;
import dev.patronus.site.PublicKey;
import dev.patronus.site.Site;
import dev.patronus.site.SiteOverview;
import dev.patronus.site.SiteStatus;
import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import dev.patronus.time.EpochSeconds;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// `sdwan_sites`, with `sdwan_endpoints` under it.
///
/// Confined to the database's thread.
public final class SiteTable {
  private static final String ALL =
      """
      SELECT site_id, site_name, public_key, created_at, last_seen, status
      FROM sdwan_sites WHERE site_id IS NOT NULL ORDER BY site_name, site_id
      """;

  private static final String ENDPOINTS =
      """
      SELECT endpoint_id, site_id, address, interface_type, cost_per_gb, reachable
      FROM sdwan_endpoints WHERE site_id = ? ORDER BY endpoint_id
      """;

  private static final String ENDPOINT_COUNTS =
      "SELECT site_id, 'endpoint', count(*) FROM sdwan_endpoints GROUP BY site_id";

  /// Each path at both its ends; one that begins where it ends counts once there.
  private static final String PATH_COUNTS =
      """
      SELECT src_site_id, lower(status), count(*) FROM sdwan_paths GROUP BY 1, 2
      UNION ALL
      SELECT dst_site_id, lower(status), count(*) FROM sdwan_paths
      WHERE dst_site_id <> src_site_id GROUP BY 1, 2
      """;

  private final Database database;

  public SiteTable(Database database) {
    this.database = database;
  }

  /// All sites by name.
  public List<Site> all() {
    RowReader<Site> site = SiteTable::site;
    return database.read(connection -> site.list(connection, ALL));
  }

  private static Site site(ResultSet row) throws SQLException {
    byte[] key = row.getBytes(3);
    return new Site(
        row.getString(1),
        RowReader.text(row, 2),
        PublicKey.of(key == null ? new byte[0] : key),
        EpochSeconds.toInstant(row.getLong(4)),
        EpochSeconds.toInstant(row.getLong(5)),
        SiteStatus.of(RowReader.text(row, 6)));
  }

  /// The endpoints of a site.
  public List<Endpoint> endpoints(String siteId) {
    RowReader<Endpoint> endpoint = EndpointTable::endpoint;
    return database.read(connection -> endpoint.list(connection, ENDPOINTS, siteId));
  }

  /// All sites by name, with the number of dependent rows of each, counted in one pass over the
  /// paths.
  public List<SiteOverview> overviews() {
    List<Site> sites = all();
    return database.read(connection -> {
      Map<String, Map<String, Long>> counts = new HashMap<>();
      count(connection, ENDPOINT_COUNTS, counts);
      count(connection, PATH_COUNTS, counts);
      return sites.stream()
          .map(site -> overview(site, counts.getOrDefault(site.id(), Map.of())))
          .toList();
    });
  }

  private static void count(
      Connection connection, String sql, Map<String, Map<String, Long>> counts)
      throws SQLException {
    RowReader<Long> count =
        row ->
            counts
                .computeIfAbsent(row.getString(1), _ -> new HashMap<>())
                .merge(row.getString(2), row.getLong(3), Long::sum);
    count.list(connection, sql);
  }

  private static SiteOverview overview(Site site, Map<String, Long> counts) {
    long endpoints = counts.getOrDefault("endpoint", 0L);
    long up = counts.getOrDefault("up", 0L);
    long degraded = counts.getOrDefault("degraded", 0L);
    long down = counts.getOrDefault("down", 0L);
    long all = counts.values().stream().mapToLong(Long::longValue).sum();
    return new SiteOverview(
        site, endpoints, up, degraded, down, all - endpoints - up - degraded - down);
  }
}
