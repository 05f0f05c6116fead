package dev.patronus.store;

import dev.patronus.export.Column;
import dev.patronus.export.Column.Kind;

/// A column that can be exported, and where it is read.
///
/// Immutable.
///
/// @param sql an expression over the table, which is called `t`
public record Field(Column column, String sql, Shape shape) {
  static Field plain(String name, Kind kind) {
    return new Field(Column.of(name, kind), "t." + name, Shape.PLAIN);
  }

  static Field of(String name, Kind kind, Shape shape) {
    return new Field(Column.of(name, kind), "t." + name, shape);
  }

  static Field of(String name, Kind kind, Shape shape, String sql) {
    return new Field(Column.of(name, kind), sql, shape);
  }

  public String name() {
    return column.name();
  }
}
