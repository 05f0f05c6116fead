package dev.patronus.store.rollup;

import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import dev.patronus.time.EpochSeconds;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The raw rows of policies that are gone while the roll-ups have their sums: deleted by the
/// platform, which keeps 30 days, by the retention, or by hand.
///
/// Immutable.
///
/// @param policies how many policies lack rows; those that are gone themselves do not count
/// @param rolledUpFrom the first day or step of the roll-ups of these policies
/// @param rowsFrom the time of their oldest row; empty if no policy has more than its newest row
public record RawGap(long policies, Instant rolledUpFrom, Optional<Instant> rowsFrom) {
  /// One look-up in an index for each policy and table. A day may have begun before its first row.
  private static final String GAPS =
      """
      WITH series AS (
        SELECT s.series_id, s.policy_id,
          (SELECT min(timestamp) FROM sdwan_policy_stats r WHERE r.policy_id = s.policy_id) AS first,
          (SELECT max(timestamp) FROM sdwan_policy_stats r WHERE r.policy_id = s.policy_id) AS last,
          min(
            coalesce((SELECT min(start) FROM patronus_days d WHERE d.series_id = s.series_id),
              9223372036854775807),
            coalesce((SELECT min(start) FROM patronus_five_minutes f
              WHERE f.series_id = s.series_id), 9223372036854775807)) AS rolled_up
        FROM patronus_series s JOIN sdwan_policies p ON p.policy_id = s.policy_id),
      gap AS (
        SELECT * FROM series
        WHERE rolled_up < 9223372036854775807 AND (first IS NULL OR first - rolled_up > 86400))
      SELECT count(*), min(rolled_up),
        (SELECT min(first) FROM gap WHERE first < last AND typeof(first) = 'integer')
      FROM gap
      """;

  private static final RowReader<RawGap> READER =
      row -> {
        long from = row.getLong(3);
        boolean none = row.wasNull();
        return new RawGap(
            row.getLong(1),
            EpochSeconds.toInstant(row.getLong(2)),
            none ? Optional.empty() : Optional.of(EpochSeconds.toInstant(from)));
      };

  /// Looks for missing rows; empty if no policy lacks any.
  public static Optional<RawGap> find(Database database) {
    if (!RollupMark.exists(database)) {
      return Optional.empty();
    }
    List<RawGap> found = database.read(connection -> READER.list(connection, GAPS));
    return found.stream().filter(gap -> gap.policies() > 0).findFirst();
  }

  /// What is to be said about it.
  public String text() {
    return (policies == 1 ? "1 policy lacks" : policies + " policies lack")
        + " raw rows"
        + rowsFrom.map(from -> " from before " + from).orElse("")
        + ", which the platform or the retention has deleted; the roll-ups keep their history since "
        + rolledUpFrom;
  }
}
