package dev.patronus.store.deletion;

import dev.patronus.audit.Actor;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.site.DeletedItem;
import dev.patronus.site.DeletionPlan;
import dev.patronus.site.ItemKind;
import dev.patronus.site.failover.FailoverChange;
import dev.patronus.store.Database;
import dev.patronus.store.Pragma;
import dev.patronus.store.RowReader;
import dev.patronus.store.SqliteErrors;
import dev.patronus.store.Transaction;
import dev.patronus.store.foreignkey.ForeignKey;
import dev.patronus.store.foreignkey.ForeignKeyGraph;
import dev.patronus.store.foreignkey.TableShapes;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.sqlite.SQLiteErrorCode;

/// Deletes sites or policies with all dependent rows, in one transaction that first archives every
/// row.
///
/// Confined to the database's thread. Several go as if they went one after another: a path between
/// two sites is in the archive of the first.
public final class ItemDeletion {
  /// How much of the database SQLite may hold in memory meanwhile, in KiB: a large site's rows lie
  /// all over the file, and each page is met several times.
  private static final int CACHE_KIB = 64 << 10;

  /// What the names of the platform's tables begin with.
  private static final String PLATFORM = "sdwan_";

  /// What was deleted, and where it is kept.
  ///
  /// @param archives one for each site or policy, in the same order
  public record Deleted(DeletionPlan plan, List<DeletedItem> archives) {
    public Deleted {
      archives = List.copyOf(archives);
    }
  }

  private final Database database;
  private final Root root;

  public ItemDeletion(Database database, ItemKind kind) {
    this.database = database;
    this.root = Root.of(kind);
  }

  /// The plan of a deletion. Nothing is changed.
  ///
  /// @param ids whole ids of sites or policies that are there
  public DeletionPlan plan(List<String> ids) {
    return inMemory(() -> database.readAtOnce(connection -> readPlan(connection, ids)));
  }

  /// The deleted ones that could be restored now, and after this deletion only together with what
  /// it deletes: their archives have rows that refer to it.
  ///
  /// @param ids whole ids of sites or policies that are there
  public List<DeletedItem> neededBy(List<String> ids) {
    if (root == Root.LEFTOVERS || !database.schema().has("patronus_deleted_tables")) {
      return List.of();
    }
    Set<Long> archives = database.read(connection -> archivesReferringTo(connection, ids));
    return new ArchiveTable(database)
        .all().stream()
            .filter(item -> archives.contains(item.archiveId()) && !ids.contains(item.id()))
            .toList();
  }

  private Set<Long> archivesReferringTo(Connection connection, List<String> ids)
      throws SQLException {
    TableShapes shapes = new TableShapes(connection);
    Set<Long> archives = new HashSet<>();
    for (ForeignKey reference :
        ForeignKeyGraph.read(connection, shapes, root.tables()).pointingAt(root.table())) {
      if (!reference.declared() || reference.childColumns().size() != 1) {
        continue;
      }
      String column = reference.childColumns().getFirst();
      for (ArchivedTable table : ArchivedTable.elsewhere(connection, reference.child(), 0)) {
        if (table.has(List.of(column)) && refers(connection, table, column, ids)) {
          archives.add(table.archiveId());
        }
      }
    }
    return archives;
  }

  private boolean refers(
      Connection connection, ArchivedTable table, String column, List<String> ids)
      throws SQLException {
    String sql =
        "SELECT 1 FROM "
            + table.from("a")
            + " WHERE "
            + table.chosen("a")
            + " AND "
            + table.value("a", column)
            + " = ? LIMIT 1";
    RowReader<Boolean> any = _ -> true;
    for (String id : ids) {
      if (any.first(connection, sql, root.key(id)).isPresent()) {
        return true;
      }
    }
    return false;
  }

  private DeletionPlan readPlan(Connection connection, List<String> ids) throws SQLException {
    try (DependentRows rows = DependentRows.create(connection, root)) {
      return new DeletionPlanner(connection, rows).plan(ids);
    }
  }

  /// Collects and reads the rows that will be deleted, which may lie on as many pages of the disk,
  /// so that no writer waits for that; gives the version of the database in which they were there.
  private OptionalLong readRows(DependentRows rows, List<String> ids) {
    return database.readAtOnce(connection -> {
      if (rows.begin(ids) != ids.size()) {
        return OptionalLong.empty();
      }
      rows.readAll();
      return OptionalLong.of(version(connection));
    });
  }

  /// A number that is another one once another connection has committed a change
  /// (sqlite.org/pragma.html#pragma_data_version).
  private static long version(Connection connection) throws SQLException {
    return Pragma.number(connection, "data_version");
  }

  /// Deletes them, all or none.
  ///
  /// @param keep how long they can be restored, at least
  /// @param agreed the plan that the user confirmed; the current plan must not differ from it in
  ///   what matters. Empty if there was no confirmation
  /// @throws UserError that refuses, where it does differ or where the database does not let them
  ///   go; then nothing was changed
  public Deleted delete(
      Actor actor, Instant now, Duration keep, List<String> ids, Optional<DeletionPlan> agreed) {
    try {
      return inMemory(
          () -> database.read(connection -> delete(connection, actor, now, keep, ids, agreed)));
    } catch (UserError e) {
      throw SqliteErrors.is(e, SQLiteErrorCode.SQLITE_CONSTRAINT) ? blocked(actor, now, ids, e) : e;
    }
  }

  /// Deletes the rows that were collected before it had the lock; collects them again, and looks at
  /// the tables again, if another program changed the database meanwhile.
  private Deleted delete(
      Connection connection,
      Actor actor,
      Instant now,
      Duration keep,
      List<String> ids,
      Optional<DeletionPlan> agreed)
      throws SQLException {
    Instant expiresAt = expiry(now, keep);
    try (DependentRows rows = DependentRows.create(connection, root)) {
      OptionalLong seen = readRows(rows, ids);
      return database.write(
          actor,
          now,
          transaction -> {
            if (seen.isPresent() && seen.getAsLong() == version(connection)) {
              return delete(transaction, rows, true, expiresAt, ids, agreed);
            }
            rows.drop();
            try (DependentRows current = DependentRows.create(connection, root)) {
              return delete(transaction, current, false, expiresAt, ids, agreed);
            }
          });
    }
  }

  private static Instant expiry(Instant now, Duration keep) {
    return now.plus(keep).truncatedTo(ChronoUnit.SECONDS);
  }

  /// Runs work whose temporary tables are held in memory, so that nothing is written to `/tmp`.
  private <T> T inMemory(Supplier<T> work) {
    set("temp_store = MEMORY");
    set("cache_size = -" + CACHE_KIB);
    try {
      return work.get();
    } finally {
      set("temp_store = DEFAULT");
    }
  }

  private void set(String pragma) {
    database.read(_ -> {
      database.execute("PRAGMA " + pragma);
      return pragma;
    });
  }

  /// @param collected whether the rows were collected already
  private static Deleted delete(
      Transaction transaction,
      DependentRows rows,
      boolean collected,
      Instant expiresAt,
      List<String> ids,
      Optional<DeletionPlan> agreed)
      throws SQLException {
    Handle handle = transaction.handle();
    handle.execute("UPDATE main.patronus_guard_archive SET paused = 1");
    DeletionPlanner reader = new DeletionPlanner(transaction.connection(), rows);
    DeletionPlan plan = collected ? reader.planOfCollected(ids) : reader.plan(ids);
    agreed.ifPresent(shown -> requireSame(shown, plan));
    Set<String> checked = rows.needsOwnCheck() ? touched(rows.graph(), plan) : Set.of();
    try (DanglingReferences before = DanglingReferences.note(handle, checked)) {
      List<DeletedItem> archives = new ArrayList<>();
      for (DeletionPlan.PlannedItem item : plan.items()) {
        if (ids.size() > 1) {
          reader.plan(List.of(item.id()));
        }
        archives.add(deleteOne(transaction, rows, item, expiresAt));
      }
      before.firstNew().ifPresent(ItemDeletion::refuse);
      handle.execute("UPDATE main.patronus_guard_archive SET paused = 0");
      return new Deleted(plan, archives);
    }
  }

  private static void requireSame(DeletionPlan shown, DeletionPlan plan) {
    Optional<String> difference = shown.differenceTo(plan);
    if (difference.isPresent()) {
      throw new UserError(
          ExitCode.REFUSED,
          "the "
              + plan.kind().word()
              + " changed while you were asked: "
              + difference.get()
              + "; nothing was deleted, look at it again");
    }
  }

  private static void refuse(String why) {
    throw new UserError(ExitCode.REFUSED, "nothing was deleted: " + why);
  }

  /// The tables that lose rows, and those that point at them.
  private static Set<String> touched(ForeignKeyGraph graph, DeletionPlan plan) {
    Set<String> touched = new HashSet<>();
    for (var rows : plan.tables()) {
      touched.add(rows.table());
      graph.pointingAt(rows.table()).forEach(reference -> touched.add(reference.child()));
    }
    return touched;
  }

  private static DeletedItem deleteOne(
      Transaction transaction, DependentRows rows, DeletionPlan.PlannedItem item, Instant expiresAt)
      throws SQLException {
    Handle handle = transaction.handle();
    Root root = rows.root();
    long archiveId =
        ArchiveTable.insert(transaction, root.kind(), item.id(), item.name(), expiresAt);
    ArchiveWriter archive = new ArchiveWriter(handle, archiveId, rows);
    List<FailoverChange> staying = new FailoverRewrite(transaction.connection(), rows).staying();
    archive.archiveDeleted();
    SequencedMap<String, Long> byTable = byTable(rows);
    archive.keepBefore();
    FailoverRewrite.rewrite(handle, staying);
    new RowDeleter(handle, rows).run();
    archive.keepAfter();
    ArchiveTable.setRows(handle, archiveId, archive.rows());
    SequencedMap<String, Long> extent = new LinkedHashMap<>();
    extent.put("archive_id", archiveId);
    extent.put("rows", archive.rows());
    extent.putAll(byTable);
    transaction.audit(root.deleted(item.id(), item.name(), extent), true);
    return new DeletedItem(
        root.kind(),
        archiveId,
        item.id(),
        item.name(),
        transaction.now(),
        transaction.actor().userId(),
        expiresAt,
        archive.rows());
  }

  /// How many rows of each table go with it, for the audit trail; of a table that is only rewritten
  /// none.
  private static SequencedMap<String, Long> byTable(DependentRows rows) throws SQLException {
    SequencedMap<String, Long> counts = new LinkedHashMap<>();
    for (String table : rows.graph().tables()) {
      long count = rows.of(table).size();
      if (count > 0 && !table.equals(rows.root().table())) {
        counts.put(table.startsWith(PLATFORM) ? table.substring(PLATFORM.length()) : table, count);
      }
    }
    return counts;
  }

  /// Writes an audit row for each site or policy that the database refused to delete.
  private UserError blocked(Actor actor, Instant now, List<String> ids, UserError refusal) {
    if (database.schema().has("audit_logs")) {
      database.writeAsIs(
          actor,
          now,
          transaction -> {
            for (String id : ids) {
              transaction.audit(root.blocked(id), false);
            }
            return ids.size();
          });
    }
    return new UserError(
        ExitCode.REFUSED,
        "the database refuses the deletion: "
            + SqliteErrors.reason(refusal)
            + "; nothing was deleted",
        refusal);
  }
}
