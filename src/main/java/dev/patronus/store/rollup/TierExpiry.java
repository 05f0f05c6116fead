package dev.patronus.store.rollup;

import dev.patronus.audit.Actor;
import dev.patronus.history.tier.Tier;
import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Removes the cells of 5 minutes and of hours that are past their life, once they are summed up in
/// hours and days, in transactions that others wait for some milliseconds at most.
///
/// What readers may still ask for is moved first, so that they never see half of it.
///
/// Confined to the database's thread.
public final class TierExpiry {
  private static final Duration SHORT = Duration.ofMillis(15);
  private static final long PIECE_SECONDS = 7L * Tier.DAY.seconds();

  private final Database database;
  private final Deque<Long> left = new ArrayDeque<>();
  private long expiredDay = Long.MIN_VALUE;

  public TierExpiry(Database database) {
    this.database = database;
  }

  /// Removes some cells; begins again each day.
  ///
  /// @param now the instant from which ages count
  /// @return whether there may be more
  public boolean step(Actor actor, Instant now) {
    long day = Tier.DAY.floor(Tier.clamp(now.getEpochSecond()));
    if (left.isEmpty()) {
      if (day == expiredDay) {
        return false;
      }
      begin(actor, now, day);
      return !left.isEmpty();
    }
    return database.writePart(actor, now, transaction -> remove(transaction.connection()));
  }

  private void begin(Actor actor, Instant now, long day) {
    List<Long> all =
        database.writePart(actor, now, transaction -> begin(transaction.connection(), day));
    left.addAll(all);
    expiredDay = day;
  }

  private static List<Long> begin(Connection connection, long day) throws SQLException {
    RollupMark mark = RollupMark.read(connection);
    long fiveMinutes = Math.max(mark.fiveMinutesFrom(), from(Tier.FIVE_MINUTES, day));
    long hours = Math.max(mark.hoursFrom(), from(Tier.HOUR, day));
    new RollupMark(mark.mark(), mark.complete(), fiveMinutes, hours).save(connection);
    RowReader<Long> id = row -> row.getLong(1);
    return id.list(connection, "SELECT series_id FROM patronus_series");
  }

  private static long from(Tier tier, long day) {
    return day - tier.life().orElseThrow().toSeconds();
  }

  private boolean remove(Connection connection) throws SQLException {
    long began = System.nanoTime();
    RollupMark mark = RollupMark.read(connection);
    SeriesTable table = new SeriesTable(connection);
    while (!left.isEmpty() && System.nanoTime() - began < SHORT.toNanos()) {
      Optional<StoredSeries> series = table.of(left.getFirst());
      if (series.isEmpty() || !removeSome(connection, mark, series.get())) {
        left.removeFirst();
      }
    }
    return !left.isEmpty();
  }

  /// Removes the oldest cells of a series; whether there may be more.
  private static boolean removeSome(Connection connection, RollupMark mark, StoredSeries series)
      throws SQLException {
    long fiveMinutes = Math.min(mark.fiveMinutesFrom(), series.hoursUntil());
    long hours = Math.min(mark.hoursFrom(), series.daysUntil());
    boolean more = removeSome(connection, Tier.FIVE_MINUTES, series, fiveMinutes);
    return removeSome(connection, Tier.HOUR, series, hours) || more;
  }

  private static boolean removeSome(
      Connection connection, Tier tier, StoredSeries series, long until) throws SQLException {
    try (TierTable table = new TierTable(connection, tier)) {
      OptionalLong first = table.first(series.seriesId(), Long.MIN_VALUE);
      if (first.isEmpty() || first.getAsLong() >= until) {
        return false;
      }
      long end = Math.min(until, first.getAsLong() + PIECE_SECONDS);
      return table.delete(series.seriesId(), first.getAsLong(), end) > 0;
    }
  }
}
