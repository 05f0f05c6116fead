package dev.patronus.store.table;

import dev.patronus.site.PathHealth;
import dev.patronus.site.PathStatus;
import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import dev.patronus.time.EpochSeconds;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/// `sdwan_path_health`: how well each path was; its path ids are text, and no key holds them.
///
/// Confined to the database's thread. Databases older than the newest have none.
public final class PathHealthTable {
  private static final String RECENT =
      """
      SELECT timestamp, latency_ms, packet_loss_pct, jitter_ms, health_score, status
      FROM sdwan_path_health WHERE path_id = ? ORDER BY timestamp DESC, health_id DESC LIMIT ?
      """;

  private final Database database;

  public PathHealthTable(Database database) {
    this.database = database;
  }

  /// The newest rows of a path, newest first.
  public List<PathHealth> recent(long pathId, int limit) {
    if (!database.schema().has("sdwan_path_health")) {
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
