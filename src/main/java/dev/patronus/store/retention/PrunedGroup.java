package dev.patronus.store.retention;

import dev.patronus.store.RowReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// The rows that go of one policy, path or whatever a history table is grouped by.
///
/// Immutable.
///
/// @param group the value of the group's column; null for all rows of the table
record PrunedGroup(HistoryTable table, @Nullable Object group, PrunedTime time) {
  private static final Duration OFFSET_MAX = Duration.ofDays(1);

  /// How many rows go.
  ///
  /// @param oldest the epoch second of the oldest, [Long#MAX_VALUE] for none
  /// @param newest the epoch second of the newest, [Long#MIN_VALUE] for none
  record Counted(long rows, long oldest, long newest) {
    static final Counted NONE = new Counted(0, Long.MAX_VALUE, Long.MIN_VALUE);

    Counted plus(Counted other) {
      return new Counted(
          rows + other.rows, Math.min(oldest, other.oldest), Math.max(newest, other.newest));
    }
  }

  Counted count(Connection connection) throws SQLException {
    String second = table.timeIsText() ? "unixepoch(timestamp)" : "timestamp";
    String sql =
        """
        SELECT count(*), min(SECOND), max(SECOND) FROM HISTORY WHERE CONDITION
        """
            .replace("SECOND", second)
            .replace("HISTORY", table.table())
            .replace("CONDITION", condition());
    RowReader<Counted> counted = row -> new Counted(row.getLong(1), row.getLong(2), row.getLong(3));
    return counted
        .first(connection, sql, bound())
        .filter(found -> found.rows() > 0)
        .orElse(Counted.NONE);
  }

  /// Deletes some rows that are rolled up, the oldest first, so many at most.
  int delete(Handle handle, int limit) {
    String sql =
        """
        DELETE FROM HISTORY WHERE KEY IN (
          SELECT KEY FROM HISTORY WHERE CONDITION AND ROLLED_UP ORDER BY timestamp LIMIT %d)
        """
            .replace("HISTORY", table.table())
            .replace("KEY", table.key())
            .replace("CONDITION", condition())
            .replace("ROLLED_UP", table.rolledUp())
            .formatted(limit);
    return handle.execute(sql, bound());
  }

  /// Which rows go: parameter 1 is the edge, 2 the present, 3 the group. A text in a column of
  /// numbers is later than every number, and never goes.
  private String condition() {
    return switch (time) {
      case PrunedTime.Before _ -> before();
      case PrunedTime.After _ -> after();
    };
  }

  private String before() {
    String old = inGroup() + "timestamp < ?1";
    if (table.timeIsText()) {
      return old + " AND julianday(timestamp) < julianday(?1)";
    }
    return table.newestStays()
        ? old + " AND " + isNot(newest("")) + " AND " + isNot(newest("timestamp <= ?2"))
        : old;
  }

  /// Texts may have an offset from UTC, so they are compared as texts only roughly.
  private String after() {
    return table.timeIsText()
        ? inGroup() + "timestamp > ?2 AND julianday(timestamp) > julianday(?1)"
        : inGroup() + "timestamp > ?1 AND typeof(timestamp) = 'integer'";
  }

  private String inGroup() {
    return group == null ? "" : table.group().orElseThrow() + " = ?3 AND ";
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

  private Object[] bound() {
    Object[] values =
        switch (time) {
          case PrunedTime.Before(Instant edge, Instant now) ->
              new Object[] {value(edge), now.getEpochSecond(), group};
          case PrunedTime.After(Instant edge) ->
              new Object[] {value(edge), text(edge.minus(OFFSET_MAX)), group};
        };
    return Arrays.copyOf(values, group != null ? 3 : condition().contains("?2") ? 2 : 1);
  }

  private Object value(Instant instant) {
    return table.timeIsText() ? text(instant) : (Object) instant.getEpochSecond();
  }

  private static String text(Instant instant) {
    return instant.toString().substring(0, "2026-11-23T14:00:00".length());
  }
}
