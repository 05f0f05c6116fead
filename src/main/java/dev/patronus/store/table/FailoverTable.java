package dev.patronus.store.table;

import dev.patronus.json.Json;
import dev.patronus.json.UnreadableJson;
import dev.patronus.site.failover.FailoverUse;
import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// `sdwan_failover_policies`: which path stands in for which; its path ids are text, and no key
/// holds them.
///
/// Confined to the database's thread. Databases older than the newest have none.
public final class FailoverTable {
  private static final String ALL =
      """
      SELECT policy_id, name, primary_path_id, backup_path_ids, enabled
      FROM sdwan_failover_policies ORDER BY name, policy_id
      """;

  /// A failover policy as it is stored.
  ///
  /// @param primaryPathId the path that it prefers
  /// @param backupPathIds the paths that stand in, in order; empty if the text is no JSON list
  public record Row(
      long policyId,
      String name,
      String primaryPathId,
      Optional<List<String>> backupPathIds,
      boolean enabled) {

    /// What the policy makes of a path; empty where it does not name it.
    Optional<FailoverUse> use(String pathId) {
      boolean primary = primaryPathId.equals(pathId);
      boolean backup = backupPathIds.map(ids -> ids.contains(pathId)).orElse(false);
      return primary || backup
          ? Optional.of(new FailoverUse(policyId, name, primary, enabled))
          : Optional.empty();
    }
  }

  private final Database database;

  public FailoverTable(Database database) {
    this.database = database;
  }

  public List<Row> all() {
    if (!database.schema().has("sdwan_failover_policies")) {
      return List.of();
    }
    RowReader<Row> reader = FailoverTable::row;
    return database.read(connection -> reader.list(connection, ALL));
  }

  /// The failover policies that count on a path.
  public List<FailoverUse> using(long pathId) {
    String id = Long.toString(pathId);
    return all().stream().flatMap(row -> row.use(id).stream()).toList();
  }

  private static Row row(ResultSet row) throws SQLException {
    return new Row(
        row.getLong(1),
        RowReader.text(row, 2),
        RowReader.text(row, 3),
        ids(RowReader.text(row, 4)),
        row.getLong(5) != 0);
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
