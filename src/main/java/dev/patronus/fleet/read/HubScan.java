package dev.patronus.fleet.read;

import dev.patronus.output.row.Batch;
import dev.patronus.store.scan.CellType;
import dev.patronus.store.scan.ExportColumn;
import dev.patronus.store.scan.RowScan;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The rows of several queries, one after the other.
///
/// Confined to one thread.
final class HubScan implements RowScan {
  private static final int FETCH = 2_000;

  private final FleetReader reader;
  private final List<Piece> pieces;
  private final List<Optional<ExportColumn>> fields;
  private int next;
  private @Nullable PreparedStatement statement;
  private @Nullable ResultSet rows;

  /// @param fields the columns; empty for the gateway's name
  HubScan(FleetReader reader, List<Piece> pieces, List<Optional<ExportColumn>> fields) {
    this.reader = reader;
    this.pieces = pieces;
    this.fields = fields;
  }

  /// Rows that one query gives.
  record Piece(HubGateway gateway, String sql, List<Object> bound) {}

  @Override
  public boolean fill(Batch batch) {
    try {
      while (!batch.full()) {
        if (rows != null && rows.next()) {
          copy(rows, batch, pieces.get(next - 1).gateway());
        } else if (next < pieces.size()) {
          close();
          open(pieces.get(next++));
        } else {
          return batch.rows() > 0;
        }
      }
      return true;
    } catch (SQLException e) {
      throw reader.failed(e);
    }
  }

  private void open(Piece piece) throws SQLException {
    statement = reader.connection().prepareStatement(piece.sql());
    statement.setFetchSize(FETCH);
    for (int i = 0; i < piece.bound().size(); i++) {
      statement.setObject(i + 1, piece.bound().get(i));
    }
    rows = statement.executeQuery();
  }

  private void copy(ResultSet row, Batch batch, HubGateway gateway) throws SQLException {
    for (int i = 0; i < fields.size(); i++) {
      if (fields.get(i).isPresent()) {
        copy(row, batch, i, fields.get(i).get().shape());
      } else {
        batch.text(i, gateway.name());
      }
    }
    batch.endRow();
  }

  private static void copy(ResultSet row, Batch batch, int column, CellType shape)
      throws SQLException {
    switch (row.getMetaData().getColumnType(column + 1)) {
      case Types.BIGINT, Types.INTEGER -> {
        long value = row.getLong(column + 1);
        if (row.wasNull()) {
          batch.absent(column);
        } else {
          shape.whole(value, batch, column);
        }
      }
      case Types.DOUBLE -> {
        double value = row.getDouble(column + 1);
        if (row.wasNull()) {
          batch.absent(column);
        } else {
          batch.decimal(column, value);
        }
      }
      case Types.BIT, Types.BOOLEAN -> batch.flag(column, row.getBoolean(column + 1));
      default -> {
        String value = row.getString(column + 1);
        if (value == null) {
          batch.absent(column);
        } else {
          shape.text(value, batch, column);
        }
      }
    }
  }

  @Override
  public double done() {
    return pieces.isEmpty() ? 1 : (double) next / pieces.size();
  }

  @Override
  public void close() {
    try {
      if (statement != null) {
        statement.close();
      }
    } catch (SQLException e) {
      throw reader.failed(e);
    }
    statement = null;
    rows = null;
  }
}
