package dev.patronus.site;

import java.util.List;

/// The outcome of a restoration or of its dry run: the restored rows, or the conflicts.
///
/// Immutable.
///
/// @param notes what was put back in another way than it was taken, in sentences
/// @param conflicts what cannot come back; if there are any, nothing came
public record Restoration(
    List<DeletedItem> items,
    List<TableRows> tables,
    List<String> notes,
    List<RestoreConflict> conflicts) {

  public Restoration {
    items = List.copyOf(items);
    tables = List.copyOf(tables);
    notes = List.copyOf(notes);
    conflicts = List.copyOf(conflicts);
  }

  public long rows() {
    return tables.stream().mapToLong(TableRows::rows).sum();
  }

  /// The deleted sites or policies that must come back first, each once.
  public List<DeletedItem> neededFirst() {
    return conflicts.stream().flatMap(o -> o.neededFirst().stream()).distinct().toList();
  }
}
