package dev.patronus.store.rollup;

import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.history.Reading;
import dev.patronus.history.tier.Cell;
import dev.patronus.history.tier.Tier;
import dev.patronus.history.tier.TierChoice;
import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Function;

/// Reads the roll-ups, and adds what is not in them yet.
///
/// Each series is read in a short transaction of its own, so that no writer and no checkpoint waits
/// for long. Rows that were written when this was opened are in the answer, and those that were
/// rolled up since.
///
/// Confined to the database's thread.
public final class TierHistory {
  private static final String NAMES =
      "SELECT series_id, policy_id, name, disordered FROM patronus_series WHERE series_id <> 0";

  private static final long NO_SERIES = -1;

  /// How many rows are read on top of the roll-ups.
  private static final int NEWER_MOST = 200_000;

  /// How often a reading is begun where history is removed meanwhile; that happens once a day.
  private static final int ATTEMPTS_MOST = 4;

  private final Database database;
  private final RollupMark mark;
  private boolean outdated;

  /// The series of a policy, its name, and whether its rows did not come in order of time.
  private record Known(long seriesId, String name, boolean disordered) {}

  private final Map<Long, Known> known = new LinkedHashMap<>();
  private final Map<Long, List<RawRows.Row>> newer = new HashMap<>();

  private TierHistory(Database database, RollupMark mark) {
    this.database = database;
    this.mark = mark;
  }

  /// Answers from the roll-ups. Where the oldest history is removed while it is read, they are
  /// opened and read again.
  ///
  /// @param work is given what [#open] gives, and may be called more than once
  /// @throws UserError if history is removed each time
  public static <T> T reading(Database database, Function<Optional<TierHistory>, T> work) {
    for (int attempt = 1; ; attempt++) {
      Optional<TierHistory> history = open(database);
      try {
        return work.apply(history);
      } catch (UserError e) {
        if (attempt == ATTEMPTS_MOST || history.filter(one -> one.outdated).isEmpty()) {
          throw e;
        }
      }
    }
  }

  /// Opens the roll-ups; empty if the database has none, or too many rows are in none.
  public static Optional<TierHistory> open(Database database) {
    return RollupMark.exists(database)
        ? database.readAtOnce(connection -> open(database, connection))
        : Optional.empty();
  }

  private static Optional<TierHistory> open(Database database, Connection connection)
      throws SQLException {
    RollupMark mark = RollupMark.read(connection);
    if (!mark.complete() || mark.restarted(connection)) {
      return Optional.empty();
    }
    RawRows.Page page = RawRows.after(connection, mark.mark(), NEWER_MOST);
    if (page.read() == NEWER_MOST) {
      return Optional.empty();
    }
    TierHistory history = new TierHistory(database, mark);
    RowReader<Known> known =
        row ->
            history.known.put(
                row.getLong(2), new Known(row.getLong(1), row.getString(3), row.getInt(4) != 0));
    known.list(connection, NAMES);
    for (RawRows.Row row : page.rows()) {
      history.newer.computeIfAbsent(row.reading().policyId(), _ -> new ArrayList<>()).add(row);
    }
    return Optional.of(history);
  }

  /// The policies that have a history, in unsigned order of their ids.
  public List<Long> policies() {
    List<Long> all = new ArrayList<>(known.keySet());
    newer.keySet().stream().filter(id -> !known.containsKey(id)).forEach(all::add);
    all.sort(Long::compareUnsigned);
    return all;
  }

  /// The last known names of policies that have a history, by id.
  public Map<Long, String> names() {
    Map<Long, String> names = new HashMap<>();
    known.forEach((id, series) -> names.put(id, series.name()));
    return names;
  }

  /// Whether rows of a policy did not come in order of time, because a clock jumped: then only the
  /// order of arrival tells what it carried.
  public boolean disordered(long policyId) {
    return known.containsKey(policyId) && known.get(policyId).disordered();
  }

  /// Reads the rows of a policy that are still there, in order of arrival.
  public void arrivals(long policyId, Consumer<Reading> readings) {
    boolean _ =
        database.read(connection -> {
          RawRows.arrivals(connection, policyId, readings);
          return true;
        });
  }

  /// The second from which on a tier has all cells.
  public long from(Tier tier) {
    return from(tier, mark);
  }

  private static long from(Tier tier, RollupMark mark) {
    return switch (tier) {
      case FIVE_MINUTES -> mark.fiveMinutesFrom();
      case HOUR -> mark.hoursFrom();
      case DAY -> Math.max(mark.daysFrom(), Tier.FIRST_SECOND);
    };
  }

  /// The start of the first 5 minutes that a policy has a row in, or of the hour or the day where
  /// those are removed; empty if it has none.
  public OptionalLong firstSecond(long policyId) {
    return database.readAtOnce(connection -> firstSecond(connection, policy(connection, policyId)));
  }

  /// The same of what no policy matched.
  public OptionalLong firstUnmatched() {
    return database.readAtOnce(connection -> firstSecond(connection, unmatched(connection)));
  }

  private OptionalLong firstSecond(Connection connection, Loaded loaded) throws SQLException {
    long first = Long.MAX_VALUE;
    for (Tier tier : Tier.values()) {
      try (TierTable table = new TierTable(connection, tier)) {
        OptionalLong start = table.first(loaded.series().seriesId(), mark.daysFrom());
        boolean earlier =
            start.isPresent() && (first == Long.MAX_VALUE || start.getAsLong() < tier.floor(first));
        first = earlier ? start.getAsLong() : first;
      }
    }
    for (Cell cell : loaded.newer()) {
      if (cell.start() >= mark.daysFrom()) {
        first = Math.min(first, cell.start());
      }
    }
    return first == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(first);
  }

  /// Reads what a policy carried in `[from, until)`: cells in order of time, then those that are in
  /// no tier yet.
  ///
  /// @param coarsest the coarsest tier that may be used
  /// @param from a border of 5 minutes, as `until`
  /// @throws UserError if cells of the range were removed since this was opened
  public void read(long policyId, Tier coarsest, long from, long until, Consumer<Cell> cells) {
    boolean _ =
        database.readAtOnce(connection ->
            read(connection, policy(connection, policyId), coarsest, from, until, cells));
  }

  /// The same of what no policy matched.
  public void readUnmatched(Tier coarsest, long from, long until, Consumer<Cell> cells) {
    boolean _ =
        database.readAtOnce(
            connection -> read(connection, unmatched(connection), coarsest, from, until, cells));
  }

  private boolean read(
      Connection connection,
      Loaded loaded,
      Tier coarsest,
      long from,
      long until,
      Consumer<Cell> cells)
      throws SQLException {
    RollupMark now = RollupMark.read(connection);
    StoredSeries series = loaded.series();
    long kept = Math.min(Math.max(from, mark.daysFrom()), until);
    for (TierChoice.Part part :
        TierChoice.parts(coarsest, series.hoursUntil(), series.daysUntil(), kept, until)) {
      requireThere(part, now);
      try (TierTable table = new TierTable(connection, part.tier())) {
        table.read(series.seriesId(), part.from(), part.until(), cells);
      }
    }
    loaded.newer().stream()
        .filter(cell -> kept <= cell.start() && cell.start() < until)
        .forEach(cells);
    return true;
  }

  /// Refuses a part of a tier of which cells were removed since this was opened.
  private void requireThere(TierChoice.Part part, RollupMark now) {
    long before = from(part.tier(), mark);
    long since = from(part.tier(), now);
    outdated = since < before || (since > before && part.from() < since && before < part.until());
    if (outdated) {
      throw new UserError(
          ExitCode.BUSY, "the oldest history was removed while it was read; try again");
    }
  }

  /// A series, and its cells of 5 minutes that are in no tier.
  private record Loaded(StoredSeries series, List<Cell> newer) {}

  private Loaded policy(Connection connection, long policyId) throws SQLException {
    Optional<StoredSeries> found =
        known.containsKey(policyId)
            ? new SeriesTable(connection).of(known.get(policyId).seriesId())
            : Optional.empty();
    StoredSeries series = found.orElseGet(() -> StoredSeries.empty(NO_SERIES, policyId));
    return loaded(
        series,
        newer.getOrDefault(policyId, List.of()).stream()
            .filter(row -> row.statId() > series.lastStatId())
            .map(RawRows.Row::reading)
            .toList());
  }

  private static Loaded unmatched(Connection connection) throws SQLException {
    StoredSeries series =
        new SeriesTable(connection)
            .of(StoredSeries.UNMATCHED)
            .orElseGet(() -> StoredSeries.empty(NO_SERIES, StoredSeries.UNMATCHED));
    return loaded(
        series, RawRows.unmatchedAfter(connection, series.running().newestSecond(), NEWER_MOST));
  }

  private static Loaded loaded(StoredSeries series, List<Reading> readings) {
    List<Cell> cells = new ArrayList<>();
    for (Reading reading : readings) {
      series.running().accept(reading).ifPresent(cells::add);
    }
    series.running().open().ifPresent(cells::add);
    return new Loaded(series, cells);
  }
}
