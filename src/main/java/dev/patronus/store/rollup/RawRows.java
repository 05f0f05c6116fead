package dev.patronus.store.rollup;

import dev.patronus.history.Reading;
import dev.patronus.store.RowReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Reads the rows that roll-ups are made of, in order of arrival.
///
/// A row without a policy or a time that is a number is left out; counters that are no whole
/// numbers are handed on as negative, which is implausible.
final class RawRows {
  private static final String AFTER =
      """
      SELECT stat_id, policy_id, timestamp,
        CASE WHEN typeof(packets_matched) = 'integer' THEN packets_matched ELSE -1 END,
        CASE WHEN typeof(bytes_matched) = 'integer' THEN bytes_matched ELSE -1 END,
        active_flows, typeof(policy_id) = 'integer' AND typeof(timestamp) = 'integer'
      FROM sdwan_policy_stats WHERE stat_id > ? ORDER BY stat_id LIMIT ?
      """;

  /// Rows of one policy in order of time, by the index of both.
  private static final String OF_POLICY =
      """
      SELECT stat_id, policy_id, timestamp,
        CASE WHEN typeof(packets_matched) = 'integer' THEN packets_matched ELSE -1 END,
        CASE WHEN typeof(bytes_matched) = 'integer' THEN bytes_matched ELSE -1 END,
        active_flows, 1
      FROM sdwan_policy_stats
      WHERE policy_id = ?1 AND timestamp >= ?2 AND (timestamp > ?2 OR stat_id > ?3)
        AND stat_id <= ?4 AND typeof(timestamp) = 'integer'
      ORDER BY timestamp, stat_id LIMIT ?5
      """;

  private static final String ARRIVALS =
      """
      SELECT timestamp,
        CASE WHEN typeof(packets_matched) = 'integer' THEN packets_matched ELSE -1 END,
        CASE WHEN typeof(bytes_matched) = 'integer' THEN bytes_matched ELSE -1 END,
        active_flows
      FROM sdwan_policy_stats
      WHERE policy_id = ? AND typeof(timestamp) = 'integer' ORDER BY stat_id
      """;

  private static final String UNMATCHED_AFTER =
      """
      SELECT timestamp,
        CASE WHEN typeof(packets) = 'integer' THEN packets ELSE -1 END,
        CASE WHEN typeof(bytes) = 'integer' THEN bytes ELSE -1 END, active_flows
      FROM patronus_unmatched_stats WHERE timestamp > ? ORDER BY timestamp LIMIT ?
      """;

  /// A row and its key, 0 for unmatched traffic.
  record Row(long statId, Reading reading) {}

  /// Some rows.
  ///
  /// @param read how many were read, those left out included
  /// @param last the key of the last one that was read
  record Page(List<Row> rows, int read, long last) {}

  private RawRows() {}

  /// Reads rows of policies that were written after this one.
  static Page after(Connection connection, long statId, int limit) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(AFTER)) {
      select.setLong(1, statId);
      select.setInt(2, limit);
      return page(select, statId);
    }
  }

  private static Page page(PreparedStatement select, long before) throws SQLException {
    List<Row> rows = new ArrayList<>();
    int read = 0;
    long last = before;
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        read++;
        last = row.getLong(1);
        if (row.getInt(7) != 0) {
          rows.add(
              new Row(
                  last,
                  new Reading(
                      row.getLong(2),
                      row.getLong(3),
                      row.getLong(4),
                      row.getLong(5),
                      row.getLong(6))));
        }
      }
    }
    return new Page(rows, read, last);
  }

  /// Reads rows of one policy in order of time, and of arrival where times are equal.
  ///
  /// @param after the row that was read last; empty for the first ones
  /// @param upTo the greatest key that is wanted
  static List<Row> ofPolicy(
      Connection connection, long policyId, Optional<Row> after, long upTo, int limit)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(OF_POLICY)) {
      select.setLong(1, policyId);
      select.setLong(2, after.map(row -> row.reading().epochSecond()).orElse(Long.MIN_VALUE));
      select.setLong(3, after.map(Row::statId).orElse(Long.MIN_VALUE));
      select.setLong(4, upTo);
      select.setInt(5, limit);
      return page(select, 0).rows();
    }
  }

  /// Reads all rows of one policy in order of arrival, in one read: SQLite sorts them.
  static void arrivals(Connection connection, long policyId, Consumer<Reading> readings)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(ARRIVALS)) {
      select.setLong(1, policyId);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          readings.accept(
              new Reading(
                  policyId, row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4)));
        }
      }
    }
  }

  /// Reads rows of unmatched traffic that are later than this second, in order of time: of their
  /// arrival nothing is known.
  static List<Reading> unmatchedAfter(Connection connection, long second, int limit)
      throws SQLException {
    RowReader<Reading> reading =
        row -> new Reading(0, row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
    return reading.list(connection, UNMATCHED_AFTER, second, limit);
  }
}
