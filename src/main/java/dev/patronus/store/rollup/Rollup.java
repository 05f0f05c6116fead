package dev.patronus.store.rollup;

import dev.patronus.audit.Actor;
import dev.patronus.history.Reading;
import dev.patronus.history.tier.Tier;
import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import dev.patronus.store.Transaction;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Rolls traffic up: reads the rows that are not in the roll-ups yet, in order of arrival, and adds
/// them, in transactions that others wait for some milliseconds at most.
///
/// Each transaction moves the mark together with the sums, so that the work can be interrupted at
/// any moment and goes on where it was.
///
/// Confined to the database's thread.
public final class Rollup {
  /// How many rows of others a snapshot rolls up beside its own.
  private static final int CATCH_UP = 2_000;

  private static final Duration SHORT = Duration.ofMillis(20);
  private static final int ROWS_LEAST = 500;
  private static final int ROWS_MOST = 20_000;
  private static final int SERIES_PER_READ = 1_000;

  private static final String UNCLOSED =
      """
      SELECT series_id FROM patronus_series
      WHERE (hours_until <= newest AND hours_until < ?1)
        OR (days_until <= newest AND days_until < min(hours_until, ?1) - 86399)
      LIMIT ?2
      """;

  private static final RowReader<Long> NUMBER = row -> row.getLong(1);

  private final Database database;
  private int rowsPerPiece = ROWS_LEAST;
  private long rows;

  public Rollup(Database database) {
    this.database = database;
  }

  /// Rolls the rows of a snapshot up in its transaction, and some that others have written before,
  /// if there are. If there are many, all of them are left to [#roll].
  ///
  /// @param lastRowBefore the greatest `stat_id` before the snapshot
  /// @param unmatched what no policy matched, as the snapshot has it
  public static void snapshot(Transaction transaction, long lastRowBefore, Reading unmatched)
      throws SQLException {
    Connection connection = transaction.connection();
    RollupMark mark = current(connection);
    if (lastRowBefore - mark.mark() <= CATCH_UP) {
      mark = policies(connection, mark, Integer.MAX_VALUE).mark();
      if (!mark.complete() && unmatched(connection, mark, CATCH_UP) < CATCH_UP) {
        mark.completed().save(connection);
        return;
      }
      mark.save(connection);
    }
    if (mark.complete()) {
      unmatched(connection, mark, unmatched);
    }
  }

  /// The mark; before the first row if the table was created again and its keys begin again.
  private static RollupMark current(Connection connection) throws SQLException {
    RollupMark mark = RollupMark.read(connection);
    if (!mark.restarted(connection)) {
      return mark;
    }
    try (PreparedStatement update =
        connection.prepareStatement("UPDATE patronus_series SET last_stat_id = 0")) {
      update.executeUpdate();
    }
    return mark.at(0);
  }

  /// What was rolled up.
  private record Part(int rows, RollupMark mark) {}

  private static Part policies(Connection connection, RollupMark mark, int limit)
      throws SQLException {
    RawRows.Page page = RawRows.after(connection, mark.mark(), limit);
    SeriesTable table = new SeriesTable(connection);
    Map<Long, StoredSeries> all = page.rows().isEmpty() ? Map.of() : table.policies();
    Map<Long, StoredSeries> changed = new LinkedHashMap<>();
    long nextId = table.lastId() + 1;
    try (TierRollup tiers = new TierRollup(connection, mark)) {
      for (RawRows.Row row : page.rows()) {
        long policy = row.reading().policyId();
        StoredSeries series = changed.getOrDefault(policy, all.get(policy));
        if (series == null) {
          series = StoredSeries.empty(nextId++, policy);
        }
        changed.put(policy, series);
        series.accept(row.statId(), row.reading(), tiers);
      }
    }
    table.save(changed.values());
    return new Part(page.read(), mark.at(page.last()));
  }

  private static int unmatched(Connection connection, RollupMark mark, int limit)
      throws SQLException {
    StoredSeries series = unmatched(connection);
    List<Reading> rows = RawRows.unmatchedAfter(connection, series.running().newestSecond(), limit);
    accept(connection, mark, series, rows);
    return rows.size();
  }

  /// Rolls up what a snapshot has of unmatched traffic, and what others have written before it.
  private static void unmatched(Connection connection, RollupMark mark, Reading snapshot)
      throws SQLException {
    StoredSeries series = unmatched(connection);
    List<Reading> rows = new ArrayList<>();
    for (Reading row :
        RawRows.unmatchedAfter(connection, series.running().newestSecond(), CATCH_UP)) {
      if (row.epochSecond() != snapshot.epochSecond()) {
        rows.add(row);
      }
    }
    rows.add(snapshot);
    accept(connection, mark, series, rows);
  }

  private static StoredSeries unmatched(Connection connection) throws SQLException {
    return new SeriesTable(connection)
        .of(StoredSeries.UNMATCHED)
        .orElseGet(() -> StoredSeries.empty(StoredSeries.UNMATCHED, 0));
  }

  private static void accept(
      Connection connection, RollupMark mark, StoredSeries series, List<Reading> rows)
      throws SQLException {
    try (TierRollup tiers = new TierRollup(connection, mark)) {
      for (Reading row : rows) {
        series.accept(0, row, tiers);
      }
    }
    new SeriesTable(connection).save(List.of(series));
  }

  /// Rolls some rows up in one transaction.
  ///
  /// @return whether there may be more
  public boolean roll(Actor actor, Instant now) {
    Piece piece = database.writePart(actor, now, transaction -> roll(transaction.connection()));
    rows += piece.rows();
    return piece.more();
  }

  /// What one transaction rolled up, and whether there may be more.
  private record Piece(int rows, boolean more) {}

  private Piece roll(Connection connection) throws SQLException {
    long began = System.nanoTime();
    int limit = rowsPerPiece;
    Part part = policies(connection, current(connection), limit);
    int unmatched = part.rows() < limit ? unmatched(connection, part.mark(), limit) : 0;
    boolean more = part.rows() == limit || unmatched == limit;
    (more ? part.mark() : part.mark().completed()).save(connection);
    fit(System.nanoTime() - began);
    return new Piece(part.rows() + unmatched, more);
  }

  /// Makes the next piece as large as others may wait for it.
  private void fit(long nanos) {
    int fitting = nanos > SHORT.toNanos() ? rowsPerPiece / 2 : rowsPerPiece * 2;
    if (nanos > SHORT.toNanos() || nanos < SHORT.toNanos() / 2) {
      rowsPerPiece = Math.clamp(fitting, ROWS_LEAST, ROWS_MOST);
    }
  }

  /// Rolls everything up, hours and days that are over included, without a pause for others.
  public void rollAll(Actor actor, Instant now) {
    boolean more = true;
    while (more) {
      more = roll(actor, now);
    }
    do {
      more = sumUpHours(actor, now);
    } while (more);
  }

  /// How many rows [#roll] has rolled up.
  public long rows() {
    return rows;
  }

  /// How many rows of policies there are at most that are not rolled up.
  public long rowsLeft() {
    if (!database.schema().has("sdwan_policy_stats")) {
      return 0;
    }
    boolean exists = RollupMark.exists(database);
    return database.read(connection -> {
      long mark = exists ? RollupMark.read(connection).mark() : 0;
      String sql = "SELECT max(stat_id) FROM sdwan_policy_stats";
      return Math.max(0, NUMBER.first(connection, sql).orElseThrow() - mark);
    });
  }

  /// Whether all rows are rolled up that there were at some time.
  public boolean complete() {
    return RollupMark.exists(database)
        && database.read(connection -> RollupMark.read(connection).complete());
  }

  /// Whether all rows are rolled up that there are.
  public boolean current() {
    return complete() && rowsLeft() == 0;
  }

  /// Sums up hours and days that are over, in one transaction if there are any.
  ///
  /// @return whether there may be more
  public boolean sumUpHours(Actor actor, Instant now) {
    long hour = Tier.HOUR.floor(Tier.clamp(now.getEpochSecond()));
    List<Long> unclosed =
        database.read(connection -> NUMBER.list(connection, UNCLOSED, hour, SERIES_PER_READ));
    return !unclosed.isEmpty()
        && database.writePart(
            actor, now, transaction -> sumUpHours(transaction.connection(), unclosed, hour));
  }

  private static boolean sumUpHours(Connection connection, List<Long> ids, long hour)
      throws SQLException {
    long began = System.nanoTime();
    SeriesTable table = new SeriesTable(connection);
    Deque<Long> left = new ArrayDeque<>(ids);
    List<StoredSeries> changed = new ArrayList<>();
    try (TierRollup tiers = new TierRollup(connection, RollupMark.read(connection))) {
      while (!left.isEmpty() && System.nanoTime() - began < SHORT.toNanos()) {
        StoredSeries series = table.of(left.remove()).orElseThrow();
        tiers.sumUp(series, hour);
        changed.add(series);
      }
    }
    table.save(changed);
    return true;
  }
}
