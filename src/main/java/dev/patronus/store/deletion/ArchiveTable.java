package dev.patronus.store.deletion;

import dev.patronus.audit.Actor;
import dev.patronus.audit.AuditEvent;
import dev.patronus.site.DeletedSite;
import dev.patronus.store.Database;
import dev.patronus.store.Transaction;
import dev.patronus.time.EpochSeconds;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// `patronus_deleted_sites`: the deleted sites that can be restored.
///
/// Confined to the database's thread.
public final class ArchiveTable {
  private static final String ALL =
      """
      SELECT archive_id, site_id, site_name, deleted_at, deleted_by, expires_at, row_count
      FROM main.patronus_deleted_sites ORDER BY archive_id DESC
      """;

  private final Database database;

  public ArchiveTable(Database database) {
    this.database = database;
  }

  /// All of them, the last deleted first.
  public List<DeletedSite> all() {
    boolean kept = database.schema().has("patronus_deleted_sites");
    return kept ? database.read(ArchiveTable::readAll) : List.of();
  }

  static List<DeletedSite> readAll(Connection connection) throws SQLException {
    List<DeletedSite> sites = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(ALL);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        sites.add(
            new DeletedSite(
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

  /// Opens an archive for a site; gives its number. Its rows are counted later.
  static long insert(Transaction transaction, String siteId, String name, Instant expiresAt)
      throws SQLException {
    String sql =
        """
        INSERT INTO main.patronus_deleted_sites
          (site_id, site_name, deleted_at, deleted_by, expires_at, row_count)
        VALUES (?, ?, ?, ?, ?, 0) RETURNING archive_id
        """;
    try (PreparedStatement statement = transaction.connection().prepareStatement(sql)) {
      statement.setString(1, siteId);
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
  public long purge(Actor actor, Instant now, List<DeletedSite> sites) {
    return database.write(
        actor,
        now,
        transaction -> {
          long rows = 0;
          for (DeletedSite site : sites) {
            new RowArchive(transaction.connection()).discard(site.archiveId());
            remove(transaction.connection(), site.archiveId());
            transaction.audit(new AuditEvent.SitePurge(site.siteId()), true);
            rows += site.rows();
          }
          return rows;
        });
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
    String sql = "DELETE FROM main.patronus_deleted_sites WHERE archive_id = ?";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, archiveId);
      statement.executeUpdate();
    }
  }
}
