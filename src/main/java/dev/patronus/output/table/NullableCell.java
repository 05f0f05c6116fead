package dev.patronus.output.table;

import java.util.OptionalDouble;

/// The cell of a value that may be absent: null is an empty cell.
public final class NullableCell {
  private NullableCell() {}

  public static Double of(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }
}
