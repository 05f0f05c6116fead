package dev.patronus.store.table;

import dev.patronus.site.PathHealth;
import dev.patronus.site.PathStatus;
import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import dev.patronus.time.EpochSeconds;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// `sdwan_path_health`: how well each path was; its path ids are text, and no key holds them.
///
/// Confined to the database's thread. Databases older than the newest have none.
public final class PathHealthTable {
  private static final String RECENT =
      """
      SELECT timestamp, latency_ms, packet_loss_pct, jitter_ms, health_score, status
      FROM sdwan_path_health WHERE path_id = ? ORDER BY timestamp DESC, health_id DESC LIMIT ?
      """;

  /// The first sample with the status down behind the last one with another.
  private static final String DOWN_SINCE =
      """
      SELECT min(timestamp) FROM sdwan_path_health WHERE path_id = ?1 AND timestamp > coalesce(
        (SELECT timestamp FROM sdwan_path_health WHERE path_id = ?1 AND lower(status) <> 'down'
         ORDER BY timestamp DESC LIMIT 1), -9223372036854775808)
      """;

  private final Database database;

  public PathHealthTable(Database database) {
    this.database = database;
  }

  /// Whether the database has health samples at all.
  public boolean exists() {
    return database.schema().has("sdwan_path_health");
  }

  /// Since when all samples of a path say that it is down; empty if the newest does not, or there
  /// is none.
  public Optional<Instant> downSince(long pathId) {
    RowReader<Optional<Instant>> since =
        row -> {
          long second = row.getLong(1);
          return row.wasNull() ? Optional.empty() : Optional.of(EpochSeconds.toInstant(second));
        };
    return database.read(
        connection -> since.list(connection, DOWN_SINCE, Long.toString(pathId)).getFirst());
  }

  /// The newest rows of a path, newest first.
  public List<PathHealth> recent(long pathId, int limit) {
    if (!exists()) {
      return List.of();
    }
    RowReader<PathHealth> health = PathHealthTable::health;
    return database.read(
        connection -> health.list(connection, RECENT, Long.toString(pathId), limit));
  }

  private static PathHealth health(ResultSet row) throws SQLException {
    return new PathHealth(
        EpochSeconds.toInstant(row.getLong(1)),
        row.getDouble(2),
        row.getDouble(3),
        row.getDouble(4),
        row.getDouble(5),
        PathStatus.of(RowReader.text(row, 6)));
  }
}
