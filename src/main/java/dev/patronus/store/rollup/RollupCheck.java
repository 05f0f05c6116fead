package dev.patronus.store.rollup;

import dev.patronus.audit.Actor;
import dev.patronus.history.Reading;
import dev.patronus.history.tier.Cell;
import dev.patronus.history.tier.CellSums;
import dev.patronus.history.tier.Tier;
import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.LongConsumer;

/// Compares the roll-ups with the rows that are still there, day by day, and rebuilds the days that
/// differ.
///
/// A day is compared if all of its rows, and the one before them, can still be there: from the day
/// after the first row on. Days of which only some rows are left, as earlier versions left them,
/// have the same sums. A series whose rows did not come in order of time is not compared
/// ([#notCompared]). Where a capture was put into the past, amounts and resets are compared, but
/// not the time that the row after it spans.
///
/// Confined to the database's thread.
public final class RollupCheck {
  private static final int ATTEMPTS = 5;

  private static final String SERIES =
      """
      SELECT series_id, policy_id FROM patronus_series
      """;

  private static final String WITHOUT_SERIES =
      """
      SELECT DISTINCT policy_id FROM sdwan_policy_stats
      WHERE policy_id NOT IN (SELECT policy_id FROM patronus_series WHERE policy_id IS NOT NULL)
        AND typeof(policy_id) = 'integer' AND stat_id <= (SELECT mark FROM patronus_rollup)
      """;

  private static final String CAPTURES = "SELECT EXISTS (SELECT 1 FROM patronus_captures)";

  /// A day whose roll-ups differ from its rows, or from each other.
  ///
  /// @param policyId unsigned; 0 for unmatched traffic
  /// @param name the policy's; empty for unmatched traffic
  /// @param daySecond the first second of the day (UTC)
  /// @param rolledUp what the roll-ups have
  /// @param rows what the rows have
  public record Difference(long policyId, String name, long daySecond, Sum rolledUp, Sum rows) {}

  /// Amounts.
  public record Sum(long packets, long bytes) {
    static Sum of(Iterable<Cell> cells) {
      Cell sum = new Cell(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
      for (Cell cell : cells) {
        sum = sum.plus(cell);
      }
      return new Sum(sum.packets(), sum.bytes());
    }
  }

  /// A series, and what its rows say.
  private record Compared(StoredSeries series, RowFold fold, RollupMark mark) {}

  private final Database database;
  private final boolean captures;
  private long notCompared;

  public RollupCheck(Database database) {
    this.database = database;
    captures = database.schema().has("patronus_captures") && database.read(RollupCheck::captures);
  }

  private static boolean captures(Connection connection) throws SQLException {
    RowReader<Boolean> flag = row -> row.getBoolean(1);
    return flag.first(connection, CAPTURES).orElse(false);
  }

  /// Compares all series.
  ///
  /// @param progress is given how many series are compared
  public List<Difference> differences(LongConsumer progress) {
    List<Difference> all = new ArrayList<>();
    long done = 0;
    for (StoredSeries series : series()) {
      compared(series).ifPresent(compared -> all.addAll(differences(compared)));
      progress.accept(++done);
    }
    return all;
  }

  /// How many series were not compared so far, because their rows did not come in order of time.
  public long notCompared() {
    return notCompared;
  }

  /// How many series there are.
  public long size() {
    return series().size();
  }

  /// Rebuilds the days that differ, each in one transaction.
  ///
  /// @param progress is given how many series are done
  /// @return what differed
  public List<Difference> repair(Actor actor, Instant now, LongConsumer progress) {
    List<Difference> repaired = new ArrayList<>();
    long done = 0;
    for (StoredSeries series : series()) {
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        Optional<Compared> compared = compared(series);
        List<Difference> found = compared.map(this::differences).orElse(List.of());
        boolean same = true;
        for (Difference difference : found) {
          same =
              same
                  && database.writePart(
                      actor,
                      now,
                      transaction ->
                          repair(
                              transaction.connection(),
                              compared.orElseThrow(),
                              difference.daySecond()));
        }
        if (same) {
          repaired.addAll(found);
          break;
        }
      }
      progress.accept(++done);
    }
    return repaired;
  }

  private List<StoredSeries> series() {
    if (!RollupMark.exists(database)) {
      return List.of();
    }
    return database.read(connection -> {
      RowReader<StoredSeries> known = row -> StoredSeries.empty(row.getLong(1), row.getLong(2));
      RowReader<Long> policy = row -> row.getLong(1);
      List<StoredSeries> all = known.list(connection, SERIES);
      long lastId = new SeriesTable(connection).lastId();
      for (long unknown : policy.list(connection, WITHOUT_SERIES)) {
        all.add(StoredSeries.empty(++lastId, unknown));
      }
      return all;
    });
  }

  /// Reads the rows of a series as far as it is rolled up; empty if nothing can be compared.
  private Optional<Compared> compared(StoredSeries known) {
    RowFold fold = new RowFold(database, known);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      RollupMark mark = database.read(RollupMark::read);
      StoredSeries series = database.read(open -> load(open, known));
      fold.readUpTo(mark.mark(), series.running().newestSecond());
      if (database.read(open -> unchanged(open, series, mark))) {
        notCompared += series.running().disordered() ? 1 : 0;
        return series.running().disordered() || fold.firstDay().isEmpty()
            ? Optional.empty()
            : Optional.of(new Compared(series, fold, mark));
      }
    }
    return Optional.empty();
  }

  private static StoredSeries load(Connection connection, StoredSeries known) throws SQLException {
    return new SeriesTable(connection).of(known.seriesId()).orElse(known);
  }

  /// Whether nothing was rolled up since.
  private static boolean unchanged(Connection connection, StoredSeries series, RollupMark mark)
      throws SQLException {
    StoredSeries now = load(connection, series);
    return RollupMark.read(connection).equals(mark)
        && now.lastStatId() == series.lastStatId()
        && now.hoursUntil() == series.hoursUntil()
        && now.running().newestSecond() == series.running().newestSecond()
        && now.running().open().equals(series.running().open());
  }

  private List<Difference> differences(Compared compared) {
    List<Difference> found = new ArrayList<>();
    SortedMap<Long, Cell> rows = compared.fold().cells();
    TreeSet<Long> days = new TreeSet<>();
    rows.keySet().forEach(start -> days.add(Tier.DAY.floor(start)));
    long firstDay = compared.fold().firstDay().orElseThrow();
    for (long day : days) {
      List<Cell> ofDay = ofDay(rows, day);
      boolean first = day <= firstDay;
      database.read(open -> difference(open, compared, day, ofDay, first)).ifPresent(found::add);
    }
    if (found.isEmpty() && !sameState(compared)) {
      long day = days.last();
      Sum sum = Sum.of(ofDay(rows, day));
      found.add(difference(compared.series(), day, sum, sum));
    }
    return found;
  }

  private static List<Cell> ofDay(SortedMap<Long, Cell> cells, long day) {
    return List.copyOf(cells.subMap(day, day + Tier.DAY.seconds()).values());
  }

  /// Whether the next row is compared with the row that came last, if that is still there.
  private static boolean sameState(Compared compared) {
    StoredSeries series = compared.series();
    Optional<Reading> stored = series.running().last().map(RollupCheck::counters);
    return compared.fold().lastStatId() != series.lastStatId()
        || series.seriesId() == StoredSeries.UNMATCHED
        || stored.equals(
            compared.fold().continued(Optional.empty()).last().map(RollupCheck::counters));
  }

  private static Reading counters(Reading reading) {
    return new Reading(
        reading.policyId(), reading.epochSecond(), reading.packets(), reading.bytes(), 0);
  }

  private static Difference difference(StoredSeries series, long day, Sum rolledUp, Sum rows) {
    return new Difference(series.policyId(), series.name(), day, rolledUp, rows);
  }

  /// The tables of all tiers, within one read or transaction.
  private record Tables(TierTable fiveMinutes, TierTable hours, TierTable days)
      implements AutoCloseable {
    static Tables open(Connection connection) {
      return new Tables(
          new TierTable(connection, Tier.FIVE_MINUTES),
          new TierTable(connection, Tier.HOUR),
          new TierTable(connection, Tier.DAY));
    }

    /// Whether a series has nothing from before a day.
    boolean begins(StoredSeries series, long day) throws SQLException {
      return fiveMinutes.first(series.seriesId(), Long.MIN_VALUE).orElse(day) >= day
          && days.first(series.seriesId(), Long.MIN_VALUE).orElse(day) >= day;
    }

    @Override
    public void close() throws SQLException {
      fiveMinutes.close();
      hours.close();
      days.close();
    }
  }

  private Optional<Difference> difference(
      Connection connection, Compared compared, long day, List<Cell> rows, boolean first)
      throws SQLException {
    StoredSeries series = compared.series();
    if (day < compared.mark().daysFrom()) {
      return Optional.empty();
    }
    try (Tables tables = Tables.open(connection)) {
      long end = day + Tier.DAY.seconds();
      List<Cell> daily = tables.days().cells(series.seriesId(), day, end);
      if (day < compared.mark().fiveMinutesFrom() && day < series.daysUntil()) {
        Sum sum = Sum.of(daily);
        return first || sum.equals(Sum.of(rows))
            ? Optional.empty()
            : Optional.of(difference(series, day, sum, Sum.of(rows)));
      }
      List<Cell> stored = tables.fiveMinutes().cells(series.seriesId(), day, end);
      List<Cell> hourly = tables.hours().cells(series.seriesId(), day, end);
      List<Cell> all = withOpen(stored, series, day);
      boolean differs =
          rowsDiffer(series, all, rows, first ? tables.begins(series, day) : true, first);
      boolean summedWrongly =
          !hourly.equals(summed(Tier.HOUR, series, stored))
              || !daily.equals(summed(Tier.DAY, series, stored));
      return differs || summedWrongly
          ? Optional.of(difference(series, day, Sum.of(all), differs ? Sum.of(rows) : Sum.of(all)))
          : Optional.empty();
    }
  }

  /// Whether the rows of a day say something else than its roll-up. Rows that are gone from a day
  /// say nothing: the first one may be any row of it, and between two rows the sums are the same.
  /// Rows of unmatched traffic replace each other within one second.
  private boolean rowsDiffer(
      StoredSeries series, List<Cell> all, List<Cell> rows, boolean begins, boolean first) {
    boolean fewer = count(rows) < count(all);
    if (first && (fewer || !begins)) {
      return false;
    }
    boolean tells = series.seriesId() != StoredSeries.UNMATCHED;
    return fewer
        ? tells && !Sum.of(all).equals(Sum.of(rows))
        : !(captures ? amounts(all).equals(amounts(rows)) : all.equals(rows));
  }

  private static List<Cell> amounts(List<Cell> cells) {
    return cells.stream()
        .map(cell ->
            new Cell(
                cell.start(), cell.packets(), cell.bytes(), 0, 0, 0, 0, 0, 0, cell.resets(), 0))
        .toList();
  }

  private static long count(List<Cell> cells) {
    return cells.stream().mapToLong(cell -> cell.readings() + cell.implausible()).sum();
  }

  private static List<Cell> withOpen(List<Cell> stored, StoredSeries series, long day) {
    CellSums sums = new CellSums(Tier.FIVE_MINUTES);
    stored.forEach(sums::add);
    series
        .running()
        .open()
        .filter(cell -> Tier.DAY.floor(cell.start()) == day)
        .ifPresent(sums::add);
    return sums.cells();
  }

  /// The hours or the day of a day's cells, as far as they are summed up.
  private static List<Cell> summed(Tier tier, StoredSeries series, List<Cell> cells) {
    long until = tier == Tier.HOUR ? series.hoursUntil() : series.daysUntil();
    CellSums sums = new CellSums(tier);
    cells.stream().filter(cell -> cell.start() < until).forEach(sums::add);
    return sums.cells();
  }

  /// Rebuilds a day: from its rows if they differ from what is stored, and its hours and itself of
  /// its 5 minutes.
  ///
  /// @return false if something was rolled up since; then nothing was changed
  private boolean repair(Connection connection, Compared compared, long day) throws SQLException {
    if (!unchanged(connection, compared.series(), compared.mark())) {
      return false;
    }
    StoredSeries series = load(connection, compared.series());
    SeriesTable table = new SeriesTable(connection);
    if (!series.begun()) {
      series.begin(compared.fold().cells().firstKey());
      series.running(compared.fold().continued(Optional.empty()), compared.fold().lastStatId());
      table.save(List.of(series));
      return false;
    }
    List<Cell> rows = ofDay(compared.fold().cells(), day);
    boolean first = day <= compared.fold().firstDay().orElseThrow();
    long end = day + Tier.DAY.seconds();
    Optional<Cell> open = series.running().open();
    try (Tables tables = Tables.open(connection)) {
      List<Cell> cells = tables.fiveMinutes().cells(series.seriesId(), day, end);
      boolean gone = day < compared.mark().fiveMinutesFrom() && day < series.daysUntil();
      if (gone
          || rowsDiffer(
              series, withOpen(cells, series, day), rows, tables.begins(series, day), first)) {
        cells = rows;
        open = open.filter(cell -> Tier.DAY.floor(cell.start()) != day);
        if (!gone) {
          tables.fiveMinutes().replace(series.seriesId(), day, end, cells);
        }
      }
      if (!gone || day >= compared.mark().hoursFrom()) {
        tables.hours().replace(series.seriesId(), day, end, summed(Tier.HOUR, series, cells));
      }
      tables.days().replace(series.seriesId(), day, end, summed(Tier.DAY, series, cells));
    }
    if (compared.fold().lastStatId() == series.lastStatId()) {
      series.running(compared.fold().continued(open), series.lastStatId());
    }
    table.save(List.of(series));
    return true;
  }
}
