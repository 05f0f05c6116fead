package dev.patronus.store.rollup;

import dev.patronus.audit.Actor;
import dev.patronus.history.tier.Retention;
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
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/// Removes the cells of the roll-ups that are past their life, once they are summed up in coarser
/// ones, in transactions that others wait for some milliseconds at most.
///
/// From which second on they are kept is moved first, so that readers never see half of what goes.
///
/// Confined to the database's thread.
public final class TierExpiry {
  private static final Duration SHORT = Duration.ofMillis(15);
  private static final long PIECE_SECONDS = 7L * Tier.DAY.seconds();

  private final Database database;
  private final Retention retention;
  private final Deque<Long> left = new ArrayDeque<>();

  public TierExpiry(Database database, Retention retention) {
    this.database = database;
    this.retention = retention;
  }

  /// Takes up all series for [#remove].
  ///
  /// @param now the instant from which ages count
  public void begin(Actor actor, Instant now) {
    left.clear();
    if (!RollupMark.exists(database)) {
      return;
    }
    long day = Tier.DAY.floor(Tier.clamp(now.getEpochSecond()));
    RollupMark before = database.read(RollupMark::read);
    if (!moved(before, day).equals(before)) {
      boolean _ = database.writePart(actor, now, open -> move(open.connection(), day));
    }
    left.addAll(database.read(TierExpiry::seriesIds));
  }

  private RollupMark moved(RollupMark mark, long day) {
    return new RollupMark(
        mark.mark(),
        mark.complete(),
        Math.max(mark.fiveMinutesFrom(), from(Tier.FIVE_MINUTES, day)),
        Math.max(mark.hoursFrom(), from(Tier.HOUR, day)),
        Math.max(mark.daysFrom(), from(Tier.DAY, day)));
  }

  private boolean move(Connection connection, long day) throws SQLException {
    moved(RollupMark.read(connection), day).saveLives(connection);
    return true;
  }

  private long from(Tier tier, long day) {
    return retention
        .life(tier)
        .map(life -> Tier.DAY.floor(day - life.toSeconds()))
        .orElse(Long.MIN_VALUE);
  }

  private static List<Long> seriesIds(Connection connection) throws SQLException {
    RowReader<Long> id = row -> row.getLong(1);
    return id.list(connection, "SELECT series_id FROM patronus_series");
  }

  /// Whether there may be more to remove.
  public boolean hasMore() {
    return !left.isEmpty();
  }

  /// Removes some cells within a transaction.
  ///
  /// @return how many of each table
  public Map<String, Long> remove(Connection connection) throws SQLException {
    long began = System.nanoTime();
    RollupMark mark = RollupMark.read(connection);
    SeriesTable table = new SeriesTable(connection);
    Map<String, Long> removed = new TreeMap<>();
    while (!left.isEmpty() && System.nanoTime() - began < SHORT.toNanos()) {
      Optional<StoredSeries> series = table.of(left.getFirst());
      if (series.isEmpty() || !removeSome(connection, mark, series.get(), removed)) {
        left.removeFirst();
      }
    }
    return removed;
  }

  /// Removes the oldest cells of a series; whether there may be more.
  private boolean removeSome(
      Connection connection, RollupMark mark, StoredSeries series, Map<String, Long> removed)
      throws SQLException {
    boolean more = false;
    for (Tier tier : Tier.values()) {
      long until =
          switch (tier) {
            case FIVE_MINUTES -> Math.min(mark.fiveMinutesFrom(), series.hoursUntil());
            case HOUR -> Math.min(mark.hoursFrom(), series.daysUntil());
            case DAY -> mark.daysFrom();
          };
      long rows = removeSome(connection, tier, series, until);
      removed.merge(TierTable.name(tier), rows, Long::sum);
      more |= rows > 0;
    }
    return more;
  }

  private static long removeSome(Connection connection, Tier tier, StoredSeries series, long until)
      throws SQLException {
    try (TierTable table = new TierTable(connection, tier)) {
      OptionalLong first = table.first(series.seriesId(), Long.MIN_VALUE);
      if (first.isEmpty() || first.getAsLong() >= until) {
        return 0;
      }
      long piece = PIECE_SECONDS * tier.seconds() / Tier.FIVE_MINUTES.seconds();
      long end = Math.min(until, first.getAsLong() + piece);
      return table.delete(series.seriesId(), first.getAsLong(), end);
    }
  }
}
