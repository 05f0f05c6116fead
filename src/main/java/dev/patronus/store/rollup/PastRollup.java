package dev.patronus.store.rollup;

import dev.patronus.history.Reading;
import dev.patronus.history.tier.Cell;
import dev.patronus.history.tier.RunningSeries;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Rolls up rows that were put into the past, beside the rows themselves, in their transaction.
///
/// Confined to the database's thread.
public final class PastRollup {
  private static final String LAST_ROW = "SELECT coalesce(max(stat_id), 0) FROM sdwan_policy_stats";

  /// A row that was added for the second before a capture's first minute.
  ///
  /// @param before the second of the row before it; empty if it is the first one
  public record Base(Optional<Long> before) {}

  private final Connection connection;
  private final RollupMark mark;
  private final SeriesTable table;
  private final Map<Long, StoredSeries> policies;
  private final List<StoredSeries> changed = new ArrayList<>();
  private long nextId;

  private PastRollup(Connection connection, RollupMark mark) throws SQLException {
    this.connection = connection;
    this.mark = mark;
    table = new SeriesTable(connection);
    policies = table.policies();
    nextId = table.lastId() + 1;
  }

  /// Opens the roll-ups, before rows are put into the past; empty while rows are there that are not
  /// rolled up.
  public static Optional<PastRollup> open(Connection connection) throws SQLException {
    RollupMark mark = RollupMark.read(connection);
    return mark.complete() && mark.mark() == lastRow(connection)
        ? Optional.of(new PastRollup(connection, mark))
        : Optional.empty();
  }

  private static long lastRow(Connection connection) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(LAST_ROW);
        ResultSet row = select.executeQuery()) {
      return row.getLong(1);
    }
  }

  /// Rolls up what a capture added to a policy.
  ///
  /// @param readings in order of time, cumulative since the second `base`
  /// @param first the row for that second, if it was added
  /// @param lasts whether the last row of the policy shows it, too
  public void policy(
      long policyId, List<Reading> readings, long base, Optional<Base> first, boolean lasts)
      throws SQLException {
    StoredSeries known = policies.get(policyId);
    StoredSeries series = known == null ? StoredSeries.empty(nextId++, policyId) : known;
    put(series, readings, base, first, lasts);
  }

  /// The same of what no policy matched.
  public void unmatched(List<Reading> readings, long base, Optional<Base> first, boolean lasts)
      throws SQLException {
    StoredSeries series =
        table
            .of(StoredSeries.UNMATCHED)
            .orElseGet(() -> StoredSeries.empty(StoredSeries.UNMATCHED, 0));
    put(series, readings, base, first, lasts);
  }

  private void put(
      StoredSeries series, List<Reading> readings, long base, Optional<Base> first, boolean lasts)
      throws SQLException {
    if (!series.begun()) {
      series.begin(base);
    }
    Reading none = new Reading(series.policyId(), base, 0, 0, 0);
    List<Reading> all = new ArrayList<>();
    first.ifPresent(_ -> all.add(none));
    all.addAll(readings);
    Optional<Reading> before =
        first.isPresent() ? first.get().before().map(none::at) : Optional.of(none);
    RunningSeries past = new RunningSeries(before, Optional.empty(), Long.MIN_VALUE, false);
    try (TierRollup tiers = new TierRollup(connection, mark)) {
      for (Reading reading : all) {
        Optional<Cell> completed = past.accept(reading);
        if (completed.isPresent()) {
          tiers.add(series, completed.get());
        }
      }
      Optional<Cell> open = past.close();
      if (open.isPresent()) {
        tiers.add(series, open.get());
      }
    }
    Reading last = readings.getLast();
    RunningSeries running = series.running();
    series.running(
        new RunningSeries(
            lasts ? running.last().map(reading -> plus(reading, last)) : running.last(),
            running.open(),
            Math.max(running.newestSecond(), last.epochSecond()),
            running.disordered()),
        series.lastStatId());
    changed.add(series);
  }

  private static Reading plus(Reading reading, Reading added) {
    return new Reading(
        reading.policyId(),
        reading.epochSecond(),
        sum(reading.packets(), added.packets()),
        sum(reading.bytes(), added.bytes()),
        reading.activeFlows());
  }

  private static long sum(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }

  /// Notes that all rows that are there now are rolled up.
  public void save() throws SQLException {
    table.save(changed);
    mark.at(lastRow(connection)).save(connection);
  }
}
