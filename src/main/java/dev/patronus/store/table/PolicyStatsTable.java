package dev.patronus.store.table;

import dev.patronus.history.Reading;
import dev.patronus.history.SeriesSum;
import dev.patronus.policy.PolicyTraffic;
import dev.patronus.store.Database;
import dev.patronus.store.LatestStamp;
import dev.patronus.store.RowReader;
import dev.patronus.time.EpochSeconds;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `sdwan_policy_stats`: the cumulative counters of each policy, snapshot by snapshot.
///
/// Confined to the database's thread. Plain JDBC, because `stats` is asked all day long.
public final class PolicyStatsTable {
  /// The newest row of each policy. The inner query is answered by one step in the index
  /// (policy_id, timestamp), whose last part is the row's own id, so that it takes as long with
  /// fifty million rows as with fifty.
  private static final String LATEST =
      """
      SELECT p.policy_id, p.name, p.priority, p.enabled,
             s.packets_matched, s.bytes_matched, s.active_flows, s.timestamp
      FROM sdwan_policies p
      LEFT JOIN sdwan_policy_stats s ON s.stat_id = coalesce(
        (SELECT stat_id FROM sdwan_policy_stats
         WHERE policy_id = p.policy_id AND timestamp <= ?1
         ORDER BY timestamp DESC, stat_id DESC LIMIT 1),
        (SELECT stat_id FROM sdwan_policy_stats
         WHERE policy_id = p.policy_id ORDER BY timestamp DESC, stat_id DESC LIMIT 1))
      ORDER BY p.priority DESC, p.name, p.policy_id
      """;

  private static final String LAST_UNTIL =
      """
      SELECT s.timestamp, s.packets_matched, s.bytes_matched, s.active_flows, s.policy_id
      FROM json_each(?1) AS asked
      JOIN sdwan_policy_stats s ON s.stat_id =
        (SELECT stat_id FROM sdwan_policy_stats
         WHERE policy_id = asked.value AND timestamp <= ?2
         ORDER BY timestamp DESC, stat_id DESC LIMIT 1)
      """;

  private static final String UNMATCHED =
      "SELECT timestamp, packets, bytes, active_flows FROM patronus_unmatched_stats";

  private static final String UNMATCHED_UNTIL =
      " WHERE timestamp <= ?1 ORDER BY timestamp DESC LIMIT 1";

  /// Before Sprint 30 no statistics were kept.
  private static final String WITHOUT_STATS =
      """
      SELECT policy_id, name, priority, enabled, 0, 0, 0, NULL
      FROM sdwan_policies ORDER BY priority DESC, name, policy_id
      """;

  private final Database database;

  public PolicyStatsTable(Database database) {
    this.database = database;
  }

  /// All policies in order of matching, each with its newest counters; zeros and no instant where
  /// there are none.
  public List<PolicyTraffic> latest() {
    boolean kept = database.schema().has("sdwan_policy_stats");
    return database.read(connection -> read(connection, kept));
  }

  private List<PolicyTraffic> read(Connection connection, boolean kept) throws SQLException {
    List<PolicyTraffic> traffic = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(kept ? LATEST : WITHOUT_STATS)) {
      if (kept) {
        statement.setLong(1, new LatestStamp(database).most());
      }
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          traffic.add(traffic(row));
        }
      }
    }
    return traffic;
  }

  private static PolicyTraffic traffic(ResultSet row) throws SQLException {
    long timestamp = row.getLong(8);
    Instant lastUpdated = row.wasNull() ? null : EpochSeconds.toInstant(timestamp);
    return new PolicyTraffic(
        row.getLong(1),
        RowReader.text(row, 2),
        row.getLong(3),
        row.getLong(4) != 0,
        row.getLong(5),
        row.getLong(6),
        row.getLong(7),
        lastUpdated);
  }

  /// The newest reading of each of these policies that is not later than a second, by policy; one
  /// step in the index for each.
  public Map<Long, Reading> lastUntil(List<PolicyTraffic> policies, long second) {
    return !policies.isEmpty() && database.schema().has("sdwan_policy_stats")
        ? database.read(connection -> lastUntil(connection, policies, second))
        : Map.of();
  }

  private static Map<Long, Reading> lastUntil(
      Connection connection, List<PolicyTraffic> policies, long second) throws SQLException {
    Map<Long, Reading> readings = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(LAST_UNTIL)) {
      statement.setString(1, ids(policies));
      statement.setLong(2, second);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          long policyId = row.getLong(5);
          readings.put(policyId, reading(policyId, row));
        }
      }
    }
    return readings;
  }

  /// The ids as a JSON array: one statement for all of them, since each costs as much as its rows.
  private static String ids(List<PolicyTraffic> policies) {
    StringBuilder ids = new StringBuilder("[");
    for (PolicyTraffic policy : policies) {
      ids.append(ids.length() == 1 ? "" : ",").append(policy.policyId());
    }
    return ids.append(']').toString();
  }

  private static Reading reading(long policyId, ResultSet row) throws SQLException {
    return new Reading(policyId, row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
  }

  /// What no policy matched, as of the newest snapshot; empty where nobody has counted it.
  public Optional<PolicyTraffic> unmatched() {
    if (!database.schema().has("patronus_unmatched_stats")) {
      return Optional.empty();
    }
    return database.read(this::readUnmatched);
  }

  private Optional<PolicyTraffic> readUnmatched(Connection connection) throws SQLException {
    long most = new LatestStamp(database).most();
    return unmatched(connection, LatestStamp.OF_UNMATCHED, most)
        .map(reading ->
            PolicyTraffic.unmatched(
                reading.packets(),
                reading.bytes(),
                reading.activeFlows(),
                EpochSeconds.toInstant(reading.epochSecond())));
  }

  /// The newest reading of what no policy matched that is not later than a second; empty where
  /// there is none.
  public Optional<Reading> unmatchedUntil(long second) {
    return database.schema().has("patronus_unmatched_stats")
        ? database.read(connection -> unmatched(connection, UNMATCHED_UNTIL, second))
        : Optional.empty();
  }

  private static Optional<Reading> unmatched(Connection connection, String which, long second)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(UNMATCHED + which)) {
      statement.setLong(1, second);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.of(reading(SeriesSum.NO_POLICY, row)) : Optional.empty();
      }
    }
  }
}
