package dev.patronus.store.deletion;

import dev.patronus.store.foreignkey.ForeignKey;
import dev.patronus.store.foreignkey.ForeignKey.OnDelete;
import dev.patronus.store.foreignkey.ForeignKeyGraph;
import dev.patronus.store.foreignkey.TableShape;
import dev.patronus.store.foreignkey.TemporaryRowSet;
import java.util.List;
import java.util.StringJoiner;
import org.jdbi.v3.core.Handle;

/// Deletes the rows of a [DependentRows], unreferenced rows first.
///
/// Confined to the database's thread. Within a transaction, whose foreign key checks it defers to
/// the commit, so that rows which reference one another can be deleted together. `ON DELETE
/// RESTRICT` does not wait (sqlite.org/foreignkeys.html §4.3): where it leads back into its own or
/// an earlier table, unreferenced rows are deleted layer by layer.
final class RowDeleter {
  private final Handle handle;
  private final DependentRows rows;
  private final ForeignKeyGraph graph;

  RowDeleter(Handle handle, DependentRows rows) {
    this.handle = handle;
    this.rows = rows;
    this.graph = rows.graph();
  }

  void run() {
    handle.execute("PRAGMA defer_foreign_keys = ON");
    clearUndeclared();
    List<String> outermostFirst = graph.tables().reversed();
    if (outermostFirst.stream().anyMatch(this::isHeldFromBehind)) {
      peel(outermostFirst);
    }
    for (String table : outermostFirst) {
      delete(table, "");
    }
  }

  /// Empties the references that no key tells SQLite to empty.
  private void clearUndeclared() {
    for (String table : graph.tables()) {
      for (ForeignKey reference : graph.pointingAt(table)) {
        TemporaryRowSet staying = rows.rewrittenOf(reference.child());
        if (!reference.declared() && reference.keepsChild(staying.shape())) {
          clear(reference, staying, reference.pointsInto(rows.of(table), staying.shape()));
        }
        if (rows.root() == Root.LEFTOVERS && reference.emptiesChild(staying.shape())) {
          clear(reference, staying, reference.dangles(staying.shape()));
        }
      }
    }
  }

  private void clear(ForeignKey reference, TemporaryRowSet staying, String condition) {
    StringJoiner columns = new StringJoiner(", ");
    reference.childColumns().forEach(name -> columns.add(TableShape.quoted(name) + " = NULL"));
    handle.execute(
        "UPDATE OR ABORT "
            + staying.shape().sqlName()
            + " AS c SET "
            + columns
            + " WHERE "
            + staying.contains("c")
            + " AND "
            + condition);
  }

  private boolean isHeldFromBehind(String table) {
    return graph.pointingAt(table).stream().anyMatch(this::holdsFromBehind);
  }

  private boolean holdsFromBehind(ForeignKey reference) {
    return reference.onDelete() == OnDelete.RESTRICT && graph.leadsBack(reference);
  }

  private void peel(List<String> tables) {
    long gone;
    do {
      gone = 0;
      for (String table : tables) {
        StringBuilder free = new StringBuilder();
        for (ForeignKey reference : graph.pointingAt(table)) {
          if (reference.onDelete() == OnDelete.RESTRICT) {
            free.append(" AND NOT EXISTS (").append(holder(reference)).append(')');
          }
        }
        gone += delete(table, free.toString());
      }
    } while (gone > 0);
  }

  /// The rows `h` that hold the row `t`; a row does not hold itself.
  private String holder(ForeignKey reference) {
    TableShape child = rows.of(reference.child()).shape();
    String same =
        reference.child().equals(reference.parent())
            ? " AND NOT (" + TableShape.equal(child.identity("h"), child.identity("t")) + ")"
            : "";
    return "SELECT 1 FROM "
        + child.sqlName()
        + " h WHERE "
        + TableShape.equal(
            TableShape.columns("t", reference.parentColumns()),
            TableShape.columns("h", reference.childColumns()))
        + same;
  }

  private long delete(String table, String condition) {
    TemporaryRowSet set = rows.of(table);
    return handle.execute(
        "DELETE FROM " + set.shape().sqlName() + " AS t WHERE " + set.contains("t") + condition);
  }
}
