package dev.patronus.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;

/// The old rows of one policy, path or whatever a history table is grouped by.
///
/// Immutable.
///
/// @param group the value of the group's column; null where the table has no groups
/// @param edge the first instant that stays
record PrunedGroup(HistoryTable table, Object group, Instant edge, Instant now) {

  /// How many rows are old.
  ///
  /// @param oldest the epoch second of the oldest; meaningless where there is none
  record Old(long rows, long oldest) {}

  Old old(Connection connection) throws SQLException {
    String sql = "SELECT count(*), min(timestamp) FROM " + table.table() + " WHERE " + condition();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        long rows = row.getLong(1);
        return new Old(rows, rows == 0 || table.timeIsText() ? Long.MAX_VALUE : row.getLong(2));
      }
    }
  }

  /// Deletes the oldest rows, so many at most.
  int delete(Connection connection, int limit) throws SQLException {
    String key = table.key();
    String chosen =
        "SELECT "
            + key
            + " FROM "
            + table.table()
            + " WHERE "
            + condition()
            + " ORDER BY timestamp";
    String sql =
        "DELETE FROM "
            + table.table()
            + " WHERE "
            + key
            + " IN ("
            + chosen
            + " LIMIT "
            + limit
            + ")";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement);
      return statement.executeUpdate();
    }
  }

  /// Which rows are old: parameter 1 is the edge, 2 the present, 3 the group.
  private String condition() {
    String old = inGroup() + "timestamp < ?1";
    if (table.timeIsText()) {
      return old + " AND julianday(timestamp) < julianday(?1)";
    }
    return table.newestStays()
        ? old + " AND " + isNot(newest("")) + " AND " + isNot(newest("timestamp <= ?2"))
        : old;
  }

  private String inGroup() {
    return table.group().map(column -> column + " = ?3 AND ").orElse("");
  }

  private String isNot(String row) {
    return table.key() + " IS NOT (" + row + ")";
  }

  /// The newest row of the group, by one step in its index.
  private String newest(String further) {
    String where = inGroup() + (further.isEmpty() ? "timestamp IS NOT NULL" : further);
    return "SELECT "
        + table.key()
        + " FROM "
        + table.table()
        + " WHERE "
        + where
        + " ORDER BY timestamp DESC, "
        + table.key()
        + " DESC LIMIT 1";
  }

  private void bind(PreparedStatement statement) throws SQLException {
    int parameters = statement.getParameterMetaData().getParameterCount();
    if (table.timeIsText()) {
      statement.setString(1, edge.toString().substring(0, "2026-11-23T14:00:00".length()));
    } else {
      statement.setLong(1, edge.getEpochSecond());
    }
    if (parameters >= 2) {
      statement.setLong(2, now.getEpochSecond());
    }
    if (parameters >= 3) {
      statement.setObject(3, group);
    }
  }
}
