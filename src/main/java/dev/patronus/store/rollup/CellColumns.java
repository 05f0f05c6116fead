package dev.patronus.store.rollup;

import dev.patronus.history.tier.Cell;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/// The eleven columns of a cell in rows of the tiers and of the series, here and on a hub.
public final class CellColumns {
  private CellColumns() {}

  /// The cell, if the first column is not NULL.
  public static Optional<Cell> ifPresent(ResultSet row, int first) throws SQLException {
    row.getLong(first);
    return row.wasNull() ? Optional.empty() : Optional.of(cell(row, first));
  }

  /// The cell in eleven columns.
  public static Cell cell(ResultSet row, int first) throws SQLException {
    return new Cell(
        row.getLong(first),
        row.getLong(first + 1),
        row.getLong(first + 2),
        row.getLong(first + 3),
        row.getLong(first + 4),
        row.getLong(first + 5),
        row.getLong(first + 6),
        row.getLong(first + 7),
        row.getLong(first + 8),
        row.getLong(first + 9),
        row.getLong(first + 10));
  }

  /// Sets eleven parameters to a cell.
  static void bind(PreparedStatement statement, int first, Cell cell) throws SQLException {
    statement.setLong(first, cell.start());
    statement.setLong(first + 1, cell.packets());
    statement.setLong(first + 2, cell.bytes());
    statement.setLong(first + 3, cell.activeFlows());
    statement.setLong(first + 4, cell.activeFlowsHighest());
    statement.setLong(first + 5, cell.lastSecond());
    statement.setLong(first + 6, cell.coveredSeconds());
    statement.setLong(first + 7, cell.longestSeconds());
    statement.setLong(first + 8, cell.readings());
    statement.setLong(first + 9, cell.resets());
    statement.setLong(first + 10, cell.implausible());
  }
}
