package dev.patronus.store.rollup;

import dev.patronus.history.Reading;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

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
    List<Row> rows = new ArrayList<>();
    int read = 0;
    long last = statId;
    try (PreparedStatement select = connection.prepareStatement(AFTER)) {
      select.setLong(1, statId);
      select.setInt(2, limit);
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
    }
    return new Page(rows, read, last);
  }

  /// Reads rows of unmatched traffic that are later than this second, in order of time: of their
  /// arrival nothing is known.
  static List<Reading> unmatchedAfter(Connection connection, long second, int limit)
      throws SQLException {
    List<Reading> rows = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(UNMATCHED_AFTER)) {
      select.setLong(1, second);
      select.setInt(2, limit);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          rows.add(new Reading(0, row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4)));
        }
      }
    }
    return rows;
  }
}
