package dev.patronus.store.table;

import dev.patronus.audit.Actor;
import dev.patronus.audit.AuditEvent;
import dev.patronus.route.LatestMetrics;
import dev.patronus.route.Mesh;
import dev.patronus.route.PathMetrics;
import dev.patronus.site.Path;
import dev.patronus.site.PathMeasurement;
import dev.patronus.site.PathStatus;
import dev.patronus.store.BoundedText;
import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import dev.patronus.time.EpochSeconds;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/// `sdwan_paths`, with `sdwan_path_metrics` under it.
///
/// Confined to the database's thread.
public final class PathTable implements LatestMetrics {
  private static final String PATHS =
      """
      SELECT path_id, %s, %s, %s, %s, %s, %s
      FROM sdwan_paths ORDER BY path_id
      """
          .formatted(
              BoundedText.name("src_site_id"),
              BoundedText.name("dst_site_id"),
              BoundedText.name("src_endpoint"),
              BoundedText.name("dst_endpoint"),
              BoundedText.name("wg_interface"),
              BoundedText.name("status"));

  /// The newest measurement of each path by one step in the index (path_id, timestamp), whose last
  /// part is the row's own id. One that lies more than a day in the future is from a wrong clock,
  /// and is the newest only where there is no other.
  private static final String WITH_LATEST =
      """
      SELECT p.path_id, p.src_site_id, p.dst_site_id, p.src_endpoint, p.dst_endpoint,
             p.wg_interface, p.status,
             m.timestamp, m.latency_ms, m.jitter_ms, m.packet_loss_pct, m.bandwidth_mbps,
             m.mtu, m.score
      FROM sdwan_paths p
      LEFT JOIN sdwan_path_metrics m ON m.metric_id = coalesce(
        (SELECT metric_id FROM sdwan_path_metrics
         WHERE path_id = p.path_id AND timestamp <= unixepoch() + 86400
         ORDER BY timestamp DESC, metric_id DESC LIMIT 1),
        (SELECT metric_id FROM sdwan_path_metrics
         WHERE path_id = p.path_id ORDER BY timestamp DESC, metric_id DESC LIMIT 1))
      """;

  private static final String BY_ID = "ORDER BY p.path_id";

  private static final String OF_ID = "WHERE p.path_id = ?";

  private static final String OF_SITE = "WHERE p.src_site_id = ?1 OR p.dst_site_id = ?1 ";

  private static final String RECENT =
      """
      SELECT timestamp, latency_ms, jitter_ms, packet_loss_pct, bandwidth_mbps, mtu, score
      FROM sdwan_path_metrics WHERE path_id = ? ORDER BY timestamp DESC, metric_id DESC LIMIT ?
      """;

  /// The newest measurement of one path, by one step in the same index.
  private static final String LATEST =
      """
      SELECT timestamp, latency_ms, jitter_ms, packet_loss_pct, bandwidth_mbps, mtu, score
      FROM sdwan_path_metrics WHERE metric_id = coalesce(
        (SELECT metric_id FROM sdwan_path_metrics
         WHERE path_id = ?1 AND timestamp <= unixepoch() + 86400
         ORDER BY timestamp DESC, metric_id DESC LIMIT 1),
        (SELECT metric_id FROM sdwan_path_metrics
         WHERE path_id = ?1 ORDER BY timestamp DESC, metric_id DESC LIMIT 1))
      """;

  private static final String RECORD =
      """
      INSERT INTO sdwan_path_metrics
        (path_id, timestamp, latency_ms, jitter_ms, packet_loss_pct, bandwidth_mbps, mtu, score)
      SELECT path_id, ?, ?, ?, ?, ?, ?, ? FROM sdwan_paths WHERE path_id = ?
      """;

  private static final String NAMES =
      "SELECT site_id, site_name FROM sdwan_sites ORDER BY site_name, site_id";

  private static final RowReader<Row> ROW = PathTable::row;

  /// A path and its newest measurement.
  public record Row(Path path, Optional<PathMeasurement> latest) {}

  private final Database database;

  public PathTable(Database database) {
    this.database = database;
  }

  /// All paths by id, each with its newest measurement.
  public List<Row> all() {
    return database.read(connection -> ROW.list(connection, WITH_LATEST + BY_ID));
  }

  /// A path with its newest measurement; empty if there is none of this id.
  public Optional<Row> find(long pathId) {
    return database.read(
        connection -> ROW.list(connection, WITH_LATEST + OF_ID, pathId).stream().findFirst());
  }

  /// How many paths there are.
  public int count() {
    return database.read(PathTable::paths).size();
  }

  /// The paths that begin or end at a site by id, each with its newest measurement.
  public List<Row> ofSite(String siteId) {
    return database.read(connection -> ROW.list(connection, WITH_LATEST + OF_SITE + BY_ID, siteId));
  }

  /// All paths and the endpoints that they use, as they are at one instant.
  public Mesh mesh() {
    return database.readAtOnce(PathTable::mesh);
  }

  static Mesh mesh(Connection connection) throws SQLException {
    return new Mesh(paths(connection), EndpointTable.all(connection));
  }

  private static List<Path> paths(Connection connection) throws SQLException {
    Map<String, String> texts = new HashMap<>();
    RowReader<Path> path = row -> sharing(texts, path(row));
    return path.list(connection, PATHS);
  }

  /// The path with the texts of those before it: few sites and endpoints have many paths.
  private static Path sharing(Map<String, String> texts, Path path) {
    UnaryOperator<String> shared = text -> texts.computeIfAbsent(text, same -> same);
    return new Path(
        path.id(),
        shared.apply(path.srcSiteId()),
        shared.apply(path.dstSiteId()),
        shared.apply(path.srcEndpoint()),
        shared.apply(path.dstEndpoint()),
        path.wgInterface().map(shared),
        path.status());
  }

  /// The newest measurement of each of these paths that was ever measured.
  @Override
  public Map<Long, PathMetrics> of(Set<Long> pathIds) {
    return database.readAtOnce(connection -> latest(connection, pathIds));
  }

  private static Map<Long, PathMetrics> latest(Connection connection, Set<Long> pathIds)
      throws SQLException {
    Map<Long, PathMetrics> latest = new HashMap<>();
    try (PreparedStatement select = connection.prepareStatement(LATEST)) {
      for (long id : pathIds) {
        select.setLong(1, id);
        try (ResultSet row = select.executeQuery()) {
          if (row.next()) {
            latest.put(id, metrics(id, measurement(row, 1)));
          }
        }
      }
    }
    return latest;
  }

  private static PathMetrics metrics(long pathId, PathMeasurement measured) {
    return new PathMetrics(
        pathId,
        measured.at(),
        measured.latencyMillis(),
        measured.jitterMillis(),
        measured.lossPercent(),
        measured.bandwidthMbps(),
        measured.mtu(),
        measured.score());
  }

  /// The ids of all paths.
  public List<Long> ids() {
    RowReader<Long> id = row -> row.getLong(1);
    return database.read(
        connection -> id.list(connection, "SELECT path_id FROM sdwan_paths ORDER BY path_id"));
  }

  /// The newest measurements of a path, newest first.
  public List<PathMeasurement> recent(long pathId, int limit) {
    RowReader<PathMeasurement> newest = row -> measurement(row, 1);
    return database.read(connection -> newest.list(connection, RECENT, pathId, limit));
  }

  /// Saves a measurement of a path.
  ///
  /// @return whether the path is still there; else nothing was saved
  public boolean record(long pathId, PathMeasurement measured, Actor actor, Instant now) {
    return database.write(
        actor,
        now,
        transaction -> {
          int rows =
              transaction
                  .handle()
                  .execute(
                      RECORD,
                      measured.at().getEpochSecond(),
                      measured.latencyMillis(),
                      measured.jitterMillis(),
                      measured.lossPercent(),
                      measured.bandwidthMbps(),
                      measured.mtu(),
                      measured.score(),
                      pathId);
          if (rows > 0) {
            transaction.audit(new AuditEvent.PathHealthCheck(pathId), true);
          }
          return rows > 0;
        });
  }

  /// The names of all sites by their ids.
  public Map<String, String> siteNames() {
    Map<String, String> names = new LinkedHashMap<>();
    RowReader<String> name = row -> names.put(RowReader.text(row, 1), RowReader.text(row, 2));
    database.read(connection -> name.list(connection, NAMES));
    return names;
  }

  private static Row row(ResultSet row) throws SQLException {
    boolean measured = row.getString(8) != null;
    return new Row(path(row), measured ? Optional.of(measurement(row, 8)) : Optional.empty());
  }

  private static Path path(ResultSet row) throws SQLException {
    return new Path(
        row.getLong(1),
        RowReader.text(row, 2),
        RowReader.text(row, 3),
        RowReader.text(row, 4),
        RowReader.text(row, 5),
        Optional.ofNullable(row.getString(6)),
        PathStatus.of(RowReader.text(row, 7)));
  }

  private static PathMeasurement measurement(ResultSet row, int first) throws SQLException {
    return new PathMeasurement(
        EpochSeconds.toInstant(row.getLong(first)),
        row.getDouble(first + 1),
        row.getDouble(first + 2),
        row.getDouble(first + 3),
        row.getDouble(first + 4),
        row.getLong(first + 5),
        row.getLong(first + 6));
  }
}
