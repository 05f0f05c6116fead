package dev.patronus.fleet.read;

import dev.patronus.history.tier.Cell;
import dev.patronus.history.tier.Tier;
import dev.patronus.history.tier.TierChoice;
import dev.patronus.store.RowReader;
import dev.patronus.store.rollup.CellColumns;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// A row of `fleet.visible_series`: what one database of a gateway has rolled up of one policy, or
/// of what no policy matched.
///
/// Immutable.
///
/// @param seriesId 0 for unmatched traffic
/// @param policyId 0 for unmatched traffic
/// @param name the policy's last one
/// @param newest the latest time of any reading; [Long#MIN_VALUE] if there was none
/// @param disordered whether a reading had an earlier time than one that arrived before it
/// @param hoursUntil hours before this second are in their tier
/// @param daysUntil days before this second are in their tier
/// @param open the cell that is in no tier yet
/// @param fiveMinutesFrom from this second on all cells of 5 minutes are kept
/// @param hoursFrom from this second on all hours are kept
record HubSeries(
    int gatewayId,
    int epoch,
    long seriesId,
    long policyId,
    String name,
    long newest,
    boolean disordered,
    long hoursUntil,
    long daysUntil,
    Optional<Cell> open,
    long fiveMinutesFrom,
    long hoursFrom) {
  private static final long UNMATCHED = 0;

  private static final String SELECT =
      """
      SELECT gateway_id, epoch, series_id, policy_id, name, newest, disordered, hours_until,
        days_until, five_minutes_from, hours_from, open_start, open_packets, open_bytes,
        open_active_flows, open_active_flows_highest, open_last_second, open_covered_seconds,
        open_longest_seconds, open_readings, open_resets, open_implausible
      FROM fleet.visible_series WHERE gateway_id = ANY (?) ORDER BY gateway_id, epoch, series_id
      """;

  private static final RowReader<HubSeries> ROW = HubSeries::of;

  private static final int OPEN = 12;

  /// All series of the gateways that are read, those of a policy in order of their epochs.
  static List<HubSeries> all(FleetReader reader) {
    return reader.list(SELECT, ROW, reader.ids());
  }

  private static HubSeries of(ResultSet row) throws SQLException {
    long newest = row.getLong(6);
    boolean begun = !row.wasNull();
    Optional<Cell> open = CellColumns.ifPresent(row, OPEN);
    return new HubSeries(
        row.getInt(1),
        row.getInt(2),
        row.getLong(3),
        row.getLong(4),
        row.getString(5),
        begun ? newest : Long.MIN_VALUE,
        row.getBoolean(7),
        begun ? row.getLong(8) : Long.MIN_VALUE,
        begun ? row.getLong(9) : Long.MIN_VALUE,
        open,
        row.getLong(10),
        row.getLong(11));
  }

  boolean isUnmatched() {
    return seriesId == UNMATCHED;
  }

  /// Up to where each cell of a tier is all that the series has in its time: finer cells may not be
  /// in it yet, and the cell that is in no tier may be of readings that came late.
  ///
  /// @param until the end of the range
  long wholeUntil(Tier tier, long until) {
    long closed =
        switch (tier) {
          case FIVE_MINUTES -> until;
          case HOUR -> hoursUntil;
          case DAY -> daysUntil;
        };
    boolean over = newest < closed || newest == Long.MIN_VALUE;
    long opened = open.map(Cell::start).orElse(until);
    return tier.floor(
        Math.min(opened, over ? until : Math.clamp(closed, Tier.FIRST_SECOND, until)));
  }

  /// Where a range is read from.
  List<TierChoice.Part> parts(Tier coarsest, long from, long until) {
    return TierChoice.parts(coarsest, hoursUntil, daysUntil, from, until);
  }
}
