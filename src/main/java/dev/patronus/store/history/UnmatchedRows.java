package dev.patronus.store.history;

import dev.patronus.history.Buckets;
import dev.patronus.history.Point;
import dev.patronus.history.Reading;
import dev.patronus.history.Series;
import dev.patronus.history.SeriesSum;
import dev.patronus.history.Stepping;
import dev.patronus.store.Database;
import dev.patronus.time.TimeRange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The history of what no policy took: `patronus_unmatched_stats`, page by page, so that no read
/// lasts long.
///
/// Confined to the database's thread.
final class UnmatchedRows {
  private static final int PAGE = 10_000;

  private static final String ROWS =
      """
      SELECT timestamp, packets, bytes, active_flows FROM patronus_unmatched_stats
      WHERE timestamp > ? AND timestamp < ? ORDER BY timestamp LIMIT ?
      """;

  private static final String BEFORE =
      "SELECT max(timestamp) FROM patronus_unmatched_stats WHERE timestamp < ?";

  private final Database database;

  UnmatchedRows(Database database) {
    this.database = database;
  }

  /// What came in a range; empty where nobody counted it.
  ///
  /// @param gapAfterSeconds a change over more time than this marks its point as a gap
  Optional<Series> read(TimeRange range, Buckets buckets, long gapAfterSeconds) {
    if (!database.schema().has("patronus_unmatched_stats")) {
      return Optional.empty();
    }
    List<Point> points = new ArrayList<>();
    Stepping stepping = new Stepping(buckets, range, gapAfterSeconds, points::add);
    long after = database.read(connection -> before(connection, range.firstSecond()));
    List<Reading> page;
    do {
      long from = after;
      page = database.read(connection -> page(connection, from, range.endSecond()));
      page.forEach(stepping::accept);
      after = page.isEmpty() ? after : page.getLast().epochSecond();
    } while (page.size() == PAGE);
    stepping.finish();
    return points.isEmpty()
        ? Optional.empty()
        : Optional.of(new Series(SeriesSum.NO_POLICY, points));
  }

  /// Just before the last row before the range, with which the first one inside is compared.
  private static long before(Connection connection, long firstSecond) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(BEFORE)) {
      select.setLong(1, firstSecond);
      try (ResultSet row = select.executeQuery()) {
        long second = row.getLong(1);
        return row.wasNull() ? Long.MIN_VALUE : second - 1;
      }
    }
  }

  private static List<Reading> page(Connection connection, long after, long end)
      throws SQLException {
    List<Reading> readings = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(ROWS)) {
      select.setLong(1, after);
      select.setLong(2, end);
      select.setInt(3, PAGE);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          readings.add(
              new Reading(
                  SeriesSum.NO_POLICY,
                  row.getLong(1),
                  row.getLong(2),
                  row.getLong(3),
                  row.getLong(4)));
        }
      }
    }
    return readings;
  }
}
