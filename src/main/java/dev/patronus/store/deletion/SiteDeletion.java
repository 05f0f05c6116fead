package dev.patronus.store.deletion;

import dev.patronus.audit.Actor;
import dev.patronus.audit.AuditEvent;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.site.DeletedSite;
import dev.patronus.site.DeletionPlan;
import dev.patronus.site.failover.FailoverChange;
import dev.patronus.store.Database;
import dev.patronus.store.SqliteErrors;
import dev.patronus.store.Transaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.sqlite.SQLiteErrorCode;

/// Deletes sites with all dependent rows, in one transaction that first archives every row.
///
/// Confined to the database's thread. Several sites go as if they went one after another: a path
/// between two of them is in the archive of the first.
public final class SiteDeletion {
  /// How much of the database SQLite may hold in memory meanwhile, in KiB: a large site's rows lie
  /// all over the file, and each page is met several times.
  private static final int CACHE_KIB = 64 << 10;

  /// What was deleted, and where it is kept.
  ///
  /// @param archives one for each site, in the same order
  public record Deleted(DeletionPlan plan, List<DeletedSite> archives) {
    public Deleted {
      archives = List.copyOf(archives);
    }
  }

  private final Database database;

  public SiteDeletion(Database database) {
    this.database = database;
  }

  /// The plan of a deletion. Nothing is changed.
  ///
  /// @param siteIds whole ids of sites that are there
  public DeletionPlan plan(List<String> siteIds) {
    return inMemory(() -> database.readAtOnce(connection -> readPlan(connection, siteIds)));
  }

  private static DeletionPlan readPlan(Connection connection, List<String> siteIds)
      throws SQLException {
    TableShapes shapes = new TableShapes(connection);
    ForeignKeyGraph graph = ForeignKeyGraph.read(connection, shapes);
    try (DeletionSet rows = DeletionSet.create(connection, graph, shapes)) {
      return new DeletionPlanReader(connection, rows).plan(siteIds);
    }
  }

  /// Deletes the sites, all or none.
  ///
  /// @param keep how long they can be restored, at least
  /// @param agreed the plan that the user confirmed; the current plan must not differ from it in
  ///   what matters. Empty if there was no confirmation
  /// @throws UserError that refuses, where it does differ or where the database does not let them
  ///   go; then nothing was changed
  public Deleted delete(
      Actor actor,
      Instant now,
      Duration keep,
      List<String> siteIds,
      Optional<DeletionPlan> agreed) {
    try {
      return inMemory(() ->
          database.write(
              actor, now, transaction -> delete(transaction, expiry(now, keep), siteIds, agreed)));
    } catch (UserError e) {
      throw SqliteErrors.is(e, SQLiteErrorCode.SQLITE_CONSTRAINT)
          ? blocked(actor, now, siteIds, e)
          : e;
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

  private Deleted delete(
      Transaction transaction,
      Instant expiresAt,
      List<String> siteIds,
      Optional<DeletionPlan> agreed)
      throws SQLException {
    Connection connection = transaction.connection();
    TableShapes shapes = new TableShapes(connection);
    ForeignKeyGraph graph = ForeignKeyGraph.read(connection, shapes);
    try (DeletionSet rows = DeletionSet.create(connection, graph, shapes)) {
      DeletionPlanReader reader = new DeletionPlanReader(connection, rows);
      DeletionPlan plan = reader.plan(siteIds);
      agreed.ifPresent(shown -> requireSame(shown, plan));
      try (DanglingReferences before = DanglingReferences.note(connection, touched(graph, plan))) {
        List<DeletedSite> archives = new ArrayList<>();
        for (DeletionPlan.PlannedSite site : plan.sites()) {
          if (siteIds.size() > 1) {
            reader.plan(List.of(site.siteId()));
          }
          archives.add(deleteOne(transaction, rows, before, site, expiresAt));
        }
        before.firstNew().ifPresent(SiteDeletion::refuse);
        return new Deleted(plan, archives);
      }
    }
  }

  private static void requireSame(DeletionPlan shown, DeletionPlan plan) {
    Optional<String> difference = shown.differenceTo(plan);
    if (difference.isPresent()) {
      throw new UserError(
          ExitCode.REFUSED,
          "the site changed while you were asked: "
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

  private static DeletedSite deleteOne(
      Transaction transaction,
      DeletionSet rows,
      DanglingReferences before,
      DeletionPlan.PlannedSite site,
      Instant expiresAt)
      throws SQLException {
    Connection connection = transaction.connection();
    long archiveId = ArchiveTable.insert(transaction, site.siteId(), site.name(), expiresAt);
    ArchiveWriter archive = new ArchiveWriter(connection, archiveId, rows);
    FailoverRewrite policies = new FailoverRewrite(connection, rows);
    List<FailoverChange> staying = policies.staying();
    archive.archiveDeleted(before);
    archive.keepBefore();
    policies.rewrite(staying);
    new RowDeleter(connection, rows).run();
    archive.keepAfter();
    ArchiveTable.setRows(connection, archiveId, archive.rows());
    transaction.audit(new AuditEvent.SiteDelete(site.siteId(), false), true);
    return new DeletedSite(
        archiveId,
        site.siteId(),
        site.name(),
        transaction.now(),
        transaction.actor().userId(),
        expiresAt,
        archive.rows());
  }

  /// Writes an audit row for each site that the database refused to delete.
  private UserError blocked(Actor actor, Instant now, List<String> siteIds, UserError refusal) {
    if (database.schema().has("audit_logs")) {
      database.writeAsIs(
          actor,
          now,
          transaction -> {
            for (String siteId : siteIds) {
              transaction.audit(new AuditEvent.SiteDelete(siteId, true), false);
            }
            return siteIds.size();
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
