package dev.patronus.store.retention;

import dev.patronus.audit.Actor;
import dev.patronus.audit.AuditEvent;
import dev.patronus.error.Counted;
import dev.patronus.error.UserError;
import dev.patronus.json.Json;
import dev.patronus.store.Database;
import dev.patronus.store.Transaction;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/// How many rows of the history a task has deleted so far, and the one row of the audit trail that
/// says so: the first transaction that deletes anything begins it, each later one brings it up to
/// date.
///
/// Confined to the database's thread.
final class DeletedHistory {

  /// Deletes some rows within a transaction, and returns how many of which table.
  @FunctionalInterface
  interface Deletion {
    Map<String, Long> from(Handle handle) throws SQLException;
  }

  private final Database database;
  private final AuditEvent.Type action;
  private final String rule;
  private final String ruleText;
  private Map<String, Long> rows = new TreeMap<>();
  private OptionalLong auditRow = OptionalLong.empty();

  /// @param action what the audit trail says of it
  /// @param rule the name of what tells which rows go: `older_than`
  DeletedHistory(Database database, AuditEvent.Type action, String rule, String ruleText) {
    this.database = database;
    this.action = action;
    this.rule = rule;
    this.ruleText = ruleText;
  }

  /// Deletes in one transaction of its own; where that fails, all is as it was before, the count
  /// included.
  ///
  /// @throws UserError that says how many rows earlier transactions have deleted
  void delete(Actor actor, Instant now, Deletion deletion) {
    Map<String, Long> rowsBefore = new TreeMap<>(rows);
    OptionalLong auditRowBefore = auditRow;
    Database.Change<Boolean> change = transaction -> delete(transaction, deletion);
    try {
      boolean _ =
          auditRow.isEmpty()
              ? database.writePart(actor, now, change)
              : database.writeAsIs(actor, now, change);
    } catch (UserError e) {
      undo(rowsBefore, auditRowBefore);
      throw partly(e);
    } catch (RuntimeException e) {
      undo(rowsBefore, auditRowBefore);
      throw e;
    }
  }

  private void undo(Map<String, Long> rowsBefore, OptionalLong auditRowBefore) {
    rows = rowsBefore;
    auditRow = auditRowBefore;
  }

  /// Never says that nothing was changed: the task may have rolled rows up before.
  private UserError partly(UserError e) {
    String rows = Counted.of(total(), "row was", "rows were") + " deleted";
    String deleted =
        total() == 0
            ? "no row was deleted"
            : rows + " before that and " + (total() == 1 ? "stays" : "stay") + " deleted";
    return new UserError(e.exitCode(), e.getMessage() + "; " + deleted, e);
  }

  private boolean delete(Transaction transaction, Deletion deletion) throws SQLException {
    long before = total();
    deletion.from(transaction.handle()).forEach((table, gone) -> count(table, gone));
    boolean deleted = total() > before;
    if (deleted) {
      audit(transaction);
    }
    return deleted;
  }

  private void count(String table, long gone) {
    if (gone > 0) {
      rows.merge(table, gone, Long::sum);
    }
  }

  private void audit(Transaction transaction) {
    Map<String, Json> details = new TreeMap<>();
    details.put(rule, new Json.Text(ruleText));
    rows.forEach((table, gone) -> details.put(table, Json.Num.of(gone)));
    AuditEvent event = new AuditEvent.DatabaseChange(action, details);
    if (auditRow.isEmpty()) {
      auditRow = OptionalLong.of(transaction.audit(event, true));
    } else {
      transaction.amendAudit(auditRow.getAsLong(), event);
    }
  }

  /// Those of each table, by its name.
  Map<String, Long> rows() {
    return Map.copyOf(rows);
  }

  /// Those of all tables.
  long total() {
    return rows.values().stream().mapToLong(Long::longValue).sum();
  }
}
