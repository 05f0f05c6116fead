package dev.patronus.store.deletion;

import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/// The foreign keys that pointed at nothing before a change, so that those which the change broke
/// can be told from them.
///
/// Confined to the database's thread. The creator closes them, which drops a temporary table.
final class DanglingReferences implements AutoCloseable {
  private static final String VIOLATIONS =
      " SELECT \"table\", rowid, parent, fkid FROM pragma_foreign_key_check(?, 'main')";

  private final Handle handle;
  private final Set<String> tables;

  private DanglingReferences(Handle handle, Set<String> tables) {
    this.handle = handle;
    this.tables = tables;
  }

  /// Notes those that the tables have now.
  static DanglingReferences note(Handle handle, Set<String> tables) {
    handle.execute("CREATE TEMP TABLE patronus_dangling (child, row_id, parent, key_id)");
    for (String table : tables) {
      handle.execute("INSERT INTO temp.patronus_dangling" + VIOLATIONS, table);
    }
    return new DanglingReferences(handle, tables);
  }

  /// The first that was not there before, in words; empty if there is none.
  Optional<String> firstNew() {
    String sql = VIOLATIONS + " EXCEPT SELECT * FROM temp.patronus_dangling LIMIT 1";
    for (String table : tables) {
      Optional<String> found =
          handle
              .select(sql, table)
              .map((row, _) ->
                  "row "
                      + row.getString(2)
                      + " of "
                      + row.getString(1)
                      + " would point at a row of "
                      + row.getString(3)
                      + " that is not there")
              .findFirst();
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    handle.execute("DROP TABLE IF EXISTS temp.patronus_dangling");
  }
}
