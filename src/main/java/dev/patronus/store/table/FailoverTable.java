package dev.patronus.store.table;

import dev.patronus.json.Json;
import dev.patronus.json.UnreadableJson;
import dev.patronus.site.failover.FailoverEvent;
import dev.patronus.site.failover.FailoverPolicy;
import dev.patronus.site.failover.FailoverUse;
import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import dev.patronus.time.EpochSeconds;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// `sdwan_failover_policies`, which path stands in for which, with `sdwan_failover_events` under
/// it; their path ids are text, and no key holds them.
///
/// Confined to the database's thread. Databases older than the newest have none.
public final class FailoverTable {
  private static final String ALL =
      """
      SELECT policy_id, name, primary_path_id, backup_path_ids, failover_threshold,
             failback_threshold, failback_delay_secs, enabled
      FROM sdwan_failover_policies ORDER BY name, policy_id
      """;

  private static final String RECENT =
      """
      SELECT event_id, policy_id, event_type, from_path_id, to_path_id, reason, timestamp
      FROM sdwan_failover_events WHERE policy_id = ?
      ORDER BY timestamp DESC, event_id DESC LIMIT ?
      """;

  private static final String LAST_SWITCH =
      """
      SELECT event_id, policy_id, event_type, from_path_id, to_path_id, reason, timestamp
      FROM sdwan_failover_events
      WHERE policy_id = ? AND (event_type IN ('triggered', 'completed') AND to_path_id IS NOT NULL
                               OR event_type = 'failed' AND from_path_id IS NOT NULL)
      ORDER BY timestamp DESC, event_id DESC LIMIT 1
      """;

  private static final RowReader<FailoverEvent> EVENT = FailoverTable::event;

  private final Database database;

  public FailoverTable(Database database) {
    this.database = database;
  }

  /// Whether the database has failover policies at all.
  public boolean exists() {
    return database.schema().has("sdwan_failover_policies");
  }

  public List<FailoverPolicy> all() {
    if (!exists()) {
      return List.of();
    }
    RowReader<FailoverPolicy> reader = FailoverTable::policy;
    return database.read(connection -> reader.list(connection, ALL));
  }

  /// The failover policies that count on a path.
  public List<FailoverUse> using(long pathId) {
    String id = Long.toString(pathId);
    return all().stream().flatMap(policy -> policy.use(id).stream()).toList();
  }

  /// The newest events of a policy, newest first.
  public List<FailoverEvent> recent(long policyId, int limit) {
    return database.schema().has("sdwan_failover_events")
        ? database.read(connection -> EVENT.list(connection, RECENT, policyId, limit))
        : List.of();
  }

  /// The newest event of a policy that names the path for its traffic; empty if there is none.
  public Optional<FailoverEvent> lastSwitch(long policyId) {
    return database.schema().has("sdwan_failover_events")
        ? database.read(
            connection -> EVENT.list(connection, LAST_SWITCH, policyId).stream().findFirst())
        : Optional.empty();
  }

  private static FailoverPolicy policy(ResultSet row) throws SQLException {
    return new FailoverPolicy(
        row.getLong(1),
        RowReader.text(row, 2),
        RowReader.text(row, 3),
        ids(RowReader.text(row, 4)),
        row.getDouble(5),
        row.getDouble(6),
        row.getLong(7),
        row.getLong(8) != 0);
  }

  private static FailoverEvent event(ResultSet row) throws SQLException {
    return new FailoverEvent(
        row.getLong(1),
        row.getLong(2),
        RowReader.text(row, 3),
        Optional.ofNullable(row.getString(4)),
        Optional.ofNullable(row.getString(5)),
        RowReader.text(row, 6),
        EpochSeconds.toInstant(row.getLong(7)));
  }

  /// The ids of a JSON list, be they texts or numbers.
  private static Optional<List<String>> ids(String json) {
    try {
      return Json.parse(json) instanceof Json.Arr(List<Json> items)
          ? Optional.of(items.stream().map(FailoverTable::id).toList())
          : Optional.empty();
    } catch (UnreadableJson _) {
      return Optional.empty();
    }
  }

  private static String id(Json item) {
    return item instanceof Json.Text(String text) ? text : item.toString();
  }
}
