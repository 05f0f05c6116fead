package dev.patronus.store.rollup;

import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/// How far traffic is rolled up: the row of `patronus_rollup`.
///
/// Immutable.
///
/// @param mark rows up to this `stat_id` are in the roll-ups
/// @param complete whether all rows that there were at some time are
/// @param fiveMinutesFrom cells of 5 minutes before this second are removed
/// @param hoursFrom cells of hours before this second are removed
record RollupMark(long mark, boolean complete, long fiveMinutesFrom, long hoursFrom) {
  static final String TABLE = "patronus_days"; // the last one that the migration makes

  private static final String READ =
      "SELECT mark, complete, five_minutes_from, hours_from FROM patronus_rollup";

  private static final String SAVE =
      """
      INSERT INTO patronus_rollup (one, mark, complete, five_minutes_from, hours_from)
      VALUES (1, ?, ?, ?, ?)
      ON CONFLICT (one) DO UPDATE SET mark = excluded.mark, complete = excluded.complete,
        five_minutes_from = excluded.five_minutes_from, hours_from = excluded.hours_from
      """;

  private static final String LAST_GIVEN =
      """
      SELECT max(
        coalesce((SELECT max(stat_id) FROM sdwan_policy_stats), 0),
        coalesce((SELECT max(seq) FROM sqlite_sequence WHERE name = 'sdwan_policy_stats'), 0))
      """;

  private static final RowReader<RollupMark> ROW =
      row -> new RollupMark(row.getLong(1), row.getInt(2) != 0, row.getLong(3), row.getLong(4));

  private static final RowReader<Long> NUMBER = row -> row.getLong(1);

  static boolean exists(Database database) {
    return database.schema().has(TABLE);
  }

  static RollupMark read(Connection connection) throws SQLException {
    return ROW.first(connection, READ)
        .orElseGet(() -> new RollupMark(0, false, Long.MIN_VALUE, Long.MIN_VALUE));
  }

  void save(Connection connection) throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(SAVE)) {
      update.setLong(1, mark);
      update.setInt(2, complete ? 1 : 0);
      update.setLong(3, fiveMinutesFrom);
      update.setLong(4, hoursFrom);
      update.executeUpdate();
    }
  }

  /// Whether keys begin again, because the table was created again: the last one that was given out
  /// is lower than the mark.
  boolean restarted(Connection connection) throws SQLException {
    return NUMBER.first(connection, LAST_GIVEN).orElseThrow() < mark;
  }

  RollupMark at(long key) {
    return new RollupMark(key, complete, fiveMinutesFrom, hoursFrom);
  }

  RollupMark completed() {
    return new RollupMark(mark, true, fiveMinutesFrom, hoursFrom);
  }
}
