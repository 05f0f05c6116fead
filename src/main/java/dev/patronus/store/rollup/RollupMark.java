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
/// @param daysFrom cells of days before this second are removed
record RollupMark(
    long mark, boolean complete, long fiveMinutesFrom, long hoursFrom, long daysFrom) {
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

  /// Whether the table is there, which a database of an earlier migration does not have.
  private static final String KEEPS_DAYS =
      "SELECT 1 FROM sqlite_schema WHERE name = 'patronus_days_kept'";

  private static final String DAYS_FROM = "SELECT days_from FROM patronus_days_kept";

  private static final String SAVE_DAYS =
      """
      INSERT INTO patronus_days_kept (one, days_from) VALUES (1, ?)
      ON CONFLICT (one) DO UPDATE SET days_from = excluded.days_from
      """;

  private static final String LAST_GIVEN =
      """
      SELECT max(
        coalesce((SELECT max(stat_id) FROM sdwan_policy_stats), 0),
        coalesce((SELECT max(seq) FROM sqlite_sequence WHERE name = 'sdwan_policy_stats'), 0))
      """;

  private static final RowReader<RollupMark> ROW =
      row ->
          new RollupMark(
              row.getLong(1), row.getInt(2) != 0, row.getLong(3), row.getLong(4), Long.MIN_VALUE);

  private static final RowReader<Long> NUMBER = row -> row.getLong(1);

  static boolean exists(Database database) {
    return database.schema().has(TABLE);
  }

  static RollupMark read(Connection connection) throws SQLException {
    return ROW.first(connection, READ)
        .orElseGet(() -> new RollupMark(0, false, Long.MIN_VALUE, Long.MIN_VALUE, Long.MIN_VALUE))
        .keepingDaysFrom(daysFrom(connection));
  }

  private static long daysFrom(Connection connection) throws SQLException {
    return NUMBER.first(connection, KEEPS_DAYS).isEmpty()
        ? Long.MIN_VALUE
        : NUMBER.first(connection, DAYS_FROM).orElse(Long.MIN_VALUE);
  }

  private RollupMark keepingDaysFrom(long second) {
    return new RollupMark(mark, complete, fiveMinutesFrom, hoursFrom, second);
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

  /// Writes from when on cells are kept.
  void saveLives(Connection connection) throws SQLException {
    save(connection);
    if (daysFrom != Long.MIN_VALUE) {
      try (PreparedStatement update = connection.prepareStatement(SAVE_DAYS)) {
        update.setLong(1, daysFrom);
        update.executeUpdate();
      }
    }
  }

  /// Whether keys begin again, because the table was created again: the last one that was given out
  /// is lower than the mark.
  boolean restarted(Connection connection) throws SQLException {
    return NUMBER.first(connection, LAST_GIVEN).orElseThrow() < mark;
  }

  RollupMark at(long key) {
    return new RollupMark(key, complete, fiveMinutesFrom, hoursFrom, daysFrom);
  }

  RollupMark completed() {
    return new RollupMark(mark, true, fiveMinutesFrom, hoursFrom, daysFrom);
  }
}
