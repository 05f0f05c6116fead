package dev.patronus.store.deletion;

import dev.patronus.audit.Actor;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.site.DeletedItem;
import dev.patronus.site.ItemKind;
import dev.patronus.site.Restoration;
import dev.patronus.site.RestoreConflict;
import dev.patronus.site.TableRows;
import dev.patronus.site.TableRows.Effect;
import dev.patronus.store.Database;
import dev.patronus.store.SqliteErrors;
import dev.patronus.store.Transaction;
import dev.patronus.store.foreignkey.ForeignKey;
import dev.patronus.store.foreignkey.ForeignKeyGraph;
import dev.patronus.store.foreignkey.TableShape;
import dev.patronus.store.foreignkey.TableShapes;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.sqlite.SQLiteErrorCode;

/// Restores deleted sites or policies from their archives, all or nothing, in one transaction.
///
/// Confined to the database's thread. Several are restored in the reverse order of their deletion.
/// A dry run performs everything and rolls it back, so that its result is exact.
public final class ItemRestoration {
  /// Carries the outcome out of a transaction that is to be rolled back.
  private static final class Undone extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient Restoration outcome;

    Undone(Restoration outcome) {
      super("rolled back on purpose");
      this.outcome = outcome;
    }
  }

  private final Database database;
  private final Root root;

  public ItemRestoration(Database database, ItemKind kind) {
    this.database = database;
    this.root = Root.of(kind);
  }

  /// Restores what these archives are of. If the outcome has conflicts, nothing was changed.
  ///
  /// @param without tables whose rows stay away, in lower case; they are lost with the archive
  public Restoration restore(Actor actor, Instant now, List<Long> archiveIds, Set<String> without) {
    return run(actor, now, archiveIds, without, false);
  }

  /// What [#restore] would do now. Nothing is changed.
  public Restoration rehearse(
      Actor actor, Instant now, List<Long> archiveIds, Set<String> without) {
    return run(actor, now, archiveIds, without, true);
  }

  private Restoration run(
      Actor actor, Instant now, List<Long> archiveIds, Set<String> without, boolean rehearsal) {
    boolean dangling = database.read(connection -> anyDangling(connection, archiveIds));
    try {
      enforceForeignKeys(!dangling);
      return database.write(
          actor,
          now,
          transaction -> new InTransaction(transaction, root, without).run(archiveIds, rehearsal));
    } catch (Undone undone) {
      return undone.outcome;
    } catch (UserError e) {
      throw SqliteErrors.is(e, SQLiteErrorCode.SQLITE_CONSTRAINT) ? refused(e) : e;
    } finally {
      enforceForeignKeys(true);
    }
  }

  private static boolean anyDangling(Connection connection, List<Long> archiveIds)
      throws SQLException {
    for (long archiveId : archiveIds) {
      if (ArchivedTable.of(connection, archiveId).stream()
          .anyMatch(table -> table.dangling() > 0)) {
        return true;
      }
    }
    return false;
  }

  /// Rows that pointed at nothing when they were deleted come back like that, which SQLite would
  /// not let them; then it is [MissingParents] alone that looks after the keys.
  private void enforceForeignKeys(boolean hold) {
    database.read(_ -> {
      database.execute("PRAGMA foreign_keys = " + (hold ? "ON" : "OFF"));
      return hold;
    });
  }

  private static UserError refused(UserError e) {
    return new UserError(
        ExitCode.REFUSED,
        "the database refuses the rows: " + SqliteErrors.reason(e) + "; nothing was changed",
        e);
  }

  /// One restoration under way.
  private static final class InTransaction {
    private final Transaction transaction;
    private final Root root;
    private final Handle handle;
    private final Set<String> without;
    private final TableShapes shapes;
    private final ForeignKeyGraph graph;
    private final Map<Long, DeletedItem> deleted = new LinkedHashMap<>();
    private final MissingParents missingParents;
    private final List<ArchivedTable> back = new ArrayList<>();
    private final Map<String, Long> restored = new LinkedHashMap<>();
    private final Map<String, Long> rewritten = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();
    private final List<RestoreConflict> conflicts = new ArrayList<>();

    InTransaction(Transaction transaction, Root root, Set<String> without) throws SQLException {
      this.transaction = transaction;
      this.root = root;
      this.handle = transaction.handle();
      this.without = without;
      Connection connection = transaction.connection();
      this.shapes = new TableShapes(connection);
      this.graph = ForeignKeyGraph.read(connection, shapes, root.tables());
      ArchiveTable.readAll(connection).forEach(item -> deleted.put(item.archiveId(), item));
      this.missingParents = new MissingParents(handle, shapes, deleted);
    }

    /// @throws Undone if there are conflicts, or it is a dry run
    Restoration run(List<Long> archiveIds, boolean rehearsal) throws SQLException {
      handle.execute("PRAGMA defer_foreign_keys = ON");
      List<DeletedItem> items = lastDeletedFirst(archiveIds);
      for (DeletedItem item : items) {
        bringBack(item.archiveId());
      }
      for (ArchivedTable table : back) {
        conflicts.addAll(missingParents(table));
      }
      Restoration outcome = new Restoration(items, tables(), notes, conflicts);
      if (rehearsal || !conflicts.isEmpty()) {
        throw new Undone(outcome);
      }
      for (DeletedItem item : items) {
        new RowArchive(handle).discard(item.archiveId());
        ArchiveTable.remove(handle, item.archiveId());
        transaction.audit(root.restored(item.id(), item.name(), extent(item)), true);
      }
      return outcome;
    }

    /// What comes back, for the audit trail.
    private static SequencedMap<String, Long> extent(DeletedItem item) {
      SequencedMap<String, Long> extent = new LinkedHashMap<>();
      extent.put("archive_id", item.archiveId());
      extent.put("rows", item.rows());
      return extent;
    }

    /// The missing parents of restored rows. A parent that was already missing at the deletion is
    /// no conflict.
    private List<RestoreConflict> missingParents(ArchivedTable table) throws SQLException {
      List<RestoreConflict> missing = new ArrayList<>();
      for (ForeignKey reference : graph.declaredFrom(table.name())) {
        missing.addAll(missingParents.of(table, reference));
      }
      List<RestoreConflict> lost = missing.stream().filter(o -> o.neededFirst().isEmpty()).toList();
      if (lost.stream().mapToLong(RestoreConflict::rows).sum() <= table.dangling()) {
        missing.removeAll(lost);
      }
      return missing;
    }

    /// All deleted items are in that order already.
    private List<DeletedItem> lastDeletedFirst(List<Long> archiveIds) {
      List<DeletedItem> items =
          deleted.values().stream().filter(item -> archiveIds.contains(item.archiveId())).toList();
      if (items.size() != archiveIds.size()) {
        throw new UserError(
            ExitCode.NOT_FOUND,
            "the archive is not there any more; see 'patronus "
                + root.kind().command()
                + " deleted'");
      }
      return items;
    }

    private void bringBack(long archiveId) throws SQLException {
      List<ArchivedTable> tables = ArchivedTable.of(handle.getConnection(), archiveId);
      for (ArchivedTable table : tables) {
        if (table.role() == RowArchive.Role.DELETED && !isLeftOut(table)) {
          putRowsBack(table);
        }
      }
      for (int i = 0; i + 1 < tables.size(); i++) {
        if (tables.get(i).role() == RowArchive.Role.BEFORE && !isLeftOut(tables.get(i))) {
          putValuesBack(tables.get(i), tables.get(i + 1));
        }
      }
    }

    private boolean isLeftOut(ArchivedTable table) {
      return without.contains(table.name().toLowerCase(Locale.ROOT));
    }

    private void putRowsBack(ArchivedTable table) throws SQLException {
      Optional<TableShape> shape = shapes.find(table.name());
      Optional<RestoreConflict> misfit = RowRestorer.misfit(table, shape);
      if (misfit.isPresent()) {
        conflicts.add(misfit.get());
        return;
      }
      List<RestoreConflict> found = new RowRestorer(handle, table, shape.get()).putBack();
      conflicts.addAll(found);
      back.add(table);
      restored.merge(table.name(), table.rows(), Long::sum);
    }

    private void putValuesBack(ArchivedTable before, ArchivedTable after) throws SQLException {
      Optional<TableShape> shape = shapes.find(before.name());
      Optional<RestoreConflict> misfit = RowRestorer.misfit(before, shape);
      if (misfit.isPresent()) {
        conflicts.add(misfit.get());
        return;
      }
      ColumnRestorer rows = new ColumnRestorer(handle, before, after, shape.get(), missingParents);
      rows.putBack();
      notes.addAll(rows.notes());
      conflicts.addAll(rows.conflicts());
      rewritten.merge(before.name(), before.rows(), Long::sum);
    }

    private List<TableRows> tables() {
      List<TableRows> tables = new ArrayList<>();
      restored.forEach((name, rows) -> tables.add(new TableRows(name, Effect.RESTORED, rows)));
      rewritten.forEach((name, rows) -> tables.add(new TableRows(name, Effect.REWRITTEN, rows)));
      return tables;
    }
  }
}
