package dev.patronus.store.scan;

import dev.patronus.output.row.Batch;
import dev.patronus.store.Database;
import dev.patronus.store.scan.ExportQuery.KeyRange;
import dev.patronus.time.TimeRange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/// Opens scans of the exportable tables.
///
/// Confined to the database's thread. A table that is missing in this schema version has no rows.
public final class TableScanner {
  /// The number of index entries that one read visits.
  private static final int STEP = 100_000;

  /// Unsigned numbers in their order: those that SQLite takes for negative come last.
  private static final List<KeyRange> UNSIGNED_ORDER =
      List.of(new KeyRange(0, Long.MAX_VALUE), new KeyRange(Long.MIN_VALUE, -1));

  private final Database database;
  private final ExportTable extract;

  public TableScanner(Database database, ExportTable extract) {
    this.database = database;
    this.extract = extract;
  }

  public ExportTable table() {
    return extract;
  }

  /// Whether the database has the table at all.
  public boolean exists() {
    return database.schema().has(extract.table());
  }

  /// All keys that there are now.
  public KeyRange keys() {
    return new KeyRange(exists() ? ofKeys("min") : 0, lastKey());
  }

  /// The greatest key; 0 if there is none.
  public long lastKey() {
    return exists() ? ofKeys("max") : 0;
  }

  private long ofKeys(String which) {
    return number("SELECT " + which + "(" + extract.key() + ") FROM " + extract.table());
  }

  /// The first second that a group has a row of; empty if it has none.
  public OptionalLong firstSecond(long group) {
    if (!exists()) {
      return OptionalLong.empty();
    }
    return database.read(connection -> {
      try (PreparedStatement statement =
          connection.prepareStatement(of("SELECT min($T) FROM $F t WHERE t.$G = ?"))) {
        statement.setLong(1, group);
        try (ResultSet row = statement.executeQuery()) {
          long second = row.getLong(1);
          return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(second);
        }
      }
    });
  }

  /// The greatest key that was ever given out, as far as SQLite remembers; 0 if none was.
  public long lastKeyGiven() {
    return exists() && database.schema().has("sqlite_sequence")
        ? number("SELECT max(seq) FROM sqlite_sequence WHERE name = '" + extract.table() + "'")
        : 0;
  }

  private long number(String sql) {
    return database.read(connection -> {
      try (PreparedStatement statement = connection.prepareStatement(sql);
          ResultSet row = statement.executeQuery()) {
        return row.next() ? row.getLong(1) : 0L;
      }
    });
  }

  /// What the row of this key holds, as text; empty if there is none.
  public Optional<String> row(long key) {
    if (!exists()) {
      return Optional.empty();
    }
    String sql = "SELECT * FROM " + extract.table() + " WHERE " + extract.key() + " = " + key;
    return database.read(connection -> {
      try (PreparedStatement statement = connection.prepareStatement(sql);
          ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.of(text(row)) : Optional.<String>empty();
      }
    });
  }

  private static String text(ResultSet row) throws SQLException {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
      text.append(row.getString(i)).append('\u001f');
    }
    return text.toString();
  }

  /// The rows of these that are in the table up to a key, then those of the selection, as they were
  /// written.
  ///
  /// @param returned rows that a deletion took, and that are back
  /// @param upTo the greatest key of them that is wanted
  public RowScan afterReturned(ExportQuery selection, List<DeletedRows.Keys> returned, long upTo) {
    List<RowScan> scans = new ArrayList<>();
    for (DeletedRows.Keys rows : returned) {
      KeyRange keys = new KeyRange(rows.first(), Math.min(rows.last(), upTo));
      List<Long> group = List.of(rows.group());
      if (selection.groups().isEmpty() || selection.groups().containsAll(group)) {
        scans.add(
            asWritten(new ExportQuery(extract, selection.fields(), group, TimeRange.ALL, keys)));
      }
    }
    scans.add(asWritten(selection));
    return new ScansInTurn(scans);
  }

  /// The rows in the order in which they were written.
  public RowScan asWritten(ExportQuery selection) {
    if (!exists()) {
      return new Nothing();
    }
    if (extract == ExportTable.POLICIES) {
      return new KeyScan(database, selection, UNSIGNED_ORDER);
    }
    boolean timed = extract.numberGroup() && selection.bounded();
    KeyRange keys = timed ? keysOf(selection) : selection.keys();
    return new KeyScan(database, selection, List.of(keys));
  }

  /// All rows between the first and the last one of a range, in blocks, as they were written: those
  /// in between whose time lies outside of the range are among them.
  ///
  /// @param selection without groups
  public RowBlocks blocks(ExportQuery selection) {
    KeyRange none = new KeyRange(1, 0);
    KeyRange keys = selection.bounded() ? keysOf(selection) : selection.keys();
    return RowBlocks.read(database, selection.with(exists() ? keys : none));
  }

  /// The rows group by group, in unsigned order of the groups, and each in order of time.
  ///
  /// @param predecessors whether the last row before the range comes before each group's, for who
  ///   compares each row with the one before
  public RowScan byGroup(ExportQuery selection, boolean predecessors) {
    if (!exists()) {
      return new Nothing();
    }
    List<Long> groups = selection.groups().isEmpty() ? groups() : sorted(selection.groups());
    return new GroupScan(database, selection, groups, predecessors);
  }

  /// The same with the last row before the range, but for some groups all rows in the order in
  /// which they were written, whatever the range.
  ///
  /// @param groups in the order in which they are wanted
  /// @param disordered whether the rows of a group did not come in order of time
  public RowScan byArrival(
      ExportQuery selection, List<Long> groups, Predicate<List<Long>> disordered) {
    List<RowScan> scans = new ArrayList<>();
    List<Long> ordered = new ArrayList<>();
    for (long group : groups) {
      if (disordered.test(List.of(group))) {
        scans.add(new GroupScan(database, selection, ordered, true));
        scans.add(new ArrivalScan(database, selection, group));
        ordered = new ArrayList<>();
      } else {
        ordered.add(group);
      }
    }
    scans.add(new GroupScan(database, selection, ordered, true));
    return new ScansInTurn(scans);
  }

  private static List<Long> sorted(List<Long> groups) {
    return groups.stream().distinct().sorted(Long::compareUnsigned).toList();
  }

  /// The groups that have rows, in unsigned order: one step in the index for each.
  public List<Long> groups() {
    if (!extract.numberGroup()) {
      throw new IllegalStateException(extract + " has no groups in the order of numbers");
    }
    String sql =
        "SELECT min($G) FROM $T WHERE $G >= ? AND $G <= ?"
            .replace("$G", extract.group())
            .replace("$T", extract.table());
    List<Long> groups = new ArrayList<>();
    for (KeyRange range : UNSIGNED_ORDER) {
      Optional<Long> found = group(sql, range);
      while (found.isPresent()) {
        groups.add(found.get());
        KeyRange rest = KeyRange.after(found.get(), range.last());
        found = rest.isEmpty() ? Optional.empty() : group(sql, rest);
      }
    }
    return groups;
  }

  private Optional<Long> group(String sql, KeyRange range) {
    return database.read(connection -> {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        statement.setLong(1, range.first());
        statement.setLong(2, range.last());
        try (ResultSet row = statement.executeQuery()) {
          long group = row.getLong(1);
          return row.wasNull() ? Optional.<Long>empty() : Optional.of(group);
        }
      }
    });
  }

  /// The keys between which all rows of the range lie. No index has time alone, but the one of
  /// groups and times tells it without touching a row. Rows mostly come in order of time, so that
  /// hardly another row lies between.
  private KeyRange keysOf(ExportQuery selection) {
    long first = Long.MAX_VALUE;
    long last = Long.MIN_VALUE;
    for (long group : selection.groups().isEmpty() ? groups() : selection.groups()) {
      KeyRange keys = keysOf(selection, group);
      first = Math.min(first, keys.first());
      last = Math.max(last, keys.last());
    }
    return new KeyRange(
        Math.max(first, selection.keys().first()), Math.min(last, selection.keys().last()));
  }

  private KeyRange keysOf(ExportQuery selection, long group) {
    long first = Long.MAX_VALUE;
    long last = Long.MIN_VALUE;
    long from = selection.range().firstSecond();
    long end = selection.range().endSecond();
    while (from < end) {
      long start = from;
      long until = database.read(connection -> stepEnd(connection, group, start, end));
      KeyRange keys = database.read(connection -> keysOf(connection, group, start, until));
      first = Math.min(first, keys.first());
      last = Math.max(last, keys.last());
      from = until;
    }
    return new KeyRange(first, last);
  }

  /// Where a read that starts at `from` has seen enough.
  private long stepEnd(Connection connection, long group, long from, long end) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            of(
                "SELECT $T FROM $F t WHERE t.$G = ? AND $T >= ? AND $T < ?"
                    + " ORDER BY $T LIMIT 1 OFFSET ?"))) {
      statement.setLong(1, group);
      statement.setLong(2, from);
      statement.setLong(3, end);
      statement.setInt(4, STEP);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getLong(1) > from ? row.getLong(1) : end;
      }
    }
  }

  private KeyRange keysOf(Connection connection, long group, long from, long end)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            of("SELECT min(t.$K), max(t.$K) FROM $F t WHERE t.$G = ? AND $T >= ? AND $T < ?"))) {
      statement.setLong(1, group);
      statement.setLong(2, from);
      statement.setLong(3, end);
      try (ResultSet row = statement.executeQuery()) {
        long first = row.getLong(1);
        return row.wasNull()
            ? new KeyRange(Long.MAX_VALUE, Long.MIN_VALUE)
            : new KeyRange(first, row.getLong(2));
      }
    }
  }

  private String of(String sql) {
    return sql.replace("$T", extract.time())
        .replace("$F", extract.table())
        .replace("$G", extract.group())
        .replace("$K", extract.key());
  }

  /// The scan of a table that is not there.
  private static final class Nothing implements RowScan {
    @Override
    public boolean fill(Batch batch) {
      return false;
    }

    @Override
    public double done() {
      return 1;
    }

    @Override
    public void close() {
      // nothing is open
    }
  }
}
