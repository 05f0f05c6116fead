package dev.patronus.store.deletion;

import dev.patronus.site.DeletedItem;
import dev.patronus.site.RestoreConflict;
import dev.patronus.store.foreignkey.ForeignKey;
import dev.patronus.store.foreignkey.TableShape;
import dev.patronus.store.foreignkey.TableShapes;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import org.jdbi.v3.core.Handle;

/// Finds the missing parents of restored rows, and the archives that contain them.
///
/// Confined to the database's thread.
final class MissingParents {
  private final Handle handle;
  private final TableShapes shapes;
  private final Map<Long, DeletedItem> deleted;

  /// @param deleted all deleted sites and policies by the number of their archive
  MissingParents(Handle handle, TableShapes shapes, Map<Long, DeletedItem> deleted) {
    this.handle = handle;
    this.shapes = shapes;
    this.deleted = deleted;
  }

  /// The conflicts of the archived rows of a table with `reference`.
  List<RestoreConflict> of(ArchivedTable child, ForeignKey reference) {
    String tuple = String.join(", ", child.values("a", reference.childColumns()));
    String sql =
        "SELECT "
            + tuple
            + ", count(*)"
            + missing(child, reference)
            + " GROUP BY "
            + tuple
            + " LIMIT "
            + RowRestorer.NAMED_MAX;
    return handle.select(sql).map((row, _) -> conflict(child, reference, row)).list();
  }

  private static String missing(ArchivedTable child, ForeignKey reference) {
    List<String> values = child.values("a", reference.childColumns());
    StringBuilder sql = new StringBuilder(" FROM ").append(child.from("a"));
    sql.append(" WHERE ").append(child.chosen("a"));
    values.forEach(value -> sql.append(" AND ").append(value).append(" IS NOT NULL"));
    return sql.append(" AND NOT EXISTS (SELECT 1 FROM main.")
        .append(TableShape.quoted(reference.parent()))
        .append(" p WHERE ")
        .append(TableShape.equal(TableShape.columns("p", reference.parentColumns()), values))
        .append(")")
        .toString();
  }

  private RestoreConflict conflict(ArchivedTable child, ForeignKey reference, ResultSet row)
      throws SQLException {
    List<Object> key = new ArrayList<>();
    StringJoiner which = new StringJoiner(", ");
    for (int i = 0; i < reference.childColumns().size(); i++) {
      key.add(row.getObject(i + 1));
      which.add(reference.childColumns().get(i) + " " + row.getString(i + 1));
    }
    long rows = row.getLong(key.size() + 1);
    Optional<DeletedItem> holder =
        holder(reference.parent(), reference.parentColumns(), key, child.archiveId());
    String reason = "refers to a row of " + reference.parent() + " that no longer exists";
    return new RestoreConflict(child.name(), which.toString(), rows, reason, holder);
  }

  /// The deleted site or policy whose archive holds a row with this key; empty if none does.
  Optional<DeletedItem> holder(
      String table, List<String> columns, List<Object> key, long exceptArchive)
      throws SQLException {
    for (ArchivedTable candidate :
        ArchivedTable.elsewhere(handle.getConnection(), table, exceptArchive)) {
      if (candidate.has(columns) && holds(candidate, columns, key)) {
        return Optional.ofNullable(deleted.get(candidate.archiveId()));
      }
    }
    return Optional.empty();
  }

  private static String asColumn(String affinity) {
    return affinity.equals("BLOB") ? "?" : "CAST(? AS " + affinity + ")";
  }

  /// Whether an archived row has this key, under the rules of comparison of the table that it was
  /// taken from: its column's type, and letters alike if it may compare them so.
  private boolean holds(ArchivedTable candidate, List<String> columns, List<Object> key)
      throws SQLException {
    boolean collates = shapes.find(candidate.name()).map(TableShape::collates).orElse(false);
    StringBuilder sql =
        new StringBuilder("SELECT 1 FROM ")
            .append(candidate.from("a"))
            .append(" WHERE ")
            .append(candidate.chosen("a"));
    for (String column : columns) {
      sql.append(" AND ")
          .append(candidate.value("a", column))
          .append(" = ")
          .append(asColumn(candidate.affinity(column)))
          .append(collates ? " COLLATE NOCASE" : "");
    }
    sql.append(" LIMIT 1");
    return handle.select(sql, key.toArray()).map((_, _) -> true).findFirst().isPresent();
  }
}
