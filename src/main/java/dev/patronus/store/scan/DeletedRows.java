package dev.patronus.store.scan;

import dev.patronus.store.Database;
import dev.patronus.store.deletion.ArchivedTable;
import dev.patronus.time.TimeRange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// The rows of a table that deletions have taken and can give back, as an export sees them: a mark
/// that passes their keys while they are away must remember them.
///
/// Confined to the database's thread. A table whose keys count up has them as its rowid, by which
/// the archive keeps its rows.
public final class DeletedRows {
  private final Database database;
  private final ExportTable extract;

  public DeletedRows(Database database, ExportTable extract) {
    this.database = database;
    this.extract = extract;
  }

  /// Rows of one group: a deletion takes all that a group has, and a restoration brings them back
  /// together.
  public record Keys(long group, long first, long last) {}

  /// The deletions at one instant; equal to another as long as none was made or undone between.
  ///
  /// @param last the number of the last one that was ever made
  /// @param archives the numbers of those that can be undone
  public record Deletions(long last, List<Long> archives) {
    public Deletions {
      archives = List.copyOf(archives);
    }
  }

  /// The deletions as they are now.
  public Deletions deletions() {
    if (!matter()) {
      return new Deletions(0, List.of());
    }
    return database.read(connection ->
        new Deletions(
            numbers(
                    connection,
                    "SELECT max(seq) FROM sqlite_sequence"
                        + " WHERE name = 'patronus_deleted_sites'")
                .getFirst(),
            numbers(
                connection,
                "SELECT archive_id FROM main.patronus_deleted_sites ORDER BY archive_id")));
  }

  private boolean matter() {
    return !extract.group().isEmpty() && database.schema().has("patronus_deleted_rows");
  }

  private static List<Long> numbers(Connection connection, String sql) throws SQLException {
    List<Long> numbers = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        numbers.add(row.getLong(1));
      }
    }
    return numbers;
  }

  /// Deleted rows that an export has not read.
  ///
  /// @param archive only deletions after this one
  /// @param key only rows after this one
  /// @param range only rows within
  public List<Keys> takenAfter(long archive, long key, TimeRange range) {
    return matter()
        ? database.read(connection -> takenAfter(connection, archive, key, range))
        : List.of();
  }

  private List<Keys> takenAfter(Connection connection, long archive, long key, TimeRange range)
      throws SQLException {
    List<Keys> taken = new ArrayList<>();
    for (ArchivedTable table : tables(connection)) {
      if (table.archiveId() > archive) {
        String group = table.value("a", extract.group());
        String time = table.value("a", "timestamp");
        String rowKey = ArchivedTable.rowKey("a");
        String sql =
            "SELECT $G, min($K), max($K) FROM $F WHERE $C AND $K > ? AND $T >= ? AND $T < ? GROUP BY $G"
                .replace("$G", group)
                .replace("$K", rowKey)
                .replace("$T", time)
                .replace("$F", table.from("a"))
                .replace("$C", table.chosen("a"));
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
          statement.setLong(1, key);
          statement.setLong(2, range.firstSecond());
          statement.setLong(3, range.endSecond());
          read(statement, taken);
        }
      }
    }
    return taken;
  }

  private static void read(PreparedStatement statement, List<Keys> to) throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        to.add(new Keys(row.getLong(1), row.getLong(2), row.getLong(3)));
      }
    }
  }

  private List<ArchivedTable> tables(Connection connection) throws SQLException {
    return ArchivedTable.elsewhere(connection, extract.table(), Long.MIN_VALUE);
  }

  /// Whether such rows are in the table.
  public boolean areBack(Keys rows) {
    String sql =
        "SELECT 1 FROM $F WHERE $K BETWEEN ? AND ? AND $G = ? LIMIT 1"
            .replace("$F", extract.table())
            .replace("$K", extract.key())
            .replace("$G", extract.group());
    return database.read(connection -> isThere(connection, sql, rows));
  }

  /// Whether such rows can still come back.
  public boolean canComeBack(Keys rows) {
    return matter()
        && database.read(connection -> {
          for (ArchivedTable table : tables(connection)) {
            String sql =
                "SELECT 1 FROM $F WHERE $C AND $K BETWEEN ? AND ? AND CAST($G AS INTEGER) = ? LIMIT 1"
                    .replace("$F", table.from("a"))
                    .replace("$C", table.chosen("a"))
                    .replace("$K", ArchivedTable.rowKey("a"))
                    .replace("$G", table.value("a", extract.group()));
            if (isThere(connection, sql, rows)) {
              return true;
            }
          }
          return false;
        });
  }

  private static boolean isThere(Connection connection, String sql, Keys rows) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, rows.first());
      statement.setLong(2, rows.last());
      statement.setLong(3, rows.group());
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }
}
