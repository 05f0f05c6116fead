package dev.patronus.store.scan;

import dev.patronus.output.row.Batch;
import dev.patronus.store.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Rows policy by policy (or path by path), each in order of time, as the index (group, timestamp)
/// has them; nothing is sorted.
///
/// Rows whose time is no number have no place in that order and are left out.
final class GroupScan implements RowScan {
  private static final int PLACE_TIME = 0;
  private static final int PLACE_KEY = 1;

  private final Database database;
  private final ExportQuery selection;
  private final PageReader reader;
  private final List<Long> groups;
  private final boolean predecessors;
  private @Nullable PreparedStatement page;
  private @Nullable PreparedStatement before;
  private int at = -1;
  private boolean open;
  private long time;
  private long key;

  /// @param groups in the order in which they are wanted
  /// @param predecessors whether the last row before the range comes first, where there is one
  GroupScan(Database database, ExportQuery selection, List<Long> groups, boolean predecessors) {
    this.database = database;
    this.selection = selection;
    this.reader = new PageReader(selection.fields(), 2);
    this.groups = groups;
    this.predecessors = predecessors && selection.range().since().isPresent();
  }

  @Override
  public boolean fill(Batch batch) {
    while (!batch.full()) {
      if (open) {
        database.read(connection -> page(connection, batch));
      } else if (++at < groups.size()) {
        start(batch);
      } else {
        return batch.rows() > 0;
      }
    }
    return true;
  }

  private void start(Batch batch) {
    open = true;
    time = selection.range().firstSecond();
    key = Long.MIN_VALUE;
    if (predecessors) {
      database.read(connection -> predecessor(connection, batch));
    }
  }

  private boolean page(Connection connection, Batch batch) throws SQLException {
    if (page == null) {
      page = connection.prepareStatement(pageSql());
    }
    int wanted = Batch.ROWS - batch.rows();
    page.setLong(1, groups.get(at));
    page.setLong(2, time);
    page.setLong(3, lastSecond());
    page.setLong(4, time);
    page.setLong(5, key);
    page.setLong(6, selection.keys().last());
    page.setInt(7, wanted);
    open = reader.read(page, batch, wanted) == wanted;
    time = reader.place(PLACE_TIME);
    key = reader.place(PLACE_KEY);
    return open;
  }

  private long lastSecond() {
    long end = selection.range().endSecond();
    return selection.range().until().isEmpty() ? end : end - 1;
  }

  private String pageSql() {
    ExportTable extract = selection.extract();
    return select()
        + " AND $T >= ? AND $T <= ? AND ($T > ? OR $K > ?) AND $K <= ? ORDER BY $T, $K LIMIT ?"
            .replace("$T", extract.time())
            .replace("$K", "t." + extract.key());
  }

  private String select() {
    ExportTable extract = selection.extract();
    return "SELECT "
        + extract.time()
        + ", t."
        + extract.key()
        + selection.columns()
        + " FROM "
        + extract.table()
        + " t WHERE t."
        + extract.group()
        + " = ?";
  }

  private boolean predecessor(Connection connection, Batch batch) throws SQLException {
    if (before == null) {
      ExportTable extract = selection.extract();
      before =
          connection.prepareStatement(
              select()
                  + " AND $T < ? AND $K <= ? ORDER BY $T DESC, $K DESC LIMIT 1"
                      .replace("$T", extract.time())
                      .replace("$K", "t." + extract.key()));
    }
    before.setLong(1, groups.get(at));
    before.setLong(2, selection.range().firstSecond());
    before.setLong(3, selection.keys().last());
    return reader.read(before, batch, 1) > 0;
  }

  @Override
  public double done() {
    return groups.isEmpty() ? 1 : Math.max(0, (double) at / groups.size());
  }

  @Override
  public void close() {
    database.read(_ -> {
      for (PreparedStatement statement : new PreparedStatement[] {page, before}) {
        if (statement != null) {
          statement.close();
        }
      }
      return true;
    });
  }
}
