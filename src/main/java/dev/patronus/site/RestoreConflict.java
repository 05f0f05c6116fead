package dev.patronus.site;

import java.util.Objects;
import java.util.Optional;

/// A conflict: a row of a deleted site or policy, or several alike, that cannot be restored.
///
/// Immutable.
///
/// @param row which row: the values of its key, `path_id 17`; empty where the table itself is the
///   conflict
/// @param rows how many rows it stops
/// @param neededFirst the deleted site or policy that must come back before it; empty where that is
///   not it
public record RestoreConflict(
    String table, String row, long rows, String reason, Optional<DeletedItem> neededFirst) {

  public RestoreConflict {
    Objects.requireNonNull(table, "table");
    Objects.requireNonNull(row, "row");
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(neededFirst, "neededFirst");
  }
}
