package dev.patronus.store.rollup;

import dev.patronus.history.tier.Cell;
import dev.patronus.history.tier.CellSums;
import dev.patronus.history.tier.Tier;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.OptionalLong;

/// Adds cells of 5 minutes to the tiers, within one transaction.
///
/// A cell goes into the tier of 5 minutes; hours and days are summed up when they are over, and
/// what comes later for one that is summed up is added to it.
final class TierRollup implements AutoCloseable {
  /// The longest time that is summed up in one go.
  private static final long GO_SECONDS = 31L * Tier.DAY.seconds();

  private final RollupMark mark;
  private final TierTable fiveMinutes;
  private final TierTable hours;
  private final TierTable days;

  TierRollup(Connection connection, RollupMark mark) {
    this.mark = mark;
    this.fiveMinutes = new TierTable(connection, Tier.FIVE_MINUTES);
    this.hours = new TierTable(connection, Tier.HOUR);
    this.days = new TierTable(connection, Tier.DAY);
  }

  /// Adds a cell of 5 minutes.
  void add(StoredSeries series, Cell cell) throws SQLException {
    long start = cell.start();
    boolean inHours = start < series.hoursUntil();
    boolean inDays = start < series.daysUntil();
    if (!(inHours && start < mark.fiveMinutesFrom())) {
      fiveMinutes.add(series.seriesId(), cell);
    }
    if (inHours && !(inDays && start < mark.hoursFrom())) {
      hours.add(series.seriesId(), cell);
    }
    if (inDays && start >= mark.daysFrom()) {
      days.add(series.seriesId(), cell);
    }
  }

  /// Sums hours and days up that are over, of a month at most.
  ///
  /// @param second the hour that it lies in is not over
  void sumUp(StoredSeries series, long second) throws SQLException {
    long hour = Tier.HOUR.floor(Tier.clamp(second));
    if (series.running().open().filter(cell -> cell.start() < hour).isPresent()) {
      series.closeCell(this);
    }
    series.hoursUntil(
        sumUp(series.seriesId(), fiveMinutes, hours, Tier.HOUR, series.hoursUntil(), hour));
    long day = Tier.DAY.floor(series.hoursUntil());
    series.daysUntil(sumUp(series.seriesId(), hours, days, Tier.DAY, series.daysUntil(), day));
  }

  private static long sumUp(
      long seriesId, TierTable fine, TierTable coarse, Tier tier, long from, long until)
      throws SQLException {
    if (from >= until) {
      return from;
    }
    OptionalLong first = fine.first(seriesId, from);
    if (first.isEmpty() || first.getAsLong() >= until) {
      return until;
    }
    long begin = tier.floor(first.getAsLong());
    long end = Math.min(until, Tier.DAY.floor(begin) + GO_SECONDS);
    CellSums sums = new CellSums(tier);
    fine.read(seriesId, begin, end, sums::add);
    for (Cell sum : sums.cells()) {
      coarse.put(seriesId, sum);
    }
    return end;
  }

  @Override
  public void close() throws SQLException {
    fiveMinutes.close();
    hours.close();
    days.close();
  }
}
