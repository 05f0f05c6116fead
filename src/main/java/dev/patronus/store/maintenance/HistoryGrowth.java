package dev.patronus.store.maintenance;

import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import java.time.Instant;

/// How fast the history of policies grows.
///
/// @param rowsPerDay the rows of the last 24 hours
/// @param bytesPerDay what they take with their index, roughly
public record HistoryGrowth(long rowsPerDay, long bytesPerDay) {
  /// Measured on databases of 100 policies.
  private static final long BYTES_OF_ROW = 60;

  private static final long DAY_SECONDS = 86_400;

  /// Counts in the index, policy by policy.
  public static HistoryGrowth of(Database database, Instant now) {
    if (!database.schema().has("sdwan_policy_stats")) {
      return new HistoryGrowth(0, 0);
    }
    String sql =
        """
        SELECT count(*) FROM sdwan_policies p JOIN sdwan_policy_stats s
        ON s.policy_id = p.policy_id AND s.timestamp > ?1 AND s.timestamp <= ?2
        """;
    RowReader<Long> count = row -> row.getLong(1);
    long second = now.getEpochSecond();
    long rows =
        database.read(open -> count.first(open, sql, second - DAY_SECONDS, second).orElseThrow());
    return new HistoryGrowth(rows, rows * BYTES_OF_ROW);
  }

  /// What a year of it takes, in bytes.
  public long bytesPerYear() {
    return bytesPerDay * 365;
  }
}
