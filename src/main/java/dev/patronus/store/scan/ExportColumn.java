package dev.patronus.store.scan;

import dev.patronus.output.table.Column;
import dev.patronus.output.table.Column.Kind;

/// A column that can be exported, and where it is read.
///
/// Immutable.
///
/// @param sql an expression over the table, which is called `t`
public record ExportColumn(Column column, String sql, CellType shape) {
  static ExportColumn plain(String name, Kind kind) {
    return new ExportColumn(Column.of(name, kind), "t." + name, CellType.PLAIN);
  }

  static ExportColumn of(String name, Kind kind, CellType shape) {
    return new ExportColumn(Column.of(name, kind), "t." + name, shape);
  }

  static ExportColumn of(String name, Kind kind, CellType shape, String sql) {
    return new ExportColumn(Column.of(name, kind), sql, shape);
  }

  public String name() {
    return column.name();
  }
}
