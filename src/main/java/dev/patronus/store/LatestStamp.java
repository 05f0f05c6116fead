package dev.patronus.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/// Which stamp the newest row may have: rows that lie further in the future are from a clock that
/// was wrong, and are not the latest as long as there are others.
///
/// A day ahead of this machine's clock, or the stamp of the daemon's last snapshot where that is
/// later: so a clock that is behind hides no row that the daemon has written by the right one.
///
/// Confined to the database's thread.
public final class LatestStamp {
  /// Ends a query of `patronus_unmatched_stats` with its latest row; the parameter 1 is [#most].
  public static final String OF_UNMATCHED =
      """
       WHERE timestamp = coalesce(
        (SELECT max(timestamp) FROM patronus_unmatched_stats WHERE timestamp <= ?1),
        (SELECT max(timestamp) FROM patronus_unmatched_stats))
      """;

  private static final long AHEAD_SECONDS = 86_400;

  private final Database database;

  public LatestStamp(Database database) {
    this.database = database;
  }

  /// In epoch seconds.
  public long most() throws SQLException {
    String taken =
        database.schema().has("patronus_source_progress")
            ? "(SELECT max(taken) FROM patronus_counters)"
            : "NULL";
    String sql = "SELECT max(unixepoch() + " + AHEAD_SECONDS + ", coalesce(" + taken + ", 0))";
    try (PreparedStatement select = database.connection().prepareStatement(sql);
        ResultSet row = select.executeQuery()) {
      return row.next() ? row.getLong(1) : Long.MAX_VALUE;
    }
  }
}
