package dev.patronus.store.scan;

import dev.patronus.output.row.Batch;
import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/// The rows of one group in the order in which they were written, all of them: where a clock
/// jumped, only that order tells what came after what.
///
/// No index has a group's rows in that order, so that their keys are sorted here; memory: 8 bytes
/// for each row. Rows whose time is no number are left out.
final class ArrivalScan implements RowScan {
  private static final int ROWS_PER_READ = 1_000;

  private final Database database;
  private final ExportQuery selection;
  private final PageReader reader;
  private final long group;
  private long @Nullable [] keys;
  private int at;
  private @Nullable PreparedStatement select;

  /// @param selection of which the range is not looked at
  ArrivalScan(Database database, ExportQuery selection, long group) {
    this.database = database;
    this.selection = selection;
    this.reader = new PageReader(selection.fields(), 1);
    this.group = group;
  }

  @Override
  public boolean fill(Batch batch) {
    if (keys == null) {
      keys = database.read(this::sortedKeys);
    }
    long[] all = keys;
    while (!batch.full() && at < all.length) {
      boolean _ = database.read(connection -> some(connection, all, batch));
    }
    return batch.rows() > 0;
  }

  private long[] sortedKeys(Connection connection) throws SQLException {
    ExportTable table = selection.extract();
    RowReader<Long> key = row -> row.getLong(1);
    return key
        .list(
            connection,
            "SELECT t.$K FROM $F t WHERE t.$G = ? AND t.$K <= ? AND typeof($T) = 'integer'"
                .replace("$K", table.key())
                .replace("$F", table.table())
                .replace("$G", table.group())
                .replace("$T", table.time()),
            group,
            selection.keys().last())
        .stream()
        .mapToLong(Long::longValue)
        .sorted()
        .toArray();
  }

  private boolean some(Connection connection, long[] all, Batch batch) throws SQLException {
    if (select == null) {
      String key = "t." + selection.extract().key();
      select =
          connection.prepareStatement(
              "SELECT "
                  + key
                  + selection.columns()
                  + " FROM "
                  + selection.extract().table()
                  + " t WHERE "
                  + key
                  + " = ?");
    }
    for (int i = 0; i < ROWS_PER_READ && !batch.full() && at < all.length; i++) {
      select.setLong(1, all[at++]);
      int _ = reader.read(select, batch, 1);
    }
    return true;
  }

  @Override
  public double done() {
    return keys == null || keys.length == 0 ? 0 : (double) at / keys.length;
  }

  @Override
  public void close() {
    boolean _ =
        database.read(_ -> {
          if (select != null) {
            select.close();
          }
          return true;
        });
  }
}
