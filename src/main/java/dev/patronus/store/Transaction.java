package dev.patronus.store;

import dev.patronus.audit.Actor;
import dev.patronus.audit.AuditEvent;
import java.sql.Connection;
import java.time.Instant;
import org.jdbi.v3.core.Handle;

/// A change in progress: who makes it, when, and its audit trail.
///
/// Confined to one thread; valid until the work that it was given to returns.
public final class Transaction {
  private final Database database;
  private final Actor actor;
  private final Instant now;

  Transaction(Database database, Actor actor, Instant now) {
    this.database = database;
    this.actor = actor;
    this.now = now;
  }

  public Actor actor() {
    return actor;
  }

  /// The instant of the change, the same for all that it writes.
  public Instant now() {
    return now;
  }

  public Connection connection() {
    return database.connection();
  }

  /// JDBI within this transaction.
  public Handle handle() {
    return database.handle();
  }

  Schema schema() {
    return database.schema();
  }

  /// Writes the change's row of the audit trail; gives its id.
  public long audit(AuditEvent event, boolean success) {
    return new AuditTable(database).insert(actor, now, event, success);
  }

  /// Brings the row that an earlier transaction of the same change wrote up to date.
  public void amendAudit(long id, AuditEvent event) {
    new AuditTable(database).amend(id, event);
  }
}
