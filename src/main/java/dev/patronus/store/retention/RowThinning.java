package dev.patronus.store.retention;

import dev.patronus.audit.Actor;
import dev.patronus.history.Reading;
import dev.patronus.history.Retention;
import dev.patronus.history.Thinning;
import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/// Deletes the rows of policies that a [Retention] does not need, so that what is left tells the
/// same story more coarsely: no sum between two rows that stay is changed by it (see [Thinning]).
///
/// A pass reads each policy's rows from the first to the last, some thousand at a time and without
/// a lock, and deletes what is needless in small transactions, so that others write in between. It
/// may be given up at any moment, and what was thinned before costs only the reading. The newest
/// row of a policy stays, however old, since its counters go on from it. Ages count from the
/// instant that the caller gives, never from a row.
///
/// Confined to the database's thread. Memory: one page of rows.
public final class RowThinning {
  static final int ROWS_PER_PAGE = 4_000;

  private static final List<HistoryTable> TABLES =
      List.of(HistoryTable.POLICY_STATS, HistoryTable.UNMATCHED_STATS);

  /// A policy's rows, and how far they are read.
  private static final class Walk {
    private final HistoryTable table;
    private final long group;
    private final Thinning thinning;
    private final List<Long> needless = new ArrayList<>();
    private IdentityHashMap<Reading, Long> keys = new IdentityHashMap<>();
    private IdentityHashMap<Reading, Long> keysBefore = new IdentityHashMap<>();
    private long time = Long.MIN_VALUE;
    private long key = Long.MIN_VALUE;

    Walk(HistoryTable table, long group, Retention retention, long nowSecond) {
      this.table = table;
      this.group = group;
      this.thinning = new Thinning(retention, nowSecond, this::needless);
    }

    /// What is given is this reading or the plausible one before it. One that is further back than
    /// a page of implausible ones is not known any more, and stays.
    private void needless(Reading reading) {
      Long known = keys.getOrDefault(reading, keysBefore.get(reading));
      if (known != null) {
        needless.add(known);
      }
    }

    void turnPage() {
      keysBefore = keys;
      keys = new IdentityHashMap<>();
      needless.clear();
    }

    Reading accept(long rowKey, Reading reading) {
      keys.put(reading, rowKey);
      thinning.accept(reading);
      time = reading.epochSecond();
      key = rowKey;
      return reading;
    }
  }

  private final Database database;
  private final Retention retention;
  private final Deque<Walk> left = new ArrayDeque<>();
  private Instant now;
  private DeletedHistory deleted;
  private LocalDate auditDay;
  private long rowsRead;

  public RowThinning(Database database, Retention retention) {
    this.database = database;
    this.retention = retention;
    this.deleted = nothing();
  }

  private DeletedHistory nothing() {
    return new DeletedHistory(database, "thin", "retention", retention.text());
  }

  /// Takes up a pass over all policies, for [#step].
  ///
  /// @param instant the present, from which ages count
  /// @throws UserError if the table has lost the index that makes this cheap
  public void begin(Instant instant) {
    now = instant;
    LocalDate day = LocalDate.ofInstant(instant, ZoneOffset.UTC);
    if (!day.equals(auditDay)) { // one row of the audit trail a day, however many passes
      deleted = nothing();
      auditDay = day;
    }
    rowsRead = 0;
    left.clear();
    for (HistoryTable table : TABLES) {
      if (database.schema().has(table.table())) {
        left.addAll(database.read(open -> walks(open, table)));
      }
    }
  }

  private List<Walk> walks(Connection connection, HistoryTable table) throws SQLException {
    Pruning.requireIndex(connection, database, table);
    List<Walk> walks = new ArrayList<>();
    for (Object group : Pruning.groupsOf(connection, table)) {
      if (group
          instanceof Number id) { // rows of what is no id stay; the check of values names them
        walks.add(new Walk(table, id.longValue(), retention, now.getEpochSecond()));
      }
    }
    if (table.group().isEmpty()) {
      walks.add(new Walk(table, 0, retention, now.getEpochSecond()));
    }
    return walks;
  }

  /// Reads a page and deletes what is needless in it, in one transaction if there is anything.
  ///
  /// @return whether there may be more
  public boolean step(Actor actor) {
    Walk walk = left.peekFirst();
    if (walk == null) {
      return false;
    }
    if (!read(walk)) {
      left.removeFirst();
    }
    if (!walk.needless.isEmpty()) {
      deleted.delete(actor, now, handle -> Map.of(walk.table, deleteRows(handle, walk)));
    }
    return !left.isEmpty();
  }

  /// How many rows a pass would delete from each table. Reads everything, changes nothing.
  public Map<HistoryTable, Long> plan(Instant instant) {
    begin(instant);
    Map<HistoryTable, Long> plan = new EnumMap<>(HistoryTable.class);
    for (Walk walk = left.pollFirst(); walk != null; walk = left.pollFirst()) {
      boolean more = true;
      while (more) {
        more = read(walk);
        plan.merge(walk.table, (long) walk.needless.size(), Long::sum);
      }
    }
    return plan;
  }

  /// Reads a page; what is needless then is in the walk.
  ///
  /// @return whether there may be more
  private boolean read(Walk walk) {
    walk.turnPage();
    int rows = database.read(open -> readPage(open, walk));
    rowsRead += rows;
    if (!walk.needless.isEmpty()) {
      walk.needless.removeAll(database.read(open -> newest(open, walk)));
    }
    return rows == ROWS_PER_PAGE;
  }

  private static int readPage(Connection connection, Walk walk) throws SQLException {
    String key = walk.table.key();
    String sql =
        "SELECT "
            + key
            + ", timestamp, "
            + counters(walk.table)
            + ", active_flows FROM "
            + walk.table.table()
            + " WHERE "
            + inGroup(walk.table)
            + "(timestamp, "
            + key
            + ") > (?2, ?3) ORDER BY timestamp, "
            + key
            + " LIMIT "
            + ROWS_PER_PAGE;
    RowReader<Reading> reading =
        row ->
            walk.accept(
                row.getLong(1),
                new Reading(
                    walk.group, row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5)));
    return reading.list(connection, sql, walk.group, walk.time, walk.key).size();
  }

  private static String counters(HistoryTable table) {
    return table == HistoryTable.POLICY_STATS ? "packets_matched, bytes_matched" : "packets, bytes";
  }

  /// The condition for rows of the group that is parameter 1; it is 0 where there are no groups.
  private static String inGroup(HistoryTable table) {
    return table.group().orElse("0") + " = ?1 AND ";
  }

  /// The keys of the newest row, and of the newest that is not from the future.
  private Set<Long> newest(Connection connection, Walk walk) throws SQLException {
    String key = walk.table.key();
    String newest =
        "SELECT "
            + key
            + " FROM "
            + walk.table.table()
            + " WHERE "
            + inGroup(walk.table)
            + "timestamp <= ?2 ORDER BY timestamp DESC, "
            + key
            + " DESC LIMIT 1";
    Set<Long> keys = new HashSet<>();
    RowReader<Long> number = row -> row.getLong(1);
    for (long limit : new long[] {Long.MAX_VALUE, now.getEpochSecond()}) {
      number.first(connection, newest, walk.group, limit).ifPresent(keys::add);
    }
    return keys;
  }

  private static long deleteRows(Handle handle, Walk walk) {
    String sql =
        "DELETE FROM "
            + walk.table.table()
            + " WHERE "
            + walk.table.key()
            + " = ? AND "
            + walk.table.rolledUp();
    try (PreparedBatch rows = handle.prepareBatch(sql)) {
      walk.needless.forEach(rows::add);
      return IntStream.of(rows.execute()).sum();
    }
  }

  /// How many rows of each table are gone, since the day or the first pass began.
  public Map<HistoryTable, Long> deleted() {
    return deleted.rows();
  }

  /// How many rows are gone, since the day or the first pass began.
  public long total() {
    return deleted.total();
  }

  /// The number of rows that this pass has read.
  public long rowsRead() {
    return rowsRead;
  }
}
