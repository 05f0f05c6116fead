package dev.patronus.store.deletion;

import dev.patronus.audit.Actor;
import dev.patronus.site.DeletedItem;
import dev.patronus.site.ItemKind;
import dev.patronus.store.Database;
import dev.patronus.store.Transaction;
import dev.patronus.time.EpochSeconds;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

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
    return database.read(connection -> read(connection, sql));
  }

  /// Those of a kind, the last deleted first.
  public List<DeletedItem> all(ItemKind kind) {
    return all().stream().filter(item -> item.kind() == kind).toList();
  }

  /// All of them, in a database whose migration is done.
  static List<DeletedItem> readAll(Connection connection) throws SQLException {
    return read(connection, ALL);
  }

  private static List<DeletedItem> read(Connection connection, String sql) throws SQLException {
    List<DeletedItem> sites = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        sites.add(
            new DeletedItem(
                ItemKind.of(row.getString(8)),
                row.getLong(1),
                row.getString(2),
                row.getString(3),
                EpochSeconds.toInstant(row.getLong(4)),
                row.getString(5),
                EpochSeconds.toInstant(row.getLong(6)),
                row.getLong(7)));
      }
    }
    return sites;
  }

  /// Opens an archive; gives its number. Its rows are counted later.
  static long insert(
      Transaction transaction, ItemKind kind, String id, String name, Instant expiresAt)
      throws SQLException {
    long archiveId = insert(transaction, id, name, expiresAt);
    if (kind != ItemKind.SITE) {
      String sql = "INSERT INTO main.patronus_deleted_kinds (archive_id, kind) VALUES (?, ?)";
      try (PreparedStatement statement = transaction.connection().prepareStatement(sql)) {
        statement.setLong(1, archiveId);
        statement.setString(2, kind.word());
        statement.executeUpdate();
      }
    }
    return archiveId;
  }

  private static long insert(Transaction transaction, String id, String name, Instant expiresAt)
      throws SQLException {
    String sql =
        """
        INSERT INTO main.patronus_deleted_sites
          (site_id, site_name, deleted_at, deleted_by, expires_at, row_count)
        VALUES (?, ?, ?, ?, ?, 0) RETURNING archive_id
        """;
    try (PreparedStatement statement = transaction.connection().prepareStatement(sql)) {
      statement.setString(1, id);
      statement.setString(2, name);
      statement.setLong(3, transaction.now().getEpochSecond());
      statement.setString(4, transaction.actor().userId());
      statement.setLong(5, expiresAt.getEpochSecond());
      try (ResultSet row = statement.executeQuery()) {
        return row.getLong(1);
      }
    }
  }

  /// Purges archives in one transaction; returns the number of rows they held.
  public long purge(Actor actor, Instant now, List<DeletedItem> items) {
    return database.write(
        actor,
        now,
        transaction -> {
          long rows = 0;
          for (DeletedItem item : items) {
            new RowArchive(transaction.connection()).discard(item.archiveId());
            remove(transaction.connection(), item.archiveId());
            transaction.audit(Root.of(item.kind()).purged(item.id()), true);
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
              remove(transaction.connection(), item.archiveId());
              transaction.audit(Root.of(item.kind()).purged(item.id()), true);
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
    OptionalLong dropped = database.read(ArchiveTable::firstDropped);
    return dropped.isPresent()
        && database.writeAsIs(
            actor,
            now,
            transaction -> {
              new RowArchive(transaction.connection()).discardSome(dropped.getAsLong());
              return true;
            });
  }

  /// The first archive with rows that is not on the list. Each archive costs one look-up, however
  /// many rows it has.
  private static OptionalLong firstDropped(Connection connection) throws SQLException {
    String sql = "SELECT min(archive_id) FROM main.patronus_deleted_rows WHERE archive_id > ?";
    Set<Long> listed = new HashSet<>();
    try (PreparedStatement all =
            connection.prepareStatement("SELECT archive_id FROM main.patronus_deleted_sites");
        ResultSet row = all.executeQuery()) {
      while (row.next()) {
        listed.add(row.getLong(1));
      }
    }
    try (PreparedStatement next = connection.prepareStatement(sql)) {
      long at = 0;
      while (true) {
        next.setLong(1, at);
        try (ResultSet row = next.executeQuery()) {
          at = row.getLong(1);
          if (row.wasNull()) {
            return OptionalLong.empty();
          }
        }
        if (!listed.contains(at)) {
          return OptionalLong.of(at);
        }
      }
    }
  }

  static void setRows(Connection connection, long archiveId, long rows) throws SQLException {
    String sql = "UPDATE main.patronus_deleted_sites SET row_count = ? WHERE archive_id = ?";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, rows);
      statement.setLong(2, archiveId);
      statement.executeUpdate();
    }
  }

  static void remove(Connection connection, long archiveId) throws SQLException {
    for (String sql :
        List.of(
            "DELETE FROM main.patronus_deleted_sites WHERE archive_id = ?",
            "DELETE FROM main.patronus_deleted_kinds WHERE archive_id = ?")) {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        statement.setLong(1, archiveId);
        statement.executeUpdate();
      }
    }
  }
}
