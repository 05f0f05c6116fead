package dev.patronus.site;

import java.util.List;

/// What came back, or would; or what stands in the way.
///
/// Immutable.
///
/// @param notes what was put back in another way than it was taken, in sentences
/// @param obstacles what cannot come back; if there are any, nothing came
public record Restoration(
    List<DeletedSite> sites,
    List<TableRows> tables,
    List<String> notes,
    List<RestoreConflict> obstacles) {

  public Restoration {
    sites = List.copyOf(sites);
    tables = List.copyOf(tables);
    notes = List.copyOf(notes);
    obstacles = List.copyOf(obstacles);
  }

  public long rows() {
    return tables.stream().mapToLong(TableRows::rows).sum();
  }

  /// The deleted sites that must come back first, each once.
  public List<DeletedSite> neededFirst() {
    return obstacles.stream().flatMap(o -> o.neededFirst().stream()).distinct().toList();
  }
}
