package dev.patronus.store.deletion;

import dev.patronus.audit.Actor;
import dev.patronus.site.DeletedItem;
import dev.patronus.site.ItemKind;
import dev.patronus.store.Database;
import dev.patronus.store.RowReader;
import dev.patronus.store.Transaction;
import dev.patronus.time.EpochSeconds;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/// `patronus_deleted_sites` and `patronus_deleted_kinds`: the deleted sites and policies that can
/// be restored.
///
/// Confined to the database's thread.
public final class ArchiveTable {
  private static final String ALL =
      """
      SELECT archive_id, site_id, site_name, deleted_at, deleted_by, expires_at, row_count,
        (SELECT kind FROM main.patronus_deleted_kinds k WHERE k.archive_id = s.archive_id)
      FROM main.patronus_deleted_sites s ORDER BY archive_id DESC
      """;

  /// The same before any policy was deleted.
  private static final String ALL_SITES =
      """
      SELECT archive_id, site_id, site_name, deleted_at, deleted_by, expires_at, row_count, NULL
      FROM main.patronus_deleted_sites ORDER BY archive_id DESC
      """;

  private static final String INSERT =
      """
      INSERT INTO main.patronus_deleted_sites
        (site_id, site_name, deleted_at, deleted_by, expires_at, row_count)
      VALUES (?, ?, ?, ?, ?, 0) RETURNING archive_id
      """;

  private static final String NEXT_WITH_ROWS =
      """
      SELECT archive_id FROM main.patronus_deleted_rows
      WHERE archive_id > ? ORDER BY archive_id LIMIT 1
      """;

  private static final RowReader<DeletedItem> ITEM = ArchiveTable::item;
  private static final RowReader<Long> ID = row -> row.getLong(1);

  private final Database database;

  public ArchiveTable(Database database) {
    this.database = database;
  }

  /// All of them, the last deleted first.
  public List<DeletedItem> all() {
    if (!database.schema().has("patronus_deleted_sites")) {
      return List.of();
    }
    String sql = database.schema().has("patronus_deleted_kinds") ? ALL : ALL_SITES;
    return database.read(connection -> ITEM.list(connection, sql));
  }

  /// Those of a kind, the last deleted first.
  public List<DeletedItem> all(ItemKind kind) {
    return all().stream().filter(item -> item.kind() == kind).toList();
  }

  /// All of them, in a database whose migration is done.
  static List<DeletedItem> readAll(Connection connection) throws SQLException {
    return ITEM.list(connection, ALL);
  }

  private static DeletedItem item(ResultSet row) throws SQLException {
    return new DeletedItem(
        ItemKind.of(row.getString(8)),
        row.getLong(1),
        row.getString(2),
        row.getString(3),
        EpochSeconds.toInstant(row.getLong(4)),
        row.getString(5),
        EpochSeconds.toInstant(row.getLong(6)),
        row.getLong(7));
  }

  /// Opens an archive; gives its number. Its rows are counted later.
  static long insert(
      Transaction transaction, ItemKind kind, String id, String name, Instant expiresAt) {
    Handle handle = transaction.handle();
    long archiveId =
        handle
            .select(
                INSERT,
                id,
                name,
                transaction.now().getEpochSecond(),
                transaction.actor().userId(),
                expiresAt.getEpochSecond())
            .map((row, _) -> row.getLong(1))
            .one();
    if (kind != ItemKind.SITE) {
      handle.execute(
          "INSERT INTO main.patronus_deleted_kinds (archive_id, kind) VALUES (?, ?)",
          archiveId,
          kind.word());
    }
    return archiveId;
  }

  /// Purges archives in one transaction; returns the number of rows they held.
  public long purge(Actor actor, Instant now, List<DeletedItem> items) {
    return database.write(
        actor,
        now,
        transaction -> {
          long rows = 0;
          for (DeletedItem item : items) {
            new RowArchive(transaction.handle()).discard(item.archiveId());
            remove(transaction.handle(), item.archiveId());
            transaction.audit(Root.of(item.kind()).purged(item.id(), item.name()), true);
            rows += item.rows();
          }
          return rows;
        });
  }

  /// Takes all archives that have expired off the list, in one short transaction with their audit
  /// rows; they cannot be restored from then on. [#deleteDropped] deletes their rows.
  public List<DeletedItem> dropExpired(Actor actor, Instant now) {
    List<DeletedItem> expired = all().stream().filter(item -> item.isExpired(now)).toList();
    if (expired.isEmpty()) {
      return expired;
    }
    return database.write(
        actor,
        now,
        transaction -> {
          List<DeletedItem> dropped = new ArrayList<>();
          for (DeletedItem item : readAll(transaction.connection())) {
            if (item.isExpired(now)) {
              remove(transaction.handle(), item.archiveId());
              transaction.audit(Root.of(item.kind()).purged(item.id(), item.name()), true);
              dropped.add(item);
            }
          }
          return dropped;
        });
  }

  /// Deletes some rows of archives that are off the list, in one transaction that is short.
  ///
  /// @return whether there may be more
  public boolean deleteDropped(Actor actor, Instant now) {
    if (!database.schema().has("patronus_deleted_rows")) {
      return false;
    }
    Optional<Long> dropped = database.read(ArchiveTable::firstDropped);
    return dropped.isPresent()
        && database.writeAsIs(
            actor,
            now,
            transaction -> {
              new RowArchive(transaction.handle()).discardSome(dropped.get());
              return true;
            });
  }

  /// The first archive with rows that is not on the list. Each archive costs one look-up, however
  /// many rows it has.
  private static Optional<Long> firstDropped(Connection connection) throws SQLException {
    Set<Long> listed =
        Set.copyOf(ID.list(connection, "SELECT archive_id FROM main.patronus_deleted_sites"));
    Optional<Long> archiveId = ID.first(connection, NEXT_WITH_ROWS, 0);
    while (archiveId.isPresent() && listed.contains(archiveId.get())) {
      archiveId = ID.first(connection, NEXT_WITH_ROWS, archiveId.get());
    }
    return archiveId;
  }

  static void setRows(Handle handle, long archiveId, long rows) {
    String sql = "UPDATE main.patronus_deleted_sites SET row_count = ? WHERE archive_id = ?";
    handle.execute(sql, rows, archiveId);
  }

  static void remove(Handle handle, long archiveId) {
    handle.execute("DELETE FROM main.patronus_deleted_sites WHERE archive_id = ?", archiveId);
    handle.execute("DELETE FROM main.patronus_deleted_kinds WHERE archive_id = ?", archiveId);
  }
}
