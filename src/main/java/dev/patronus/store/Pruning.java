package dev.patronus.store;

import dev.patronus.audit.Actor;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.time.EpochSeconds;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// Deletes old history in small transactions, so that others write in between.
///
/// Confined to the database's thread. May be given up at any moment: what is deleted is deleted,
/// and the audit row, which the first transaction begins and each later one brings up to date, says
/// how much. The edge is counted from the clock and not from the newest row, so that rows from the
/// future make nothing old; of the rows that stay for their counters, the newest that is not from
/// the future stays too.
public final class Pruning {
  private static final int ROWS_PER_TRANSACTION = 4_000;
  private static final int GROUPS_PER_TRANSACTION = 1_000;

  /// What would go from a table.
  ///
  /// @param oldest the time of its oldest row that would go; null where none would, or times are
  ///   texts
  public record Share(HistoryTable table, long rows, Instant oldest) {}

  private final Database database;
  private final List<HistoryTable> tables;
  private final Instant edge;
  private final Instant now;
  private final Deque<PrunedGroup> left = new ArrayDeque<>();
  private final DeletedHistory deleted;

  /// @param tables those that this database does not have are passed over
  /// @param edge the first instant that stays
  public Pruning(Database database, List<HistoryTable> tables, Instant edge, Instant now) {
    this.database = database;
    this.tables = tables.stream().filter(t -> database.schema().has(t.table())).toList();
    this.edge = edge;
    this.now = now;
    this.deleted = new DeletedHistory(database, "prune", "older_than", edge.toString());
  }

  /// What would go, table by table.
  ///
  /// @throws UserError if a table has lost the index that makes this cheap
  public List<Share> plan() {
    List<Share> shares = new ArrayList<>();
    for (HistoryTable table : tables) {
      shares.add(database.read(open -> share(open, table)));
    }
    return shares;
  }

  private Share share(Connection connection, HistoryTable table) throws SQLException {
    requireIndex(connection, database, table);
    long rows = 0;
    long oldest = Long.MAX_VALUE;
    for (PrunedGroup group : groups(connection, table)) {
      PrunedGroup.Old old = group.old(connection);
      rows += old.rows();
      oldest = Math.min(oldest, old.oldest());
    }
    boolean known = rows > 0 && !table.timeIsText();
    return new Share(table, rows, known ? EpochSeconds.toInstant(oldest) : null);
  }

  /// @throws UserError if a table has lost the index by which its groups are walked
  static void requireIndex(Connection connection, Database database, HistoryTable table)
      throws SQLException {
    List<String> columns = new ArrayList<>(table.group().stream().toList());
    columns.add("timestamp");
    if (table != HistoryTable.UNMATCHED_STATS
        && !Indexes.leads(connection, table.table(), columns)) {
      String indexed = table.table() + "(" + String.join(", ", columns) + ")";
      throw new UserError(
          ExitCode.FAILED,
          table.table()
              + " has lost its index, and without it every step would block writers for long;"
              + (table == HistoryTable.POLICY_STATS
                  ? " 'patronus db migrate' makes it"
                  : " make it: sqlite3 "
                      + database.file()
                      + " 'CREATE INDEX idx_"
                      + table.table()
                      + "_time ON "
                      + indexed
                      + "'"));
    }
  }

  private List<PrunedGroup> groups(Connection connection, HistoryTable table) throws SQLException {
    if (table.group().isEmpty()) {
      return List.of(new PrunedGroup(table, null, edge, now));
    }
    return groupsOf(connection, table).stream()
        .map(group -> new PrunedGroup(table, group, edge, now))
        .toList();
  }

  /// The values of the column that a table is grouped by, by one step in the index each; none where
  /// it has no groups.
  static List<Object> groupsOf(Connection connection, HistoryTable table) throws SQLException {
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
    List<Object> groups = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        groups.add(row.getObject(1));
      }
    }
    return groups;
  }

  /// Takes the groups of all tables up for [#step].
  public void begin() {
    for (HistoryTable table : tables) {
      left.addAll(database.read(open -> groups(open, table)));
    }
  }

  /// Deletes some thousand rows in one transaction, and brings the audit row up to date.
  ///
  /// @return whether there may be more
  public boolean step(Actor actor) {
    deleted.delete(actor, now, this::deleteSome);
    return !left.isEmpty();
  }

  private Map<HistoryTable, Long> deleteSome(Connection connection) throws SQLException {
    Map<HistoryTable, Long> all = new EnumMap<>(HistoryTable.class);
    int rows = ROWS_PER_TRANSACTION;
    for (int groups = 0; groups < GROUPS_PER_TRANSACTION && !left.isEmpty() && rows > 0; groups++) {
      PrunedGroup group = left.getFirst();
      int gone = group.delete(connection, rows);
      if (gone < rows) {
        left.removeFirst();
      }
      rows -= gone;
      all.merge(group.table(), (long) gone, Long::sum);
    }
    return all;
  }

  /// How many rows of each table are gone.
  public Map<HistoryTable, Long> deleted() {
    return deleted.rows();
  }

  /// How many rows are gone.
  public long total() {
    return deleted.total();
  }

  /// Writes the file anew without the free space: needs as much space again for a while, and keeps
  /// everybody else out meanwhile.
  public void vacuum() {
    database.read(_ -> {
      database.execute("VACUUM");
      database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
      return null;
    });
  }

  /// How large the database is, in bytes.
  public long bytes() {
    return database.read(
        open -> Pragma.number(open, "page_count") * Pragma.number(open, "page_size"));
  }
}
