package dev.patronus.store.rollup;

import dev.patronus.history.tier.Cell;
import dev.patronus.history.tier.Tier;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The table of a tier.
///
/// Holds its statements open until it is closed. Confined to the database's thread.
final class TierTable implements AutoCloseable {
  private static final String READ =
      """
      SELECT start, packets, bytes, active_flows, active_flows_highest, last_second,
        covered_seconds, longest_seconds, readings, resets, implausible
      FROM TIER WHERE series_id = ? AND start >= ? AND start < ? ORDER BY start
      """;

  private static final String FIRST =
      "SELECT min(start) FROM TIER WHERE series_id = ? AND start >= ?";

  private static final String REPLACE =
      """
      INSERT OR REPLACE INTO TIER (series_id, start, packets, bytes, active_flows,
        active_flows_highest, last_second, covered_seconds, longest_seconds, readings, resets,
        implausible)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """;

  private static final String DELETE =
      "DELETE FROM TIER WHERE series_id = ? AND start >= ? AND start < ?";

  private final Connection connection;
  private final Tier tier;
  private @Nullable PreparedStatement read;
  private @Nullable PreparedStatement replace;

  TierTable(Connection connection, Tier tier) {
    this.connection = connection;
    this.tier = tier;
  }

  private String sql(String template) {
    return template.replace("TIER", name(tier));
  }

  /// The name of a tier's table.
  static String name(Tier tier) {
    return switch (tier) {
      case FIVE_MINUTES -> "patronus_five_minutes";
      case HOUR -> "patronus_hours";
      case DAY -> "patronus_days";
    };
  }

  /// Reads the cells of a series that start in `[from, until)`, in order of time.
  void read(long seriesId, long from, long until, Consumer<Cell> cells) throws SQLException {
    if (read == null) {
      read = connection.prepareStatement(sql(READ));
    }
    read.setLong(1, seriesId);
    read.setLong(2, from);
    read.setLong(3, until);
    try (ResultSet row = read.executeQuery()) {
      while (row.next()) {
        cells.accept(CellColumns.cell(row, 1));
      }
    }
  }

  /// The same cells as a list.
  List<Cell> cells(long seriesId, long from, long until) throws SQLException {
    List<Cell> cells = new ArrayList<>();
    read(seriesId, from, until, cells::add);
    return cells;
  }

  /// Writes cells in place of all that start in `[from, until)`.
  void replace(long seriesId, long from, long until, List<Cell> cells) throws SQLException {
    delete(seriesId, from, until);
    for (Cell cell : cells) {
      put(seriesId, cell);
    }
  }

  /// The start of the first cell of a series from a second on; empty if there is none.
  OptionalLong first(long seriesId, long from) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(sql(FIRST))) {
      select.setLong(1, seriesId);
      select.setLong(2, from);
      try (ResultSet row = select.executeQuery()) {
        long start = row.getLong(1);
        return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(start);
      }
    }
  }

  /// Adds to the cell that there is.
  void add(long seriesId, Cell cell) throws SQLException {
    Cell[] sum = {cell.in(tier)};
    long start = sum[0].start();
    read(seriesId, start, start + 1, before -> sum[0] = before.plus(sum[0]));
    put(seriesId, sum[0]);
  }

  /// Writes a cell in place of the one that there is.
  void put(long seriesId, Cell cell) throws SQLException {
    if (replace == null) {
      replace = connection.prepareStatement(sql(REPLACE));
    }
    replace.setLong(1, seriesId);
    CellColumns.bind(replace, 2, cell);
    replace.executeUpdate();
  }

  /// Deletes the cells of a series that start in `[from, until)`; gives their number.
  int delete(long seriesId, long from, long until) throws SQLException {
    try (PreparedStatement delete = connection.prepareStatement(sql(DELETE))) {
      delete.setLong(1, seriesId);
      delete.setLong(2, from);
      delete.setLong(3, until);
      return delete.executeUpdate();
    }
  }

  @Override
  public void close() throws SQLException {
    for (PreparedStatement statement : new PreparedStatement[] {read, replace}) {
      if (statement != null) {
        statement.close();
      }
    }
  }
}
