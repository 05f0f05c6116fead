package dev.patronus.store.rollup;

import dev.patronus.history.Reading;
import dev.patronus.history.tier.Cell;
import dev.patronus.history.tier.RunningSeries;
import dev.patronus.history.tier.Tier;
import dev.patronus.store.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The roll-up of a series whose rows came in order of time, rebuilt from the rows that are still
/// there.
///
/// Rows are read in pages, each a short read of its own. Confined to the database's thread. Memory:
/// one cell for each 5 minutes.
final class RowFold {
  private static final int PAGE = 5_000;

  private final Database database;
  private final StoredSeries series;
  private final RunningSeries running = RunningSeries.empty();
  private final TreeMap<Long, Cell> cells = new TreeMap<>();
  private Optional<RawRows.Row> last = Optional.empty();

  RowFold(Database database, StoredSeries series) {
    this.database = database;
    this.series = series;
  }

  /// Reads the rows that are rolled up and not read yet.
  ///
  /// @param upTo the last key that is rolled up
  /// @param newest the latest time that is rolled up, for unmatched traffic
  void readUpTo(long upTo, long newest) {
    boolean more = true;
    while (more) {
      List<RawRows.Row> page =
          series.seriesId() == StoredSeries.UNMATCHED ? unmatched(newest) : policy(upTo);
      for (RawRows.Row row : page) {
        running.accept(row.reading()).ifPresent(this::put);
        last = Optional.of(row);
      }
      more = page.size() == PAGE;
    }
  }

  private List<RawRows.Row> policy(long upTo) {
    return database.read(open -> RawRows.ofPolicy(open, series.policyId(), last, upTo, PAGE));
  }

  private List<RawRows.Row> unmatched(long newest) {
    long after = last.map(row -> row.reading().epochSecond()).orElse(Long.MIN_VALUE);
    List<Reading> readings = database.read(open -> RawRows.unmatchedAfter(open, after, PAGE));
    List<RawRows.Row> rows = new ArrayList<>();
    for (Reading reading : readings) {
      if (reading.epochSecond() <= newest) {
        rows.add(new RawRows.Row(0, reading));
      }
    }
    return rows;
  }

  private void put(Cell cell) {
    cells.put(cell.start(), cell);
  }

  /// All cells, the open one included, by their starts.
  SortedMap<Long, Cell> cells() {
    TreeMap<Long, Cell> all = new TreeMap<>(cells);
    running.open().ifPresent(cell -> all.put(cell.start(), cell));
    return all;
  }

  /// The key of the last row that was read; 0 if there is none.
  long lastStatId() {
    return last.map(RawRows.Row::statId).orElse(0L);
  }

  /// What the next row is compared with.
  ///
  /// @param open the cell that is in no tier
  RunningSeries continued(Optional<Cell> open) {
    return new RunningSeries(running.last(), open, running.newestSecond(), running.disordered());
  }

  /// The first second of the day of the first plausible row; empty if there is none.
  Optional<Long> firstDay() {
    return cells().values().stream()
        .filter(cell -> cell.readings() > 0)
        .findFirst()
        .map(cell -> Tier.DAY.floor(cell.start()));
  }
}
