package dev.patronus.store.rollup;

import dev.patronus.history.Reading;
import dev.patronus.history.tier.Cell;
import dev.patronus.history.tier.RunningSeries;
import dev.patronus.store.BoundedText;
import dev.patronus.store.RowReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// `patronus_series`.
///
/// Confined to the database's thread.
final class SeriesTable {
  private static final String ALL =
      """
      SELECT series_id, policy_id, name, newest, disordered, last_stat_id, last_timestamp,
        last_packets, last_bytes, hours_until, days_until, open_start, open_packets, open_bytes,
        open_active_flows, open_active_flows_highest, open_last_second, open_covered_seconds,
        open_longest_seconds, open_readings, open_resets, open_implausible
      FROM patronus_series
      """;

  private static final String OF_SERIES = ALL + "WHERE series_id = ?";

  private static final String INSERT =
      "INSERT INTO patronus_series (series_id, policy_id, name) VALUES (?, ?, ?)";

  private static final String UPDATE =
      """
      UPDATE patronus_series SET newest = ?, disordered = ?, last_stat_id = ?, last_timestamp = ?,
        last_packets = ?, last_bytes = ?, hours_until = ?, days_until = ?, open_start = ?,
        open_packets = ?, open_bytes = ?, open_active_flows = ?, open_active_flows_highest = ?,
        open_last_second = ?, open_covered_seconds = ?, open_longest_seconds = ?,
        open_readings = ?, open_resets = ?, open_implausible = ?
      WHERE series_id = ?
      """;

  /// The names that policies have now; a policy that is gone keeps its last one. A name that is too
  /// long to be read is not looked at.
  private static final String RENAME =
      """
      UPDATE patronus_series SET name =
        (SELECT p.name FROM sdwan_policies p WHERE p.policy_id = patronus_series.policy_id)
      WHERE EXISTS (SELECT 1 FROM sdwan_policies p
        WHERE p.policy_id = patronus_series.policy_id AND octet_length(p.name) <= %d
          AND p.name <> patronus_series.name)
      """
          .formatted(BoundedText.NAME_MAX);

  private static final RowReader<StoredSeries> SERIES = SeriesTable::series;

  private static final int OPEN = 12;

  private final Connection connection;

  SeriesTable(Connection connection) {
    this.connection = connection;
  }

  /// The series of all policies, by policy.
  Map<Long, StoredSeries> policies() throws SQLException {
    Map<Long, StoredSeries> all = new HashMap<>();
    for (StoredSeries series : SERIES.list(connection, ALL + "WHERE series_id <> 0")) {
      all.put(series.policyId(), series);
    }
    return all;
  }

  /// A series by its own id; empty if there is none.
  Optional<StoredSeries> of(long seriesId) throws SQLException {
    return SERIES.first(connection, OF_SERIES, seriesId);
  }

  private static StoredSeries series(ResultSet row) throws SQLException {
    long newest = row.getLong(4);
    boolean begun = !row.wasNull();
    long policyId = row.getLong(2);
    long lastTimestamp = row.getLong(7);
    Optional<Reading> last =
        row.wasNull()
            ? Optional.empty()
            : Optional.of(new Reading(policyId, lastTimestamp, row.getLong(8), row.getLong(9), 0));
    Optional<Cell> open = CellColumns.ifPresent(row, OPEN);
    return new StoredSeries(
        row.getLong(1),
        policyId,
        row.getString(3),
        new RunningSeries(last, open, begun ? newest : Long.MIN_VALUE, row.getInt(5) != 0),
        row.getLong(6),
        begun ? row.getLong(10) : Long.MIN_VALUE,
        begun ? row.getLong(11) : Long.MIN_VALUE,
        true);
  }

  /// The greatest id that a series has.
  long lastId() throws SQLException {
    RowReader<Long> id = row -> row.getLong(1);
    return id.first(connection, "SELECT max(series_id) FROM patronus_series").orElse(0L);
  }

  /// Writes series as they are now, and the names that policies have now.
  void save(Iterable<StoredSeries> changed) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(INSERT);
        PreparedStatement update = connection.prepareStatement(UPDATE);
        PreparedStatement rename = connection.prepareStatement(RENAME)) {
      for (StoredSeries series : changed) {
        if (!series.stored()) {
          insert(insert, series);
        }
        update(update, series);
      }
      insert.executeBatch();
      update.executeBatch();
      rename.executeUpdate();
    }
  }

  private static void insert(PreparedStatement insert, StoredSeries series) throws SQLException {
    insert.setLong(1, series.seriesId());
    if (series.seriesId() == StoredSeries.UNMATCHED) {
      insert.setNull(2, Types.INTEGER);
    } else {
      insert.setLong(2, series.policyId());
    }
    insert.setString(3, series.name());
    insert.addBatch();
  }

  private static void update(PreparedStatement update, StoredSeries series) throws SQLException {
    RunningSeries running = series.running();
    if (series.begun()) {
      update.setLong(1, running.newestSecond());
    } else {
      update.setNull(1, Types.INTEGER);
    }
    update.setInt(2, running.disordered() ? 1 : 0);
    update.setLong(3, series.lastStatId());
    if (running.last().isPresent()) {
      Reading last = running.last().get();
      update.setLong(4, last.epochSecond());
      update.setLong(5, last.packets());
      update.setLong(6, last.bytes());
    } else {
      setNull(update, 4, 6);
    }
    update.setLong(7, series.hoursUntil());
    update.setLong(8, series.daysUntil());
    if (running.open().isPresent()) {
      CellColumns.bind(update, 9, running.open().get());
    } else {
      setNull(update, 9, 19);
    }
    update.setLong(20, series.seriesId());
    update.addBatch();
  }

  private static void setNull(PreparedStatement statement, int first, int last)
      throws SQLException {
    for (int i = first; i <= last; i++) {
      statement.setNull(i, Types.INTEGER);
    }
  }
}
