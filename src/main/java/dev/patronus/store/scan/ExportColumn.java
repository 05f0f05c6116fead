package dev.patronus.store.scan;

import dev.patronus.output.table.Column.Kind;
import dev.patronus.output.table.Heading;

/// A column that can be exported, and where it is read.
///
/// Immutable.
///
/// @param sql an expression over the table, which is called `t`
public record ExportColumn(Heading heading, String sql, CellType shape) {
  static ExportColumn plain(String name, Kind kind) {
    return new ExportColumn(Heading.of(name, kind), "t." + name, CellType.PLAIN);
  }

  static ExportColumn of(String name, Kind kind, CellType shape) {
    return new ExportColumn(Heading.of(name, kind), "t." + name, shape);
  }

  static ExportColumn of(String name, Kind kind, CellType shape, String sql) {
    return new ExportColumn(Heading.of(name, kind), sql, shape);
  }

  public String name() {
    return heading.name();
  }
}
