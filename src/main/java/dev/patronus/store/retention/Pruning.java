package dev.patronus.store.retention;

import dev.patronus.audit.Actor;
import dev.patronus.audit.AuditEvent;
import dev.patronus.error.Counted;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.store.Database;
import dev.patronus.store.DiskSpace;
import dev.patronus.store.Indexes;
import dev.patronus.store.Pragma;
import dev.patronus.store.RowReader;
import dev.patronus.store.SqliteShell;
import dev.patronus.time.EpochSeconds;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Deletes history in small transactions, so that others can write in between: old rows, or rows
/// stamped by a clock that ran ahead.
///
/// Confined to the database's thread. May be stopped at any moment: deleted rows stay deleted, and
/// the audit row, which the first transaction begins and each later one brings up to date, says how
/// much. The edge is counted from the clock and not from the newest row, so that rows from the
/// future make nothing old.
public final class Pruning {
  private static final int ROWS_PER_TRANSACTION = 4_000;
  private static final int GROUPS_PER_TRANSACTION = 1_000;

  /// What would go from a table.
  ///
  /// @param oldest the time of its oldest row that would go; null where none would
  /// @param newest the time of its newest row that would go; null where none would
  public record Share(
      HistoryTable table, long rows, @Nullable Instant oldest, @Nullable Instant newest) {

    /// What is to be said about rows from the future.
    public String fromFuture() {
      return Counted.of(rows, "row")
          + " of "
          + table.table()
          + (rows == 1 ? " is" : " are")
          + " from the future, the newest of "
          + newest;
    }

    /// What is to be done about them.
    public String removeFromFuture() {
      return "see that this clock is right ('timedatectl'), then 'patronus db prune --future"
          + (table == HistoryTable.AUDIT ? " --table audit" : "")
          + "' removes them";
    }
  }

  private final Database database;
  private final List<HistoryTable> tables;
  private final PrunedTime time;
  private final Deque<PrunedGroup> left = new ArrayDeque<>();
  private final DeletedHistory deleted;

  /// @param tables those that this database does not have are passed over
  public Pruning(Database database, List<HistoryTable> tables, PrunedTime time) {
    this.database = database;
    this.tables = present(database, tables);
    this.time = time;
    String rule =
        switch (time) {
          case PrunedTime.Before _ -> "older_than";
          case PrunedTime.After _ -> "newer_than";
        };
    this.deleted =
        new DeletedHistory(database, AuditEvent.Type.DATABASE_PRUNE, rule, time.edge().toString());
  }

  /// Part of a task that also deletes other rows.
  ///
  /// @param deleted counts the rows of the whole task
  Pruning(Database database, List<HistoryTable> tables, PrunedTime time, DeletedHistory deleted) {
    this.database = database;
    this.tables = present(database, tables);
    this.time = time;
    this.deleted = deleted;
  }

  private static List<HistoryTable> present(Database database, List<HistoryTable> tables) {
    return tables.stream().filter(table -> database.schema().has(table.table())).toList();
  }

  /// What would go, table by table.
  ///
  /// @throws UserError if a table has lost the index that makes this cheap
  public List<Share> plan() {
    List<Share> shares = new ArrayList<>();
    for (HistoryTable table : tables) {
      database.read(open -> {
        requireIndex(open, database, table);
        return shares.add(share(open, table));
      });
    }
    return shares;
  }

  /// The rows from the future, table by table; those that have none are left out.
  public static List<Share> fromFuture(Database database, Instant now) {
    List<HistoryTable> all = List.of(HistoryTable.values());
    Pruning pruning = new Pruning(database, all, PrunedTime.future(now));
    return pruning.tables.stream()
        .map(table -> database.read(open -> pruning.share(open, table)))
        .filter(share -> share.rows() > 0)
        .toList();
  }

  private Share share(Connection connection, HistoryTable table) throws SQLException {
    PrunedGroup.Counted all = PrunedGroup.Counted.NONE;
    for (PrunedGroup group : groups(connection, table)) {
      all = all.plus(group.count(connection));
    }
    return all.rows() == 0
        ? new Share(table, 0, null, null)
        : new Share(
            table,
            all.rows(),
            EpochSeconds.toInstant(all.oldest()),
            EpochSeconds.toInstant(all.newest()));
  }

  private static List<String> indexed(HistoryTable table) {
    List<String> columns = new ArrayList<>(table.group().stream().toList());
    columns.add("timestamp");
    return columns;
  }

  private static boolean hasIndex(Connection connection, HistoryTable table) throws SQLException {
    return table == HistoryTable.UNMATCHED_STATS
        || Indexes.leads(connection, table.table(), indexed(table));
  }

  /// @throws UserError if a table has lost the index by which its groups are walked
  private static void requireIndex(Connection connection, Database database, HistoryTable table)
      throws SQLException {
    if (!hasIndex(connection, table)) {
      String indexed = "(" + String.join(", ", indexed(table)) + ")";
      String name = Indexes.freeName(connection, "idx_" + table.table() + "_time", table.table());
      String make = "CREATE INDEX " + name + " ON " + table.table() + indexed;
      throw new UserError(
          ExitCode.FAILED,
          table.table()
              + " has no index on "
              + indexed
              + ", and without it every step would block writers for long;"
              + (table == HistoryTable.POLICY_STATS
                  ? " 'patronus db migrate' makes it"
                  : " make it: " + SqliteShell.command(database.file(), make)));
    }
  }

  private List<PrunedGroup> groups(Connection connection, HistoryTable table) throws SQLException {
    if (table.group().isEmpty() || !hasIndex(connection, table)) {
      return List.of(new PrunedGroup(table, null, time));
    }
    return groupsOf(connection, table).stream()
        .map(group -> new PrunedGroup(table, group, time))
        .toList();
  }

  /// The values of the column that a table is grouped by, by one step in the index each; none where
  /// it has no groups.
  private static List<Object> groupsOf(Connection connection, HistoryTable table)
      throws SQLException {
    if (table.group().isEmpty()) {
      return List.of();
    }
    String sql =
        """
        WITH RECURSIVE found(value) AS (
          SELECT min(GROUPED) FROM HISTORY
          UNION ALL
          SELECT (SELECT min(GROUPED) FROM HISTORY WHERE GROUPED > found.value)
          FROM found WHERE found.value IS NOT NULL)
        SELECT value FROM found WHERE value IS NOT NULL
        """
            .replace("GROUPED", table.group().get())
            .replace("HISTORY", table.table());
    RowReader<Object> group = row -> row.getObject(1);
    return group.list(connection, sql);
  }

  /// Takes the groups of all tables up for [#step].
  ///
  /// @throws UserError if a table has lost the index that makes this cheap
  public void begin() {
    for (HistoryTable table : tables) {
      database.read(open -> {
        requireIndex(open, database, table);
        return left.addAll(groups(open, table));
      });
    }
  }

  /// Whether there may be more to delete.
  boolean hasMore() {
    return !left.isEmpty();
  }

  /// Deletes some thousand rows in one transaction, and brings the audit row up to date.
  ///
  /// @return whether there may be more
  public boolean step(Actor actor, Instant now) {
    deleted.delete(actor, now, this::deleteSome);
    return !left.isEmpty();
  }

  private Map<String, Long> deleteSome(Handle handle) {
    Map<String, Long> all = new TreeMap<>();
    int rows = ROWS_PER_TRANSACTION;
    for (int groups = 0; groups < GROUPS_PER_TRANSACTION && !left.isEmpty() && rows > 0; groups++) {
      PrunedGroup group = left.getFirst();
      int gone = group.delete(handle, rows);
      if (gone < rows) {
        left.removeFirst();
      }
      rows -= gone;
      all.merge(group.table().table(), (long) gone, Long::sum);
    }
    return all;
  }

  /// How many rows of each table are gone.
  public Map<HistoryTable, Long> deleted() {
    Map<HistoryTable, Long> rows = new EnumMap<>(HistoryTable.class);
    deleted.rows().forEach((name, gone) -> rows.put(HistoryTable.of(name), gone));
    return rows;
  }

  /// How many rows are gone.
  public long total() {
    return deleted.total();
  }

  /// Rewrites the file without the free space (VACUUM): temporarily needs the same space again, and
  /// blocks all other access meanwhile.
  ///
  /// @return whether the log was emptied into the file; if not, another program reads from it
  /// @throws UserError where that fails; the rows stay deleted
  public boolean vacuum() {
    return database.read(open -> {
      database.execute("VACUUM");
      return Pragma.number(open, "wal_checkpoint(TRUNCATE)") == 0;
    });
  }

  /// How many bytes the database takes on its disk, its log included.
  public long bytesOnDisk() {
    return DiskSpace.taken(database.file());
  }

  /// How many bytes of the database are free for new rows.
  public long bytesFree() {
    return database.read(
        open -> Pragma.number(open, "freelist_count") * Pragma.number(open, "page_size"));
  }
}
