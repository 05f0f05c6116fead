package dev.patronus.store.foreignkey;

import java.util.List;
import java.util.Locale;

/// A way in which rows of one table point at rows of another.
///
/// Immutable.
///
/// @param declared whether the database itself knows of it, as a foreign key
public record ForeignKey(
    String child,
    List<String> childColumns,
    String parent,
    List<String> parentColumns,
    OnDelete onDelete,
    boolean declared) {

  /// What a declared key asks for when the row goes that is pointed at.
  public enum OnDelete {
    NO_ACTION,
    RESTRICT,
    CASCADE,
    SET_NULL,
    SET_DEFAULT;

    static OnDelete of(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT).replace(' ', '_'));
    }
  }

  public ForeignKey {
    childColumns = List.copyOf(childColumns);
    parentColumns = List.copyOf(parentColumns);
  }

  /// A reference that the platform keeps without declaring it: a path's id, as a number or as text.
  static ForeignKey toPath(String child, String column) {
    return new ForeignKey(
        child, List.of(column), "sdwan_paths", List.of("path_id"), OnDelete.NO_ACTION, false);
  }

  /// A policy's id that the platform keeps without declaring it; the row stays when the policy
  /// goes.
  static ForeignKey toPolicy(String child, String column) {
    return new ForeignKey(
        child, List.of(column), "sdwan_policies", List.of("policy_id"), OnDelete.SET_NULL, false);
  }

  /// The condition under which a row `c` of the child table points at a row in `parents`.
  ///
  /// Where both sides hold the same kind of value and compare it byte by byte, the child's index
  /// finds the rows. Elsewhere each child row is looked up in the parent table, under the parent's
  /// rules of comparison, as foreign keys are (sqlite.org/foreignkeys.html §3).
  public String pointsInto(TemporaryRowSet parents, TableShape childShape) {
    List<String> to = TableShape.columns("p", parentColumns);
    if (!declared) {
      return within(parents, asStored(to, childShape));
    }
    if (comparesAlike(childShape, parents.shape())) {
      return within(parents, to);
    }
    List<String> from =
        TableShape.columns("c", childColumns).stream().map(column -> "+" + column).toList();
    return "EXISTS (SELECT 1 FROM "
        + parents.shape().sqlName()
        + " p CROSS JOIN "
        + parents.sqlName()
        + " m ON "
        + parents.joinedTo("p", "m")
        + " WHERE "
        + TableShape.equal(to, from)
        + ")";
  }

  /// The condition under which a row `c` of the child table points at a row that is not there,
  /// under the parent's rules of comparison.
  public String dangles(TableShape childShape) {
    List<String> from = TableShape.columns("c", childColumns);
    StringBuilder sql = new StringBuilder();
    from.forEach(column -> sql.append(column).append(" IS NOT NULL AND "));
    List<String> plain = from.stream().map(column -> "+" + column).toList();
    return sql.append(missing(declared ? plain : from, childShape)).toString();
  }

  /// The same where an index of the child begins with the column: each of its values is looked up
  /// once, however many rows have it.
  public String danglesByValue(TableShape childShape) {
    String column = TableShape.quoted(childColumns.getFirst());
    return """
    c.COLUMN IN (
      WITH RECURSIVE found(value) AS (
        SELECT min(COLUMN) FROM CHILD
        UNION ALL
        SELECT (SELECT min(COLUMN) FROM CHILD WHERE COLUMN > found.value)
        FROM found WHERE found.value IS NOT NULL)
      SELECT value FROM found f WHERE f.value IS NOT NULL AND MISSING)\
    """
        .replace("MISSING", missing(List.of("f.value"), childShape))
        .replace("COLUMN", column)
        .replace("CHILD", childShape.sqlName());
  }

  /// Whether [#danglesByValue] tells the same, if the index is there.
  public boolean isOneValue(TableShape childShape, TableShape parentShape) {
    return childColumns.size() == 1
        && !childShape.collates()
        && (!declared || comparesAlike(childShape, parentShape));
  }

  /// The condition that no row `p` of the parent table has these values.
  private String missing(List<String> values, TableShape childShape) {
    List<String> to = TableShape.columns("p", parentColumns);
    String table = "main." + TableShape.quoted(parent) + " p";
    return declared
        ? "NOT EXISTS (SELECT 1 FROM " + table + " WHERE " + TableShape.equal(to, values) + ")"
        : values.getFirst()
            + " NOT IN (SELECT "
            + asStored(to, childShape).getFirst()
            + " FROM "
            + table
            + ")";
  }

  private String within(TemporaryRowSet parents, List<String> to) {
    return TableShape.tuple(TableShape.columns("c", childColumns))
        + " IN (SELECT "
        + String.join(", ", to)
        + " FROM "
        + parents.sqlName()
        + " m CROSS JOIN "
        + parents.shape().sqlName()
        + " p ON "
        + parents.joinedTo("p", "m")
        + ")";
  }

  /// Ids as the child stores them: text in a column of text.
  private List<String> asStored(List<String> to, TableShape childShape) {
    boolean text =
        childShape
            .find(childColumns.getFirst())
            .map(column -> column.affinity().equals("TEXT"))
            .orElse(false);
    return text ? List.of("CAST(" + to.getFirst() + " AS TEXT)") : to;
  }

  private boolean comparesAlike(TableShape childShape, TableShape parentShape) {
    if (childShape.collates() || parentShape.collates()) {
      return false;
    }
    for (int i = 0; i < childColumns.size(); i++) {
      var from = childShape.find(childColumns.get(i)).map(TableShape.Column::affinity);
      var to = parentShape.find(parentColumns.get(i)).map(TableShape.Column::affinity);
      if (from.isEmpty() || !from.equals(to)) {
        return false;
      }
    }
    return true;
  }

  /// Whether the child's rows stay, and the columns that pointed at the parent are NULL from then
  /// on.
  public boolean emptiesChild(TableShape childShape) {
    return onDelete == OnDelete.SET_NULL && keepsChild(childShape);
  }

  /// Whether the child's rows stay, with what pointed at the parent taken out of them. A column
  /// that must have a value cannot be emptied; such a row goes.
  public boolean keepsChild(TableShape childShape) {
    return switch (onDelete) {
      case NO_ACTION, RESTRICT, CASCADE -> false;
      case SET_DEFAULT -> true;
      case SET_NULL ->
          childColumns.stream()
              .flatMap(column -> childShape.find(column).stream())
              .noneMatch(TableShape.Column::notNull);
    };
  }
}
